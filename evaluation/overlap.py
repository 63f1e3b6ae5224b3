"""Finds questions of the evaluation that training has seen, word for word or nearly."""

from __future__ import annotations

import re
from typing import Iterable, Iterator, Sequence

from rapidfuzz import fuzz, process

from nlu.vietnamese.folding import fold

NEARLY = 92.0  # of 100: rapidfuzz's ratio of folded texts, from here on one is the other with a word changed
SHORT = 3  # words: "cảm ơn em" and "cảm ơn anh" are two things that people say; only word for word counts


def overlaps(questions: Sequence[str], training: Iterable[str], nearly: bool = True) -> Iterator[tuple[str, str]]:
    """(question, training text) for each question that some training text says, after folding.

    ``nearly``: a text that differs by a word counts too.
    """
    seen = {_plain(text): text for text in training}
    long = [text for text in seen if len(text.split()) > SHORT]
    for question in questions:
        plain = _plain(question)
        if plain in seen:
            yield question, seen[plain]
        elif nearly and len(plain.split()) > SHORT:
            near = process.extractOne(plain, long, scorer=fuzz.ratio, score_cutoff=NEARLY)
            if near:
                yield question, seen[near[0]]


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", fold(text)))
