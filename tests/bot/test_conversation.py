"""One message, step by step: stored once, answered once, in order, and honestly when something fails."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import unicodedata
from typing import Any

import pytest
import sqlalchemy as sa

from bot import tables
from bot.app import House
from connectors.channel import Entry
from connectors.messages import Address, IncomingMessage

ADDRESS = Address("rest", "p1")


def message(text: str, id: str = "m1", language: str | None = None, address: Address = ADDRESS) -> IncomingMessage:
    return IncomingMessage(id, address, text, dt.datetime.now(dt.timezone.utc), language=language)


def utterances(entries: Any) -> list[str]:
    return [entry.reply.custom["utterance"] for entry in entries if entry.reply]


async def test_a_repeat_gives_the_same_lines_and_no_second_answer(house: House) -> None:
    first = await house.conversation.handle(message("xin chào"))
    second = await house.conversation.handle(message("xin chào"))
    assert second == first
    assert await house.conversation.history(ADDRESS) == list(first)


async def test_a_burst_is_answered_in_order(house: House) -> None:
    texts = ["đăng ký tạm trú", "lệ phí bao nhiêu", "nộp ở đâu", "bao lâu"]
    handled = await asyncio.gather(*(house.conversation.handle(message(t, f"m{i}")) for i, t in enumerate(texts)))
    facets = [lines[1].reply.custom["facets"] for lines in handled if lines[1].reply]
    assert facets == [["overview"], ["fee"], ["place"], ["time"]]
    seqs = [line.seq for line in await house.conversation.history(ADDRESS)]
    assert seqs == sorted(seqs)
    assert len(seqs) == 8


async def test_citizens_do_not_share_a_conversation(house: House) -> None:
    await house.conversation.handle(message("đăng ký tạm trú"))
    other = await house.conversation.handle(message("lệ phí bao nhiêu", address=Address("rest", "p2")))
    assert utterances(other) == ["which_procedure_first"]
    assert len(await house.conversation.history(Address("rest", "p2"))) == 2


async def test_only_what_was_offered_counts_as_pressed(house: House) -> None:
    order = '/ask_papers{"procedure": "1.001193", "case": "no_birth_notice"}'
    typed = await house.conversation.handle(message(order, "m1"))
    assert [line.reply.custom.get("case") for line in typed if line.reply] == [None]
    offered = await house.conversation.handle(message("đăng ký khai sinh cần giấy tờ gì", "m2"))
    payload = offered[1].reply.choices[0].payload if offered[1].reply else ""
    pressed = await house.conversation.handle(message(payload, "m3"))
    assert utterances(pressed) == ["procedure"]


async def test_a_failure_becomes_one_honest_sentence(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr(house.assistant, "answer", fail)
    with caplog.at_level(logging.ERROR):
        entries = await house.conversation.handle(message("bí mật của tôi", "m7"))
    assert utterances(entries) == ["failed"]
    assert f"no answer to line {entries[0].seq}" in caplog.text
    assert "m7" not in caplog.text  # it may name a person
    assert "bí mật" not in caplog.text


async def test_a_turn_that_hangs_ends_with_the_same_sentence(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(*_: Any, **__: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(house.assistant, "answer", hang)
    monkeypatch.setattr(house.conversation, "_turn_seconds", 0.01)
    assert utterances(await house.conversation.handle(message("xin chào"))) == ["failed"]
    assert house.conversation.is_idle


async def test_invisible_and_decomposed_text_is_understood_and_stored_plain(house: House) -> None:
    typed = "\u202e" + unicodedata.normalize("NFD", "đăng ký tạm trú") + " 0\u200b912\u200b000345"
    entries = await house.conversation.handle(message(typed))
    assert entries[0].text == "đăng ký tạm trú •••••• 0345"
    assert utterances(entries) == ["procedure"]


async def test_a_text_of_nothing_but_invisible_characters_is_answered(house: House) -> None:
    assert utterances(await house.conversation.handle(message("\u200b\u200b"))) == ["not_understood"]


async def test_a_database_that_goes_away_and_comes_back_costs_no_message(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any) -> None:
        raise sa.exc.OperationalError("SELECT", {}, Exception("the server closed the connection"))

    question = message("đăng ký tạm trú", "m1")
    with monkeypatch.context() as broken:
        broken.setattr(house.conversation._transcript, "add_answers", away)
        with pytest.raises(sa.exc.OperationalError):  # the door says that there is trouble
            await house.conversation.handle(question)
    assert utterances(await house.conversation.handle(question)) == ["procedure"]
    assert len(await house.conversation.history(ADDRESS)) == 2


async def test_numbers_of_persons_are_stored_masked_everywhere(house: House) -> None:
    entries = await house.conversation.handle(message("căn cước 099090000678 và 0912 000 345"))
    assert "099090000678" not in entries[0].text
    await house.database.check()  # what was posted is committed now

    def everything(connection: sa.engine.Connection) -> str:
        rows = [connection.execute(sa.select(table)).all() for table in tables.metadata.sorted_tables]
        return str(rows)

    stored = await house.database.run(everything)
    assert "09909000" not in stored
    assert "0912 000" not in stored


async def test_language_is_switched_and_kept(house: House) -> None:
    def language(entries: Any) -> str:
        return next(entry.reply.language for entry in entries if entry.reply)

    assert language(await house.conversation.handle(message("what papers do I need for a passport", "m1"))) == "en"
    assert language(await house.conversation.handle(message("H57.132-260804-0583", "m2"))) == "en"
    assert language(await house.conversation.handle(message("cảm ơn nhiều nhé", "m3"))) == "vi"
    assert language(await house.conversation.handle(message("1.001193", "m4", language="en"))) == "en"


async def test_a_conversation_goes_on_after_a_restart(house: House) -> None:
    await house.conversation.handle(message("đăng ký tạm trú", "m1"))
    await house.database.check()
    house.assistant._processor.tracker_store._live.clear()  # what a new process begins with
    entries: list[Entry] = list(await house.conversation.handle(message("lệ phí bao nhiêu", "m2")))
    assert entries[1].reply is not None
    assert entries[1].reply.custom["procedure"] == "1.004194"


async def test_a_message_stored_but_not_answered_is_answered_when_it_comes_again(house: House) -> None:
    stored = message("đăng ký tạm trú", "m9")
    await house.conversation._transcript.add_message(stored)  # then the process was killed
    entries = await house.conversation.handle(stored)
    assert utterances(entries) == ["procedure"]


ZALO = Address("zalo", "8123450000000000001")
GROUP = Address("telegram", "-100200/91000001")


def came(text: str, id: str, **more: Any) -> IncomingMessage:
    return IncomingMessage(id, more.pop("address", ZALO), text, dt.datetime.now(dt.timezone.utc), **more)


async def test_a_number_chooses_what_was_offered_last(house: House) -> None:
    offered = await house.conversation.handle(came("tách sổ", "m1"))
    choices = offered[1].reply.choices if offered[1].reply else ()
    chosen = await house.conversation.handle(came("2.", "m2"))
    assert chosen[0].text == choices[1].payload
    assert utterances(chosen) == ["procedure"]
    beyond = await house.conversation.handle(came("99", "m3"))
    assert beyond[0].text == "99"
    await house.conversation.handle(came("cảm ơn", "m4"))
    late = await house.conversation.handle(came("0", "m5"))
    assert late[0].text == "0"


async def test_a_number_is_only_a_choice_where_choices_are_numbered(house: House) -> None:
    await house.conversation.handle(came("tách sổ", "m1", address=ADDRESS))
    typed = await house.conversation.handle(came("2.", "m2", address=ADDRESS))
    assert typed[0].text == "2."


async def test_a_short_id_stands_for_what_was_offered_to_this_person(house: House) -> None:
    offered = await house.conversation.handle(came("đăng ký khai sinh cần giấy tờ gì", "m1"))
    choice = f"{offered[1].seq}.0"
    pressed = await house.conversation.handle(came("", "m2", choice=choice, pressed=True))
    assert pressed[0].text == (offered[1].reply.choices[0].payload if offered[1].reply else "")
    somebody_else = Address("zalo", "8123450000000000002")
    stolen = await house.conversation.handle(came("", "m3", choice=choice, pressed=True, address=somebody_else))
    assert stolen[0].text == ""
    for wrong in ("x.0", "999999.0", "9" * 30 + ".0", f"{offered[1].seq}.99", f"{offered[1].seq}.-1", "."):
        assert (await house.conversation.handle(came("", f"w{wrong}", choice=wrong, pressed=True)))[0].text == ""


async def test_nobodys_dossier_is_spoken_of_where_others_read(house: House) -> None:
    asked = await house.conversation.handle(
        came("hồ sơ H57.132-260804-0583 tới đâu rồi", "m1", address=GROUP, public=True)
    )
    assert utterances(asked) == ["ask_privately"]
    open_question = await house.conversation.handle(
        came("đăng ký tạm trú cần gì", "m2", address=GROUP, public=True)
    )
    assert utterances(open_question) == ["procedure"]


async def test_the_telephones_language_is_a_hint_for_the_first_words_only(house: House) -> None:
    first = await house.conversation.handle(came("trợ giúp", "m1", language="en", by_menu=True))
    assert [line.reply.language for line in first if line.reply] == ["en"]
    typed = await house.conversation.handle(came("đăng ký tạm trú cần giấy tờ gì", "m2", language="en"))
    assert [line.reply.language for line in typed if line.reply] == ["vi"]
    after = await house.conversation.handle(came("trợ giúp", "m3", language="en", by_menu=True))
    assert [line.reply.language for line in after if line.reply] == ["vi"]
