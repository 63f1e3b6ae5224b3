"""Reads dossier codes as people write them: four families, tolerant of spaces, case, O for 0, l for 1 and odd dashes.

The families and the real codes they were taken from: ``NNN.NN.NN.HNN-YYMMDD-NNNN`` (one-stop offices before 2025),
``HNN.N-YYMMDD-NNNN`` (provinces), ``GNN.NNN-YYMMDD-NNNN`` (ministries) and ``NNNNN/YYYY/NNNNN`` (social insurance).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from enum import Enum
from typing import Optional


class CodeFamily(str, Enum):
    ONE_STOP = "one_stop"
    PROVINCE = "province"
    MINISTRY = "ministry"
    SOCIAL_INSURANCE = "social_insurance"


class CodeProblem(str, Enum):
    """What is wrong with a text that was meant as a code. Facts only: the sentence is worded elsewhere."""

    NOT_A_CODE = "not_a_code"
    AGENCY_MISSING = "agency_missing"
    DATE_MISSING = "date_missing"
    DATE_LENGTH = "date_length"
    DATE_IMPOSSIBLE = "date_impossible"
    DATE_IN_FUTURE = "date_in_future"
    SERIAL_MISSING = "serial_missing"
    SERIAL_LENGTH = "serial_length"


class DossierCodeInvalid(ValueError):
    """Not a dossier code: tell the citizen what is missing. ``problem`` says what, never the text itself."""

    def __init__(self, problem: CodeProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


_DIGIT = "[0-9OolI]"
_DOT = r"\s*[.,]\s*"
_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2212-"
_DASH = rf"(?:\s*[{_HYPHENS}]\s*|\s+)"
_ONE_STOP = rf"{_DIGIT}{{3}}{_DOT}{_DIGIT}{{2}}{_DOT}{_DIGIT}{{2}}{_DOT}[A-Za-z]{_DIGIT}{{2}}"
_UNIT = rf"[HGhg]{_DIGIT}{{2}}(?:{_DOT}{_DIGIT}{{1,3}}){{1,3}}"
_START = r"(?<![\w./-])"
_END = rf"(?!\w|[.,{_HYPHENS}]\w)"

# A serial may follow the date without a dash, but not with six digits: twelve in a row are a payment's number.
_DATED = re.compile(
    rf"{_START}(?P<agency>{_ONE_STOP}|{_UNIT}){_DASH}(?P<date>{_DIGIT}{{6}})"
    rf"(?:{_DASH}(?P<serial>{_DIGIT}{{3,6}})|(?P<joined>{_DIGIT}{{3,5}})){_END}"
)
_INSURANCE = re.compile(
    rf"{_START}(?P<agency>{_DIGIT}{{5}})\s*/\s*(?P<year>2[0Oo]{_DIGIT}{{2}})\s*/\s*(?P<serial>{_DIGIT}{{4,6}}){_END}"
)

# What somebody types who means a code and gets it wrong. The groups are judged one by one in `_diagnose`.
_AGENCY_ATTEMPT = re.compile(
    rf"{_START}(?P<agency>{_ONE_STOP}|{_UNIT}|(?:[HGhg]\d{{2}}|\d{{3}}{_DOT}\d{{2}}{_DOT}\d{{2}})(?={_DASH}\d{{5}}))"
    rf"(?P<rest>(?:[\s{_HYPHENS}]+{_DIGIT}+)*)(?P<tail>\w?)"
)
_BARE_ATTEMPT = re.compile(rf"{_START}(?P<date>\d{{6}})\s*[{_HYPHENS}]\s*\d{{3,6}}{_END}")
_INSURANCE_ATTEMPT = re.compile(rf"{_START}\d{{5}}\s*/\s*20\d{{2}}{_END}(?!\s*/\s*\w)")

_DIGITS = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1", ",": "."})


@dataclass(frozen=True)
class DossierCode:
    """The code of one dossier. ``str()`` gives the canonical form; ``received_on`` is None for social insurance.

    Agency prefixes are never judged: the codes of merged provinces live on in old dossiers.
    """

    text: str
    family: CodeFamily
    received_on: Optional[dt.date] = None

    def __str__(self) -> str:
        return self.text

    @classmethod
    def parse(cls, text: str, today: Optional[dt.date] = None) -> DossierCode:
        """The code in ``text``. Raises DossierCodeInvalid. With ``today``, a later date of reception is a problem."""
        compact = re.sub(r"\s+", "", text)
        match = _match(compact, whole=True) or _match(text)
        if match is None:
            raise DossierCodeInvalid(_diagnose(text))
        return _build(match, today)

    @classmethod
    def find(cls, text: str, today: Optional[dt.date] = None) -> Optional[DossierCode]:
        """The first valid code inside a sentence, or None."""
        for pattern in (_DATED, _INSURANCE):
            for match in pattern.finditer(text):
                try:
                    return _build(match, today)
                except DossierCodeInvalid:
                    continue
        return None


def looks_like_code(text: str) -> bool:
    """Whether the sentence holds a dossier code, or something meant as one (``parse`` says what is wrong)."""
    return _match(text) is not None or _diagnose(text) is not CodeProblem.NOT_A_CODE


def _match(text: str, whole: bool = False) -> Optional[re.Match[str]]:
    if whole:
        return _DATED.fullmatch(text) or _INSURANCE.fullmatch(text)
    return _DATED.search(text) or _INSURANCE.search(text)


def _build(match: re.Match[str], today: Optional[dt.date]) -> DossierCode:
    if match.re is _INSURANCE:
        agency, year, serial = (_digits(match[name]) for name in ("agency", "year", "serial"))
        if today is not None and int(year) > today.year:
            raise DossierCodeInvalid(CodeProblem.DATE_IN_FUTURE)
        return DossierCode(f"{agency}/{year}/{serial}", CodeFamily.SOCIAL_INSURANCE)
    date = _digits(match["date"])
    received_on = _date(date)
    if received_on is None:
        raise DossierCodeInvalid(CodeProblem.DATE_IMPOSSIBLE)
    if today is not None and received_on > today:
        raise DossierCodeInvalid(CodeProblem.DATE_IN_FUTURE)
    agency = _digits(match["agency"]).upper()
    serial = _digits(match["serial"] or match["joined"])
    return DossierCode(f"{agency}-{date}-{serial}", _family(agency), received_on)


def _family(agency: str) -> CodeFamily:
    return {"H": CodeFamily.PROVINCE, "G": CodeFamily.MINISTRY}.get(agency[0], CodeFamily.ONE_STOP)


def _digits(text: str) -> str:
    return re.sub(r"\s+", "", text).translate(_DIGITS)


def _date(digits: str) -> Optional[dt.date]:
    try:
        return dt.datetime.strptime(f"20{digits}", "%Y%m%d").date()
    except ValueError:
        return None


def _diagnose(text: str) -> CodeProblem:
    attempt = _AGENCY_ATTEMPT.search(text)
    if attempt is not None and not attempt["tail"]:
        return _diagnose_rest(attempt["agency"], attempt["rest"])
    bare = _BARE_ATTEMPT.search(text)
    if bare is not None and _date(bare["date"]) is not None:
        return CodeProblem.AGENCY_MISSING
    return CodeProblem.SERIAL_MISSING if _INSURANCE_ATTEMPT.search(text) else CodeProblem.NOT_A_CODE


def _diagnose_rest(agency: str, rest: str) -> CodeProblem:
    groups = [_digits(group) for group in re.split(rf"[\s{_HYPHENS}]+", rest) if group]
    if re.fullmatch(rf"(?:{_ONE_STOP}|{_UNIT})", agency) is None and groups:
        return CodeProblem.AGENCY_MISSING
    if not groups:
        return CodeProblem.DATE_MISSING
    date, *serials = groups
    if len(date) == 12 and not serials:
        return CodeProblem.NOT_A_CODE
    if len(date) != 6:
        return CodeProblem.DATE_LENGTH if serials else CodeProblem.DATE_MISSING
    if _date(date) is None:
        return CodeProblem.DATE_IMPOSSIBLE
    return CodeProblem.SERIAL_LENGTH if serials else CodeProblem.SERIAL_MISSING
