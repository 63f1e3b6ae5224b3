"""Which form a paper is: the official number found in its name or in the file that the portal attached to it."""

from __future__ import annotations

import re
from typing import Optional

from knowledge.importing_texts import clean

_FILE_END = r"\.(?:docx?|xlsx?|pdf|rtf|zip|rar)$"
_FILES = re.compile(r"(?i)\.(?:docx?|xlsx?|pdf|rtf|zip|rar)")
# The portal's page joins the file's name to the paper's without a blank; where the file's begins is a guess.
_GLUED = (
    re.compile(rf"(?i)(?<=\S)(?=(?:mẫu|mau|mus|ms|phụ lục|phlc|đơn|tờ khai|tk)[^;]{{0,80}}{_FILE_END})"),
    re.compile(rf"(?<=[a-zà-ỹ\d);])(?=[A-ZĐÀ-Ỹ][^;]{{0,80}}{_FILE_END})"),
)
_HALF_FILE = re.compile(r"(?<=[a-zà-ỹ)])(?=M(?:ẫu|au) ?\d+[^;]{0,40}\.$)")
_NUMBERED = re.compile(r"(?i)\bm(?:ẫu|au)(?:\s*(?:số|so))?[\s.:_-]*(\d{1,3}[a-zđ]?)(?![\w]|\.\d)")
_CODED = re.compile(r"(?<![A-Za-z])((?:CT|DC|CC|NA|TK|XNC|LT)\d{1,2}[a-z]?)(?!\d)")
_ANNEX = re.compile(r"(?i)\bphụ lục\s*(?:số\s*)?([IVX]{1,6}|\d{1,2})\b")
_FORM_IN_NAME = re.compile(r"(?i)(?:theo |\()(?:m(?:ẫu))\b[^;,.]{0,40}")
_FORM_NAME = re.compile(
    r"(?i)^[\W\d]*(?:bản chính\s+)?(?:tờ khai|đơn|phiếu|giấy đề nghị|văn bản đề nghị|bản khai|giấy khai|mẫu)\b"
)


def is_form_name(name: str, form: Optional[str]) -> bool:
    """True for what a citizen fills in: it stands first in a list of papers."""
    return form is not None or bool(_FORM_NAME.match(name))


def form_of(name: str, file: str) -> tuple[Optional[str], bool]:
    """The form's official number, and whether a file's name was given that is none.

    A file that names several forms, or a whole circular, names no form.
    """
    in_name = (number for words in _FORM_IN_NAME.findall(name) for number in _numbers(words))
    named = _numbers(_FILES.sub("; ", file)) or set(in_name)
    form = named.pop() if len(named) == 1 else None
    return form, bool(file) and form is None


def _numbers(text: str) -> set[str]:
    codes = set(_CODED.findall(text))
    if codes:
        return codes
    numbers = {f"Mẫu số {number}" for number in _NUMBERED.findall(text)}
    return numbers or {f"Phụ lục {number.upper()}" for number in _ANNEX.findall(text)}


def without_file_name(name: str, file: str) -> str:
    """The paper's name without the file's name that ran into its end."""
    name = clean(name)
    if file and re.search(rf"(?i){_FILE_END}", name):
        for pattern in _GLUED:
            starts = [match.start() for match in pattern.finditer(name)]
            if starts:
                return name[: starts[-1]].strip()
    half = _HALF_FILE.search(name) if file else None
    return name[: half.start()].strip() if half else name
