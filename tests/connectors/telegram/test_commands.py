"""Commands stand for sentences that the assistant was taught."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
import yaml

from connectors.telegram_commands import COMMANDS, Command, read_command, sentence_of

TRAINING = Path(__file__).parents[3] / "nlu" / "data" / "nlu"
INTENTS = {
    "thutuc": "browse_procedures",
    "tracuu": "dossier_status",
    "huy": "cancel",
    "ngonngu": "change_language",
    "trogiup": "help",
}


def taught(intent: str) -> set[str]:
    documents = (yaml.safe_load(path.read_text("utf-8")) for path in TRAINING.glob("*.yml"))
    blocks = (block for document in documents for block in document["nlu"] if block.get("intent") == intent)
    return {line.removeprefix("- ").strip() for block in blocks for line in block.get("examples", "").splitlines()}


def link(code: str) -> Command:
    payload = base64.urlsafe_b64encode(code.encode()).decode().rstrip("=")
    return Command("start", "", f"hs_{payload}")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_sentence_of_a_command_was_taught(name: str) -> None:
    assert sentence_of(Command(name, "", "")) in taught(INTENTS[name])


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/start", Command("start", "", "")),
        ("/ThuTuc khai sinh\ncho con", Command("thutuc", "", "khai sinh\ncho con")),
        ("/tracuu@motcua_demo_bot  H57.132-260804-0583 ", Command("tracuu", "motcua_demo_bot", "H57.132-260804-0583")),
        ("khai sinh", None),
        ("03706/2026/07906", None),
        ('/ask_fee{"code":"1.001193"}', None),
        ("/", None),
    ],
)
def test_commands_are_told_from_other_texts(text: str, command: Command | None) -> None:
    assert read_command(text) == command


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (Command("thutuc", "", "khai sinh"), "khai sinh"),
        (Command("tracuu", "", "H57.132-260804-0583"), "tra cứu hồ sơ H57.132-260804-0583"),
        (Command("tracuu", "", "{words}"), "tra cứu hồ sơ {words}"),
        (Command("huy", "", "đi"), "hủy"),
        (Command("nothing_like_this", "", "x"), "trợ giúp"),
        (Command("start", "", ""), None),
        (Command("start", "", "from_the_website"), None),
        (Command("start", "", "hs_!!!"), None),
        (Command("start", "", "hs_" + "A" * 5), None),
        (link("H57.132-260804-0583"), "theo dõi hồ sơ H57.132-260804-0583"),
        (link("000.00.04.H51-200221-0001"), "theo dõi hồ sơ 000.00.04.H51-200221-0001"),
        (link("03706/2026/07906"), "theo dõi hồ sơ 03706/2026/07906"),
        (link("a code; with more"), None),
        (link("mã hồ sơ"), None),
    ],
)
def test_what_a_command_asks(command: Command, sentence: str | None) -> None:
    assert sentence_of(command) == sentence
