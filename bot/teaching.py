"""Checks what officials teach, and decides whether the version made from it may answer."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import Any, Iterator, Mapping, Sequence

import yaml

from bot.privacy import hide_numbers
from knowledge.catalogue import Catalogue
from nlu.taught import Taught, TaughtWrong
from nlu.vietnamese.folding import fold

# A version may answer when it is right no less often and no more often wrong and sure than the one before, but for
# this share of the questions: on a thousand of them two more or less are chance.
TOLERATED = 0.002
BETTER_IS_MORE, BETTER_IS_LESS = "right", "wrong"


def folded_words(text: str) -> str:
    """How two texts are compared: without marks, punctuation and capitals."""
    return " ".join(re.findall(r"\w+", fold(text)))


def refuse_unfit(taught: Taught, catalogue: Catalogue, evaluation: Path) -> None:
    """Raises TaughtWrong for numbers of persons, questions of the evaluation, and codes that are not held."""
    refuse_unknown_codes(catalogue, taught)
    asked = {folded_words(text) for text in questions_of(evaluation)}
    for text in taught.texts:
        if hide_numbers(text) != text:
            raise TaughtWrong(
                f"“{hide_numbers(text)}”: không dạy số căn cước, số điện thoại, số tài khoản / "
                "identity, phone and bank numbers are not taught"
            )
        if folded_words(text) in asked:
            raise TaughtWrong(
                f"“{text}” là câu dùng để đo, dạy rồi thì số đo không còn đáng tin: hãy viết cách khác / "
                "a question of the evaluation is not taught, for the figures would flatter: put it differently"
            )


def refuse_unknown_codes(catalogue: Catalogue, taught: Taught) -> None:
    """Raises TaughtWrong."""
    for code in taught.names:
        if catalogue.get(code) is None:
            raise TaughtWrong(f"Không có thủ tục mang mã {code} / There is no procedure with the code {code}")


def questions_of(evaluation: Path) -> Iterator[str]:
    """Every text that the evaluation asks, to measure or to calibrate."""
    for path in sorted(evaluation.glob("*/*.yml")):
        yield from _asked(yaml.safe_load(path.read_text(encoding="utf-8")))


def _asked(content: Any) -> Iterator[str]:
    if isinstance(content, list):
        for entry in content:
            yield from _asked(entry)
    elif isinstance(content, Mapping):
        if isinstance(content.get("ask"), str):
            yield content["ask"]
        yield from _asked(list(content.values()))


def shared_names(catalogue: Catalogue, names: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str, str]]:
    """Names by which another procedure goes already: the name, the code it is taught for, and the other's."""
    held: dict[str, set[str]] = defaultdict(set)
    for procedure in catalogue:
        for name in (procedure.title.vi, *procedure.everyday_names.vi):
            held[folded_words(name)].add(procedure.code)
    for code, texts in names.items():
        for name in texts:
            yield from ((name, code, other) for other in sorted(held[folded_words(name)] - {code}))


def is_worse(before: Mapping[str, float], after: Mapping[str, float]) -> bool:
    """Right less often, or wrong and sure more often, by more than is tolerated."""
    fewer = before[BETTER_IS_MORE] - after[BETTER_IS_MORE]
    more = after[BETTER_IS_LESS] - before[BETTER_IS_LESS]
    return max(fewer, more) > TOLERATED + 1e-9


def side_by_side(before: Mapping[str, float], after: Mapping[str, float]) -> str:
    """The figures of two evaluations, shares as per cent."""
    rows = [f"{'':34}{'trước / before':>16}{'sau / after':>16}"]
    for name in (name for name in after if name in before):
        old, new = before[name], after[name]
        scale, unit = (1, " ms") if "_ms" in name else (100, " %")
        change = "" if old == new else f"   {scale * (new - old):+.1f}"
        rows.append(f"{name:34}{f'{scale * old:.1f}{unit}':>16}{f'{scale * new:.1f}{unit}':>16}{change}")
    return "\n".join(rows) + "\n"
