"""What was offered is named by a part of its title."""

from __future__ import annotations

from typing import Optional

import pytest

from actions.choices import Payload
from actions.picking import picked
from knowledge.catalogue import Catalogue
from nlu.vietnamese.folding import fold
from tests.actions.small_catalogue import HOUSEHOLD, LODGER, SPLIT_HOUSEHOLD, turn

OFFERED = [str(Payload("ask_fee", procedure=held.code)) for held in (HOUSEHOLD, LODGER, SPLIT_HOUSEHOLD)]


def code_picked(catalogue: Catalogue, text: str, question: str = "which_procedure") -> Optional[str]:
    citizen = turn(text, slots={"options": OFFERED}, before=({"utterance": question},))
    one = picked(citizen, catalogue, fold)
    return one[1].procedure if one else None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("tạm trú", LODGER.code),
        ("cái thường trú đi", HOUSEHOLD.code),
        ("tach ho", SPLIT_HOUSEHOLD.code),
        ("đăng ký", None),  # two have it
        ("kết hôn", None),
        ("cái đó", None),
        ("", None),
    ],
)
def test_the_only_title_that_has_the_words(catalogue: Catalogue, text: str, code: Optional[str]) -> None:
    assert code_picked(catalogue, text) == code


def test_only_what_was_just_offered_is_picked(catalogue: Catalogue) -> None:
    assert code_picked(catalogue, "tạm trú", question="procedure") is None
