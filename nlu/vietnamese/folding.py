"""Folding: the same text without tone marks, vowel marks and đ, in lower case."""

from __future__ import annotations

import unicodedata


def _folded_character(code_point: int) -> str:
    base = unicodedata.normalize("NFD", chr(code_point))[0]
    return base.lower() if base.isascii() else chr(code_point)


# Latin-1, Latin Extended-A/B and Latin Extended Additional hold every precomposed Vietnamese letter. đ has no
# decomposition, so Unicode's own folding leaves it: the reason why ready-made accent strippers fail on Vietnamese.
_FOLDING: dict[int, str | None] = {
    **{code: _folded_character(code) for block in (range(0xC0, 0x250), range(0x1E00, 0x1F00)) for code in block},
    **{code: None for code in range(0x300, 0x370)},
    ord("đ"): "d",
    ord("Đ"): "d",
    ord("ð"): "d",
    ord("Ð"): "d",
}


def fold(text: str) -> str:
    """``text`` without marks, đ as d, lower-case. One character stays one character when ``text`` is NFC."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", text).translate(_FOLDING).lower()
