"""Splitting words that were run together ("giaytogi") into syllables."""

from __future__ import annotations

from nlu.vietnamese.syllables import Syllables

_VOWELS = frozenset("aăâeêioôơuưy")
_LONGEST = 24


def split_syllables(word: str, syllables: Syllables) -> tuple[str, ...] | None:
    """The fewest syllables that ``word`` is made of, or None when it is not made of two to six.

    Of equal counts the one whose syllables begin with consonants wins ("cangi" is "can gi", not "cang i").
    """
    if not 4 <= len(word) <= _LONGEST:
        return None
    # best[i]: the cheapest way to read word[:i], as (cost, syllables).
    best: list[tuple[int, tuple[str, ...]] | None] = [None] * (len(word) + 1)
    best[0] = (0, ())
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 7), end):
            before = best[start]
            part = word[start:end]
            if before is None or part not in syllables:
                continue
            cost = before[0] + 10 + (3 if part[0] in _VOWELS and start else 0) + (8 if len(part) == 1 else 0)
            known = best[end]
            if known is None or cost < known[0]:
                best[end] = (cost, (*before[1], part))
    found = best[-1]
    return found[1] if found is not None and 2 <= len(found[1]) <= 6 else None
