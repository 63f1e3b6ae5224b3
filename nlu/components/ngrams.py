"""Features of a message: n-grams of its words and, inside words, of its letters, with and without marks."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Iterable

from nlu.vietnamese.folding import fold
from nlu.vietnamese.syllables import WORD

_DIGIT = re.compile(r"\d")


@lru_cache(maxsize=20_000)
def _letters(word: str) -> tuple[str, ...]:
    edged = f"<{word}>"
    return tuple(edged[i : i + n] for n in (3, 4) for i in range(len(edged) - n + 1))


def ngrams(text: str, hints: Iterable[str] = ()) -> set[str]:
    """The set of features of a normalised ``text``. ``hints`` are what rules found in it ("facet=fee"), each a feature.

    Folded: words ("w"), pairs of words ("p", also with the borders), the number of words ("n"), three or four letters
    inside words ("c"). With marks: words ("W") and pairs
    ("P"), only where the text has marks, so that a message without them says nothing rather than something wrong.
    Digits count as 0: which number it is tells nothing about the intent, its length does.
    """
    marked = WORD.findall(_DIGIT.sub("0", text))
    folded = [fold(word) for word in marked]
    found = {"w" + word for word in folded}
    found.update("h" + hint for hint in hints)
    found.update(f"p{a} {b}" for a, b in zip(["<", *folded], [*folded, ">"], strict=False))
    found.add(f"n{min(len(folded), 12)}")
    for word in folded:
        found.update("c" + letters for letters in _letters(word))
    if marked != folded:
        found.update("W" + a for a, b in zip(marked, folded, strict=False) if a != b)
        found.update(
            f"P{a} {b}" for a, b, c, d in zip(marked, marked[1:], folded, folded[1:], strict=False) if a != c or b != d
        )
    return found


def tells_content(feature: str) -> bool:
    """Whether ``feature`` is about words; the number of words and the borders are there in any text."""
    return feature[0] in "wcWh"
