"""Which training sentences are held back to calibrate confidences: a sentence and whatever is made from it together."""

from __future__ import annotations

import zlib

HELD_BACK_OF = 5  # one family in five


def is_held_back(family: str) -> bool:
    """``family`` is the sentence that others were made from."""
    return zlib.crc32(family.encode()) % HELD_BACK_OF == 0
