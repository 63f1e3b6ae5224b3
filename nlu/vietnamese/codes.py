"""Codes as citizens type them: of dossiers (generously, also incomplete), of procedures, of joined channels, and the
last four digits.
"""

from __future__ import annotations

import re
from typing import Iterator

from nlu.vietnamese.folding import fold
from nlu.vietnamese.spans import Span

# People read codes aloud, copy them from paper and photograph them: letter O for zero, commas and spaces for dots.
_D = r"[0-9oO]"
_DOT = r"\s?[.,]\s?|\s"
_TAIL = rf"(?:\s*[-–—_.]?\s*{_D}{{4,6}}(?:\s*[-–—_.]?\s*{_D}{{2,6}})?)"
_DOSSIER = re.compile(
    rf"(?<![\w.])(?:"
    # Agency code of QCVN 102:2016 ("000.00.04.H51"), whole or in part, also with the dots left out.
    rf"{_D}{{3}}(?:{_DOT}){_D}{{2}}(?:{_DOT}){_D}{{2}}(?:{_DOT})[HhGg]\s?{_D}{{2}}{_TAIL}?"
    rf"|{_D}{{7}}[HhGg]{_D}{{2}}{_TAIL}?"
    # Agency code since 2020 ("H57.132", "G01.899.909"): the letter, then two or more groups.
    rf"|[HhGg]\s?{_D}{{2}}(?:(?:{_DOT}){_D}{{1,3}}){{1,3}}{_TAIL}?"
    rf"|[HhGg]{_D}{{2}}\s*[-–—]\s*{_D}{{6}}(?:\s*[-–—]\s*{_D}{{2,6}})?"
    # Social insurance.
    r"|\d{3,5}/20\d{2}/\d{2,6}"
    # Date of receipt and serial, alone or behind a local agency code.
    r"|(?:[A-Za-z][\w.]{1,14}\s?[-–—]\s?)?[1-4]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\s?[-–—]\s?\d{3,6}"
    r")(?![\w/])"
)
# After "mã hồ sơ" anything that looks like a code is meant as one; the dialogue then explains what is wrong with it.
_NAMED_DOSSIER = re.compile(
    r"(?:ma (?:so )?(?:ho so|bien nhan|phieu hen|tra cuu)|so (?:ho so|bien nhan|phieu hen|phieu)"
    r"|ho so (?:ma |so |ma so )?"
    r"|bien nhan|(?:file|dossier|case|application|receipt)(?: (?:code|number|no))?)"
    r"(?: cua (?:toi|em|minh|chau|con))?(?: (?:la|so|is|ma))?\s*[:#]?\s*"
    r"((?=[\w.\-/]*\d[\w.\-/]*\d[\w.\-/]*\d[\w.\-/]*\d)[a-z0-9][\w.\-/]{4,34}\w)"
)
_PROCEDURE = re.compile(r"(?<![\w.])([1-6])\s?[.,]\s?(\d{6})(?![\w]|[.,]\d)")
_NAMED_PROCEDURE = re.compile(
    r"(?:ma(?: so)?(?: thu tuc| tthc)?|thu tuc(?: ma| so)?|procedure(?: code| number)?)\s*:?\s*([1-6])(\d{6})(?!\w)"
)
# As the assistant gives it ("LK-7KMP-3XQ9"), copied in any way; it always has a digit, which no word has.
_LINK = re.compile(r"(?<!\w)lk[\W_]{0,3}([0-9a-z]{4})[\W_]{0,3}([0-9a-z]{4})(?!\w)")
_DATE = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}")
_FOUR = re.compile(r"(?<![\w.,/-])\d{4}(?![\w/-]|[.,]\d)")
_ABOUT_LAST_FOUR = re.compile(r"so cuoi|duoi so|so duoi|cuoi (?:la|cua)|last (?:four|4)|ending|4 so|bon so|four digits")
_YEAR_BEFORE = re.compile(r"(?:nam|nghi dinh|thong tu|luat|quyet dinh|so|year|decree|law|in)\s*$")


def find_codes(text: str) -> list[Span]:
    """Codes in ``text`` as typed, in order, none inside another. ``text`` is the original, not the normalised one.

    A dossier code's value is the text as typed in upper case without outer spaces: its meaning is not judged here.
    """
    # fold() keeps positions only for composed text; decomposed messages are rare and hold codes as ASCII all the same.
    folded = fold(text)
    aligned = folded if len(folded) == len(text) else text.lower()
    taken: list[Span] = []
    for found in (_links(aligned), _dossiers(text, aligned), _procedures(text, aligned), _last_four(text, aligned)):
        for span in found:
            if all(span.end <= other.start or span.start >= other.end for other in taken):
                taken.append(span)
    return sorted(taken, key=lambda span: span.start)


def _links(folded: str) -> Iterator[Span]:
    for match in _LINK.finditer(folded):
        code = "".join(match.groups()).upper()
        if any(character.isdigit() for character in code):
            yield Span("link_code", code, *match.span())


def _dossiers(text: str, folded: str) -> Iterator[Span]:
    for match in _DOSSIER.finditer(text):
        yield Span("dossier_code", match.group().strip().upper(), match.start(), match.end())
    for match in _NAMED_DOSSIER.finditer(folded):
        start, end = match.span(1)
        # A named thing of digits only is left to the other rules when it is a procedure's code or a date.
        if not _PROCEDURE.fullmatch(folded[start:end]) and not _DATE.fullmatch(folded[start:end]):
            yield Span("dossier_code", text[start:end].upper(), start, end)


def _procedures(text: str, folded: str) -> Iterator[Span]:
    for match in (*_PROCEDURE.finditer(text), *_NAMED_PROCEDURE.finditer(folded)):
        yield Span("procedure_code", f"{match.group(1)}.{match.group(2)}", match.start(1), match.end(2))


def _last_four(text: str, folded: str) -> Iterator[Span]:
    numbers = list(_FOUR.finditer(text))
    if len(numbers) != 1:
        return
    start, end = numbers[0].span()
    words_around = len((folded[:start] + " " + folded[end:]).split())
    asked_for = _ABOUT_LAST_FOUR.search(folded) is not None
    if asked_for or (words_around <= 3 and not _YEAR_BEFORE.search(folded[:start])):
        yield Span("last_four", text[start:end], start, end)
