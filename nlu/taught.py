"""What officials taught the assistant: questions for training and everyday names of procedures, kept as YAML.

    questions:
      ask_papers:
        - cháu nhà em chưa có giấy gì hết giờ phải nộp chi
    names:
      "1.001193":
        - giấy chào đời
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Mapping, Sequence

import msgspec
import yaml

TAUGHT_FILE = "taught.yml"
LONGEST_TEXT = 300

Texts = Mapping[str, Sequence[str]]


class TaughtWrong(ValueError):
    """What was to be taught does not fit: correct what the sentence names."""


class Taught(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """``questions`` by intent, ``names`` by procedure code; each text once, in the order in which it was taught."""

    questions: dict[str, tuple[str, ...]] = {}
    names: dict[str, tuple[str, ...]] = {}

    def __bool__(self) -> bool:
        return bool(self.questions or self.names)

    def plus(self, more: Taught) -> Taught:
        """Both; a question taught for another intent than before moves there."""
        new = {question for questions in more.questions.values() for question in questions}
        kept = _without(self.questions, {intent: new for intent in self.questions})
        return Taught(_joined(kept, more.questions), _joined(self.names, more.names))

    def minus(self, less: Taught) -> Taught:
        return Taught(_without(self.questions, less.questions), _without(self.names, less.names))

    def only(self, texts: Sequence[str]) -> Taught:
        """What of it is one of the texts."""
        other = Taught(
            {intent: tuple(q for q in said if q not in texts) for intent, said in self.questions.items()},
            {code: tuple(n for n in said if n not in texts) for code, said in self.names.items()},
        )
        return self.minus(other)

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(text for group in (self.questions, self.names) for texts in group.values() for text in texts)


def _joined(texts: Texts, more: Texts) -> dict[str, tuple[str, ...]]:
    return {key: tuple(dict.fromkeys((*texts.get(key, ()), *more.get(key, ())))) for key in (*texts, *more)}


def _without(texts: Texts, less: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    left = {key: tuple(text for text in said if text not in less.get(key, ())) for key, said in texts.items()}
    return {key: said for key, said in left.items() if said}


def read_taught(path: Path) -> Taught:
    """What a file holds. Raises TaughtWrong, naming the place."""
    try:
        # BaseLoader takes every value as text: "1.010000" is a code and no number.
        content = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=yaml.BaseLoader)  # noqa: S506
        if not isinstance(content, dict):
            raise TaughtWrong(f"{path}: expected questions: and names:")
        given = msgspec.convert({key: value for key, value in content.items() if value}, Taught)
    except OSError as error:
        raise TaughtWrong(f"{path}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise TaughtWrong(f"{path}: not YAML ({' '.join(str(error).split())})") from error
    except (msgspec.ValidationError, UnicodeDecodeError) as error:
        raise TaughtWrong(f"{path}: {error}") from error
    return tidied(given)


def tidied(taught: Taught) -> Taught:
    """With blanks made one, each text once. Raises TaughtWrong for a text that is empty or too long."""

    def tidy(texts: Texts) -> dict[str, tuple[str, ...]]:
        clean = {key: tuple(" ".join(text.split()) for text in said) for key, said in texts.items()}
        for text in (text for said in clean.values() for text in said):
            if not any(map(str.isalnum, text)) or len(text) > LONGEST_TEXT:
                raise TaughtWrong(f"{text[:40]!r}: a text has 1 to {LONGEST_TEXT} characters, not only punctuation")
        return _joined(clean, {})

    return Taught(tidy(taught.questions), tidy(taught.names))


def taught_text(taught: Taught) -> str:
    """As ``read_taught`` reads it."""
    content = {"questions": _lists(taught.questions), "names": _lists(taught.names)}
    text: str = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=1000)
    return text


def training_text(taught: Taught) -> str:
    """The questions as Rasa's training data, where brackets would mark an entity."""
    blank = str.maketrans("[]{}", "    ")
    blocks = [
        {"intent": intent, "examples": "".join(f"- {text.translate(blank)}\n" for text in said)}
        for intent, said in taught.questions.items()
    ]
    text: str = yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True, sort_keys=False)
    return text


def _lists(texts: Texts) -> dict[str, list[str]]:
    return {key: list(said) for key, said in texts.items()}
