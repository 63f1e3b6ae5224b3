"""What an import repaired by itself and what it leaves for an official to look at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Callable


class Kind(str, Enum):
    """One kind of defect in an official export; ``is_repair`` tells the two halves of the report apart."""

    NOTE_NOT_PAPER = "note_not_paper"
    PAPERS_SORTED = "papers_sorted"
    PAPERS_FROM_RAW_TEXT = "papers_from_raw_text"
    COUNT_FROM_NAME = "count_from_name"
    UNIT_ASSUMED = "unit_assumed"
    UNIT_FROM_TEXT = "unit_from_text"
    FEE_FROM_TEXT = "fee_from_text"
    FILE_IS_NO_FORM = "file_is_no_form"
    FILE_NAME_REMOVED = "file_name_removed"
    HOUSEHOLD_BOOK = "household_book"
    CHARACTERS = "characters"
    RESULT_CODE_REMOVED = "result_code_removed"
    SOURCE_BY_CODE = "source_by_code"

    NO_PAPERS = "no_papers"
    UNIT_MISSING = "unit_missing"
    TIME_UNREADABLE = "time_unreadable"
    TIME_AND_FEE_GLUED = "time_and_fee_glued"
    FREE_BUT_COUNCIL_DECIDES = "free_but_council_decides"
    FREE_BUT_FEE_DESCRIBED = "free_but_fee_described"
    FEE_IMPLAUSIBLE = "fee_implausible"
    FEE_AMOUNTS_DIFFER = "fee_amounts_differ"
    HOUSEHOLD_BOOK_MENTIONED = "household_book_mentioned"
    LEVEL_UNKNOWN = "level_unknown"
    DISTRICT_MENTIONED = "district_mentioned"
    MINISTRY_NOT_COVERED = "ministry_not_covered"

    @property
    def is_repair(self) -> bool:
        return self in _REPAIRS


_KINDS = list(Kind)
_REPAIRS = frozenset(_KINDS[: _KINDS.index(Kind.NO_PAPERS)])


@dataclass(frozen=True)
class Finding:
    """One defect: ``code`` is the procedure's (empty for the file as a whole), ``detail`` the words found there."""

    kind: Kind
    code: str
    detail: str = ""


# How the readers of the parts report: the kind and the words found.
Report = Callable[[Kind, str], None]
