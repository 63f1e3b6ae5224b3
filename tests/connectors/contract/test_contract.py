"""What comes in over whatever channel is stored before it is acknowledged, read as it was meant, answered once."""

from __future__ import annotations

import unicodedata

import pytest

from connectors.fitting import utf16_length
from tests.connectors.contract.differences import DIFFERENCES, SIDES, having
from tests.connectors.contract.office import Office
from tests.connectors.contract.parrot import (
    CHOICES,
    DRAW,
    FAIL,
    FAILED,
    FAMILY,
    LONG,
    OFFER,
    POISON,
    TALK,
    echo,
)

AN, BINH = 1, 2
NOT_JSON = (b"", b"{", b"\xff\xfe", b"null", b"7", b'"x"', b"[]", b"[" * 9_000, b"{}" * 3)


@pytest.mark.parametrize("name", SIDES)
def test_the_differences_are_told_as_they_are(name: str) -> None:
    for difference in DIFFERENCES:
        for ability in difference.abilities:
            assert hasattr(SIDES[name], ability) is (name not in difference.lacking), ability


@having()
async def test_a_question_is_answered(office: Office) -> None:
    await office.side.say(AN, "xin chào")
    await office.side.say(BINH, "cần giấy tờ gì")
    await office.quiet()
    assert office.side.answers(AN) == [echo("xin chào")]
    assert office.side.answers(BINH) == [echo("cần giấy tờ gì")]


@having()
async def test_a_repeat_is_answered_once(office: Office) -> None:
    said = await office.side.say(AN, "xin chào")
    for _ in range(2):
        await office.side.again(AN, "xin chào", said)
    await office.quiet()
    await office.side.again(AN, "xin chào", said)
    await office.quiet()
    assert office.side.answers(AN) == [echo("xin chào")]
    assert office.parrot.heard == ["xin chào"]


@having()
async def test_one_persons_messages_are_answered_in_order(office: Office) -> None:
    questions = [f"câu hỏi số {number}" for number in range(5)]
    office.parrot.open.clear()
    for number, question in enumerate(questions, 1):
        await office.side.say(AN, question)
        await office.stored(number)
    office.parrot.open.set()
    await office.quiet()
    assert office.parrot.heard == questions
    assert office.side.answers(AN) == [echo(question) for question in questions]


@having("swap")
async def test_what_comes_in_another_order_is_answered_all_the_same(office: Office) -> None:
    questions = [f"câu hỏi số {number}" for number in range(4)]
    office.side.swap()
    for question in questions:
        await office.side.say(AN, question)
    await office.quiet()
    assert sorted(office.side.answers(AN)) == sorted(map(echo, questions))


@having("forge")
async def test_who_is_not_the_platform_is_refused(office: Office) -> None:
    statuses = await office.side.forge()
    assert statuses
    assert {*statuses} <= {401, 403, 404}
    assert await office.states() == []


@having("too_large")
async def test_too_large_a_body_is_refused(office: Office) -> None:
    assert await office.side.post(office.side.too_large) == 413
    assert await office.states() == []


@having("post")
async def test_what_is_no_message_at_all_is_refused(office: Office) -> None:
    statuses = [await office.side.post(body) for body in NOT_JSON]
    assert {*statuses} == {400}
    await nothing_was_stored_and_the_next_one_is_answered(office)


@having()
async def test_wrong_shapes_are_refused_or_skipped(office: Office) -> None:
    statuses = [await office.side.show(document) for document in office.side.wrong]
    assert {*statuses} <= {200, 400}
    await nothing_was_stored_and_the_next_one_is_answered(office)


@having()
async def test_wrong_shapes_do_no_harm_while_the_database_is_behind(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.side.say(AN, "xin chào")
    await office.quiet()
    with monkeypatch.context() as far_behind:
        far_behind.setattr("bot.storage.MAX_WAITING", 0)
        statuses = [await office.side.show(document) for document in office.side.wrong]
    assert {*statuses} <= {200, 400, 503}
    assert await office.states() == ["done"]


@having("stranger")
async def test_an_unknown_event_is_acknowledged(office: Office) -> None:
    assert await office.side.show(office.side.stranger) == 200
    await nothing_was_stored_and_the_next_one_is_answered(office)


async def nothing_was_stored_and_the_next_one_is_answered(office: Office) -> None:
    assert await office.states() == []
    await office.side.say(AN, "xin chào")
    await office.quiet()
    assert office.side.answers(AN) == [echo("xin chào")]


@having("tries")
async def test_the_platform_need_not_wait_for_a_slow_assistant(office: Office) -> None:
    office.parrot.open.clear()
    await office.side.say(AN, "xin chào")
    await office.side.settle()
    assert {*office.statuses} <= {200}
    assert (len(await office.states()), office.side.answers(AN)) == (1, [])
    office.parrot.open.set()
    await office.quiet()
    assert office.side.answers(AN) == [echo("xin chào")]


@having()
async def test_a_restart_between_storing_and_answering_loses_nothing(office: Office) -> None:
    office.parrot.open.clear()
    for number, question in enumerate(["câu hỏi số 1", "câu hỏi số 2"], 1):
        await office.side.say(AN, question)
        await office.stored(number)
    await office.restart()
    office.parrot.open.set()
    await office.quiet()
    assert office.side.answers(AN) == [echo("câu hỏi số 1"), echo("câu hỏi số 2")]
    assert office.parrot.heard == ["câu hỏi số 1", "câu hỏi số 2"]


@having()
async def test_what_there_is_no_room_for_comes_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await office.side.say(AN, "câu hỏi số 1")
    await office.quiet()
    with monkeypatch.context() as far_behind:
        far_behind.setattr("bot.storage.MAX_WAITING", 0)
        await office.side.say(AN, "câu hỏi số 2")
        await office.until(lambda: office.side.was_refused(office))
    await office.quiet()
    assert office.side.answers(AN) == [echo("câu hỏi số 1"), echo("câu hỏi số 2")]


@having()
async def test_a_message_that_cannot_be_answered_is_set_aside(office: Office) -> None:
    await office.side.say(AN, POISON)
    await office.stored(1)
    await office.in_time(lambda: is_aside(office))
    await office.side.say(AN, "câu tiếp theo")
    await office.until(lambda: len(office.side.answers(AN)) == 2)
    await office.quiet()
    assert office.side.answers(AN) == [FAILED, echo("câu tiếp theo")]
    assert await office.states() == ["aside", "done"]
    assert await office.alerts.open() == ["inbox-aside"]


async def is_aside(office: Office) -> bool:
    return await office.states() == ["aside"]


@having()
async def test_a_failing_assistant_is_admitted(office: Office) -> None:
    await office.side.say(AN, FAIL)
    await office.quiet()
    assert office.side.answers(AN) == [FAILED]


@having()
async def test_a_long_text_arrives_whole(office: Office) -> None:
    await office.side.say(AN, TALK)
    await office.quiet()
    parts = office.side.answers(AN)
    assert " ".join(parts).split() == LONG.split()
    longest = office.side.longest
    assert longest is None or max(map(utf16_length, parts)) <= longest < len(LONG)


@having()
@pytest.mark.parametrize("numbers", [range(1, 6), range(6, 11), range(11, 16)], ids=["first", "middle", "last"])
async def test_every_choice_can_be_chosen(office: Office, numbers: range) -> None:
    for number in numbers:
        await office.side.say(AN, OFFER)
        await office.quiet()
        await office.side.press(AN, number)
        await office.quiet()
    assert office.parrot.pressed == [CHOICES[number - 1].payload for number in numbers]


@having()
async def test_a_typed_payload_is_no_pressed_choice(office: Office) -> None:
    await office.side.say(AN, CHOICES[0].payload)
    await office.quiet()
    assert office.parrot.pressed == []
    assert len(office.side.answers(AN)) == 1


@having()
@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("مرحبا، كيف أسجل المولود؟", "مرحبا، كيف أسجل المولود؟"),
        ("làm khai sinh 👶🏽🇻🇳 ❤️", "làm khai sinh 👶🏽🇻🇳 ❤️"),
        ("khai\u202e sinh\u2066\x07 ở\u200b đâu", "khai sinh ở đâu"),
        (unicodedata.normalize("NFD", "đăng ký kết hôn ở xã"), "đăng ký kết hôn ở xã"),
        ('<b>đơn</b> & "tờ khai" *a* _b_ `c` [d](e) &lt;', '<b>đơn</b> & "tờ khai" *a* _b_ `c` [d](e) &lt;'),
    ],
    ids=["right to left", "emoji", "control characters", "decomposed", "markup"],
)
async def test_characters_arrive_as_they_are(office: Office, said: str, heard: str) -> None:
    await office.side.say(AN, said)
    await office.quiet()
    assert office.parrot.heard == [heard]
    assert office.side.answers(AN) == [echo(heard)]


@having()
async def test_joined_emoji_and_two_directions_are_sent_as_they_are(office: Office) -> None:
    await office.side.say(AN, DRAW)
    await office.quiet()
    assert office.side.answers(AN) == [FAMILY]
