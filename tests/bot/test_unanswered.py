"""What was not answered: told by the transcript, grouped by meaning, masked."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.app import House
from bot.commands import main
from bot.library import open_catalogue
from bot.records import Transcript
from bot.storage import Database, migrate, open_engine
from bot.unanswered import MISSES, Missed, grouped, masked, missed_since
from bot.unanswered_command import SAID_SHORT
from connectors.messages import Address, IncomingMessage, Reply
from knowledge.catalogue import Catalogue

NOW = dt.datetime.now(dt.timezone.utc)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    url = f"sqlite:///{tmp_path_factory.mktemp('library')}/x.db"
    migrate(url)
    return open_catalogue(url)


def missed(*texts: str, said: str = "not_understood") -> list[Missed]:
    return [Missed(text, NOW + dt.timedelta(seconds=number), said) for number, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("hồ sơ H57.132-260804-0583 đâu", "hồ sơ ••• đâu"),
        ("số 000.00.04.H51-200221-0001, xem giúp", "số •••, xem giúp"),
        ("gọi tôi 0912000345 nhé", "gọi tôi ••• nhé"),
        ("gọi ••••••  0345", "gọi •••"),
        ("căn cước 001099000123", "căn cước •••"),
        ("bốn số cuối 4821", "bốn số cuối •••"),
        ("sinh ngày 12/05/1998", "sinh ngày •••"),
        ("thư về lan@example.vn", "thư về •••"),
        ("xây nhà năm 1998 thì sao", "xây nhà năm 1998 thì sao"),
        ("thủ tục 1.001193 có phí không", "thủ tục 1.001193 có phí không"),
        ("nghị định 118, mức 500k", "nghị định 118, mức 500k"),
    ],
)
def test_nothing_that_leads_to_a_person_is_shown(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_the_same_meaning_is_one_group(catalogue: Catalogue) -> None:
    texts = ["giá vàng hôm nay", "gia vang hom nay", "Giá vàng hôm nay?", "đá bóng mấy giờ", "gia vang hom nay"]
    groups = grouped(missed(*texts), catalogue)
    assert [(group.count, group.example) for group in groups] == [(4, "gia vang hom nay"), (1, "đá bóng mấy giờ")]
    assert groups[0].newest == NOW + dt.timedelta(seconds=4)


def test_the_nearest_procedure_joins_what_shares_a_word(catalogue: Catalogue) -> None:
    groups = grouped(missed("đăng ký tạm trú cho thợ", "tạm trú công trường", "xyzzy"), catalogue)
    assert [group.count for group in groups] == [2, 1]
    assert groups[0].procedure is not None
    assert groups[0].procedure.code == "1.004194"
    assert groups[1].procedure is None


def test_it_always_gives_the_same(catalogue: Catalogue) -> None:
    texts = ["mua xe trả góp", "vay tiền mua xe", "vay tiền", "mua xe cũ", "xe cũ", "giá xe", "hôm nay mưa", "mưa gió"]
    there = [(group.count, sorted(group.texts)) for group in grouped(missed(*texts), catalogue)]
    back = [(group.count, sorted(group.texts)) for group in grouped(missed(*reversed(texts)), catalogue)]
    assert sorted(there) == sorted(back)
    assert grouped([], catalogue) == []


async def test_misses_are_found_in_the_transcript(database: Database, database_url: str) -> None:
    transcript = Transcript(database)

    numbers = itertools.count()

    async def turn(person: str, text: str, said: str) -> None:
        address = Address("rest", person)
        message = IncomingMessage(str(next(numbers)), address, text, NOW)
        stored = await transcript.add_message(message)
        reply = Reply("…", custom={"utterance": said, "facts": ["person"]})
        await transcript.add_answers(address, stored.entry.seq, [reply, reply])

    await turn("a", "giá vàng", "out_of_scope")
    await turn("a", "đăng ký tạm trú", "procedure")
    await turn("b", '"utterance":"not_understood"', "greet")
    await turn("b", "giấy cho cháu mới đẻ", "which_procedure")
    await turn("b", "/none", "say_it_differently")
    await turn("c", "không phải", "say_it_differently")
    await turn("c", "ý tôi là cái giấy kia kìa", "say_it_differently")
    engine = open_engine(database_url)
    with engine.connect() as connection:
        found = [(one.text, one.said) for one in missed_since(connection, NOW - dt.timedelta(days=1))]
        assert list(missed_since(connection, NOW + dt.timedelta(days=1))) == []
    engine.dispose()
    assert found == [
        ("giá vàng", "out_of_scope"),
        ("giấy cho cháu mới đẻ", "say_it_differently"),
        ("ý tôi là cái giấy kia kìa", "say_it_differently"),
    ]


async def test_the_misses_of_the_real_assistant_are_known(house: House) -> None:
    """Each name is one that the assistant can say, and has its words in the list."""
    assert set(MISSES) <= house.mind.wording.utterances
    assert set(SAID_SHORT) == set(MISSES)


async def test_the_command_shows_text_and_json(
    house: House, tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, text in enumerate(("giá vàng hôm nay, gọi 0912000345", "giá vàng hôm nay", "đăng ký tạm trú")):
        await house.conversation.handle(IncomingMessage(str(number), Address("rest", str(number)), text, NOW))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/other.db")
    monkeypatch.setenv("MODELS_FOLDER", str(model.parent.parent))
    assert run(["unanswered"], tmp_path) == 0
    text = capsys.readouterr().out
    assert "2 tin nhắn" in text
    assert "2 ×" in text
    assert "0345" not in text
    assert run(["unanswered", "--json", "--limit", "1", "--since", "2"], tmp_path) == 0
    rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    assert [(row["count"], row["said"], row["procedure"]) for row in rows] == [(2, {"out_of_scope": 2}, None)]


def run(arguments: list[str], folder: Path) -> int:
    """On a copy: a second way into an SQLite file within one process would undo the locks of the first."""
    (folder / "other.db").unlink(missing_ok=True)
    with closing(sqlite3.connect(folder / "house.db")) as database:
        database.execute("VACUUM INTO ?", (str(folder / "other.db"),))
    return main(arguments)


@pytest.mark.parametrize("wrong", [["--since", "0"], ["--limit", "many"]])
def test_wrong_usage_is_two(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["unanswered", *wrong])
    assert refused.value.code == 2
