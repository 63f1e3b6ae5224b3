"""The words that people type instead of words: chat shorthand, regional words, and the English that mixes in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, Mapping

from nlu.vietnamese.folding import fold

_DATA = Path(__file__).parent / "data"

Words = tuple[str, ...]


def _lines(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line


@dataclass(frozen=True)
class Lexicon:
    """``replacements``: words as typed -> words as meant, keys of one to ``longest`` words, lower-case.

    ``english`` holds English words that the decoders must not read as Vietnamese keystrokes.
    """

    replacements: Mapping[Words, Words]
    english: frozenset[str]
    longest: int

    @classmethod
    def shipped(cls) -> Lexicon:
        """The lexicon of this package. Raises ValueError naming the line of a row without exactly one tab."""
        replacements: dict[Words, Words] = {}
        for name in ("dialect.tsv", "teencode.tsv"):
            for line in _lines(_DATA / name):
                typed, tab, meant = line.partition("\t")
                if not tab or "\t" in meant or not typed.strip() or not meant.strip():
                    raise ValueError(f"{name}: expected 'typed<TAB>meant', got {line!r}")
                key = tuple(typed.split())
                replacements[key] = tuple(meant.split())
                # Two words together mean the same without marks; one word alone may not ("rang", "mo", "chi").
                if len(key) > 1:
                    replacements.setdefault(tuple(fold(typed).split()), tuple(meant.split()))
        english = frozenset(word for line in _lines(_DATA / "english.txt") for word in line.split())
        return cls(replacements, english, max(map(len, replacements)))
