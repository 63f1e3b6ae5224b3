"""Door and channel against the emulated platform: what it sends is taken in, what it is sent arrives."""

from __future__ import annotations

from typing import Any, AsyncIterator

import pytest

from connectors.channel import Interrupted
from connectors.errors import Refused, RefusedReason, Unreachable
from connectors.messages import AttachmentKind, Choice, Event, EventKind, IncomingMessage, Receipt, Reply
from connectors.zalo.channel import RECEIVED
from connectors.zalo.windows import Openness, Standing, window
from emulators.zalo import Fault
from tests.connectors.zalo.street import AN, CS, Street, open_street

OFFER = Reply("Ông/bà hỏi gì?", choices=(Choice("Lệ phí", "/fee"), Choice("Nơi nộp", "/place")))


@pytest.fixture
async def street() -> AsyncIterator[Street]:
    async with open_street() as street:
        yield street


@pytest.mark.parametrize(
    ("kind", "payload", "read"),
    [
        ("image", {"url": "https://p.example/1.jpg"}, AttachmentKind.IMAGE),
        ("gif", {"url": "https://p.example/1.gif"}, AttachmentKind.STICKER),
        ("link", {"url": "https://p.example", "description": "x"}, AttachmentKind.LINK),
        ("audio", {"url": "https://p.example/1.amr"}, AttachmentKind.AUDIO),
        ("video", {"url": "https://p.example/1.mp4"}, AttachmentKind.VIDEO),
        ("sticker", {"id": "1", "url": "https://p.example/1.png"}, AttachmentKind.STICKER),
        ("location", {"coordinates": {"latitude": "10.7", "longitude": "106.6"}}, AttachmentKind.LOCATION),
        ("business_card", {"description": '{"phone":"0900000123"}'}, AttachmentKind.CONTACT),
        ("file", {"url": "https://p.example/1.pdf", "name": "1.pdf"}, AttachmentKind.FILE),
    ],
)
async def test_whatever_a_citizen_sends(street: Street, kind: str, payload: Any, read: AttachmentKind) -> None:
    message_id = await street.zalo.citizen_says(AN.id, kind=kind, payload=payload)
    (message,) = await street.told()
    assert (message.id, message.address, [one.kind for one in message.attachments]) == (message_id, AN, [read])


async def test_following_leaving_withdrawing_and_losing_the_grant(street: Street) -> None:
    for act in (street.zalo.follow, street.zalo.unfollow, street.zalo.withdraw):
        act(AN.id)
        await street.zalo.settle(5)
    await street.zalo.event("user_submit_info", AN.id, info={"name": "Nguyễn Văn An", "phone": "84912000345"})
    await street.zalo.settle(5)
    street.zalo.revoke()
    kinds = [event.kind for event in await street.told()]
    assert kinds == [
        EventKind.FOLLOWED, EventKind.LEFT, EventKind.WITHDRAWN, EventKind.SHARED_DETAILS, EventKind.GRANT_REVOKED
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["user_click_chatnow", "user_call_oa", "user_reply_consent"])
async def test_an_interaction(street: Street, name: str) -> None:
    await street.zalo.event(name, AN.id)
    (event,) = await street.told()
    assert (event.kind, event.address) == (EventKind.INTERACTED, AN)


async def test_repeats_probes_and_a_full_inbox_lose_and_double_nothing(street: Street) -> None:
    street.zalo.faults.switch_on(Fault.DUPLICATE_EVENT, 1)
    street.zalo.faults.switch_on(Fault.UNSIGNED_PROBE, 1)
    street.inbox.refusals = 2
    message_id = await street.zalo.citizen_says(AN.id, "Xin chào")
    assert {message.id for message in await street.told()} == {message_id}
    assert [delivery.status for delivery in street.zalo.deliveries] == [200, 503, 503, 200, 200]


async def test_an_official_wrote_and_our_own_echo_says_nothing(street: Street) -> None:
    await street.zalo.citizen_says(AN.id, "Xin chào")
    sent = await street.send(Reply("Chào ông/bà"))
    await street.zalo.citizen_sees(AN.id, sent)
    await street.zalo.settle(5)
    written = await street.zalo.official_says(AN.id, "Tôi là cán bộ")
    question, event = await street.told()
    assert isinstance(question, IncomingMessage)
    assert isinstance(event, Event)
    assert (event.kind, event.id, event.text) == (EventKind.OFFICIAL_WROTE, written, "Tôi là cán bộ")
    receipts = [one for one in street.inbox.kept if isinstance(one, Receipt)]
    assert {(receipt.message_ids, receipt.seen) for receipt in receipts} == {((sent,), False), ((sent,), True)}


@pytest.mark.parametrize("wrapped", [False, True])
async def test_a_button_comes_back_as_the_choice_it_drew(street: Street, wrapped: bool) -> None:
    street.zalo.switches.query_wrapped = wrapped
    await street.zalo.citizen_says(AN.id, "Xin chào")
    await street.send(OFFER)
    (shown,) = street.zalo.messages_to(AN.id)
    assert shown.text.endswith("Trả lời bằng số:\n1. Lệ phí\n2. Nơi nộp")
    await street.told()
    await street.zalo.citizen_presses(AN.id, shown.buttons[1].value, hidden=True)
    assert [(message.choice, message.pressed) for message in await street.told()] == [(None, False), ("7.1", True)]


async def test_an_account_without_buttons_gets_the_numbers(street: Street) -> None:
    street.zalo.faults.switch_on(Fault.BUTTONS_REFUSED, 1)
    await street.zalo.citizen_says(AN.id, "Xin chào")
    sent = await street.send(OFFER)
    (shown,) = street.zalo.messages_to(AN.id)
    assert (shown.message_id, shown.buttons) == (sent, ())
    assert "1. Lệ phí" in shown.text


async def test_a_lost_answer_is_found_again(street: Street) -> None:
    await street.zalo.citizen_says(AN.id, "Xin chào")
    street.zalo.faults.switch_on(Fault.LOST_ANSWER, 1, CS)
    (part,) = street.channel.draw(Reply("Chào ông/bà"), "7")
    lost = Interrupted(AN, part, street.zalo.now(), street.channel.bookmark(), frozenset())
    assert await street.channel.find_sent(lost) is None
    with pytest.raises(Unreachable) as error:
        await street.channel.send(AN, part)
    assert error.value.maybe_sent
    (sent,) = street.zalo.messages_to(AN.id)
    assert await street.channel.find_sent(lost) == sent.message_id


async def test_a_line_that_broke_before_sent_nothing(street: Street) -> None:
    await street.zalo.citizen_says(AN.id, "Xin chào")
    street.zalo.faults.switch_on(Fault.CONNECTION_RESET, 1, CS)
    (part,) = street.channel.draw(Reply("Chào ông/bà"), "7")
    with pytest.raises(Unreachable):
        await street.channel.send(AN, part)
    lost = Interrupted(AN, part, street.zalo.now(), street.channel.bookmark(), frozenset())
    assert await street.channel.find_sent(lost) is None


async def test_a_message_gets_a_sign_and_its_photo_is_fetched(street: Street) -> None:
    await street.zalo.citizen_says(AN.id, "giấy hẹn", kind="image", content=b"\x89PNG", content_type="image/png")
    (message,) = await street.told()
    await street.channel.acknowledge(message)
    assert street.zalo.reactions_to(AN.id) == {message.id: RECEIVED}
    assert message.text == "giấy hẹn"
    assert await street.channel.fetch(message.attachments[0], 1_000) == b"\x89PNG"


async def test_somebody_without_an_account_is_answered(street: Street) -> None:
    await street.zalo.anonymous_says("an_77aa88bb", "Xin chào")
    (message,) = await street.told()
    sent = await street.send(Reply("Chào ông/bà"), message.address)
    assert [one.message_id for one in street.zalo.messages_to("an_77aa88bb")] == [sent]


@pytest.mark.parametrize(
    ("hours", "openness"), [(1, Openness.FREE), (49, Openness.CHARGED), (24 * 7 - 1, Openness.CHARGED)]
)
async def test_while_our_rule_says_open_the_platform_takes_it(street: Street, hours: int, openness: Openness) -> None:
    opened = await window_after(street, hours)
    await street.send(Reply("Chào ông/bà"))
    assert opened is openness
    assert len(street.zalo.ledger) == 1


async def test_when_our_rule_says_closed_the_platform_refuses(street: Street) -> None:
    opened = await window_after(street, 24 * 7 + 1)
    with pytest.raises(Refused) as refused:
        await street.send(Reply("Chào ông/bà"))
    assert (refused.value.why, opened) == (RefusedReason.WINDOW_CLOSED, Openness.CLOSED)


async def window_after(street: Street, hours: int) -> Openness:
    await street.zalo.citizen_says(AN.id, "Xin chào")
    (message,) = await street.told()
    street.zalo.advance(hours * 3600)
    return window(Standing(last_interaction_at=message.received_at), street.zalo.now()).openness
