"""What buttons send back: every payload can be read again, nothing else is taken for one."""

from __future__ import annotations

import pytest

from actions.choices import Payload


@pytest.mark.parametrize(
    "payload",
    [
        Payload("talk_to_official"),
        Payload("ask_fee", procedure="1.001193"),
        Payload("ask_papers", procedure="1.001193", case="quá hạn"),
        Payload("find_procedure", topic="word-tach-so"),
        Payload("dossier_status", dossier_code="H57.132-260804-0583"),
        Payload("change_language", language="en"),
    ],
)
def test_what_is_written_can_be_read(payload: Payload) -> None:
    assert Payload.parse(str(payload)) == payload


@pytest.mark.parametrize(
    "text",
    ["", "ask_fee", "/", "/Ask_Fee", '/ask_fee{"procedure": 1}', '/ask_fee{"order": "x"}', "/ask_fee{", "/ask_fee[]"],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"payload|Expecting|property name"):
        Payload.parse(text)


def test_a_press_keeps_only_what_a_payload_can_hold() -> None:
    assert Payload.pressed("ask_fee", {"procedure": "1.001193", "facet": "fee"}) == Payload("ask_fee", "1.001193")
