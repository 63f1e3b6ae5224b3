"""Templates and articles on the emulated Zalo: sent as parts, with receipts, and never twice."""

from __future__ import annotations

import datetime as dt
from typing import AsyncIterator

import pytest

from connectors.channel import Interrupted, Part
from connectors.errors import Refused, RefusedReason, Unknowable, Unreachable
from connectors.messages import Address
from connectors.zalo.reactions import LookAtThis, StillProcessing
from connectors.zalo.vehicles import FOLLOWERS, draw_article, draw_phone_template, draw_template
from emulators.portal_world import VIETNAM_TIME
from emulators.zalo import Fault
from tests.connectors.zalo.street import AN, Street, open_street

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=VIETNAM_TIME)
PHONE = Address("zalo", "phone:84912000345")
EVERYBODY = Address("zalo", FOLLOWERS)
FACTS = {"ma_ho_so": "H12.34.56-261101-0001", "ngay": "01/12/2026"}
BY_PHONE = draw_phone_template("412346", FACTS, "b17")
ARTICLE = draw_article(
    "Lịch làm việc mới",
    "Làm việc cả sáng thứ bảy",
    "Từ ngày 01/12 …",
    "https://mot-cua.example.gov.vn/pictures/7/0123456789abcdef0123456789abcdef",
    "UBND phường Mẫu",
)
CREATE, BROADCAST = "/v2.0/article/create", "/v2.0/oa/message"


@pytest.fixture
async def street() -> AsyncIterator[Street]:
    async with open_street(now=lambda: NOON) as street:
        street.zalo.switches.article_polls = 1
        yield street


async def made(street: Street, part: Part = ARTICLE) -> None:
    """The article was given to Zalo, which has not finished with it at the first look."""
    with pytest.raises(StillProcessing):
        await street.channel.send(EVERYBODY, part)


async def test_a_template_by_phone_and_its_receipt(street: Street) -> None:
    message_id = await street.channel.send(PHONE, BY_PHONE)
    (sent,) = street.zalo.messages_to(AN.id)
    assert (sent.message_id, sent.kind) == (message_id, "template")
    (receipt,) = await street.receipts()
    assert (receipt.message_ids, receipt.seen) == ((message_id,), False)


async def test_a_template_by_user_id(street: Street) -> None:
    await street.zalo.citizen_says(AN.id, "Xin chào")
    message_id = await street.channel.send(AN, draw_template("412346", FACTS))
    assert [one.message_id for one in street.zalo.messages_to(AN.id)] == [message_id]


async def test_a_number_without_zalo(street: Street) -> None:
    with pytest.raises(Refused) as error:
        await street.channel.send(Address("zalo", "phone:84999000999"), BY_PHONE)
    assert error.value.why is RefusedReason.NO_SUCH_PERSON


async def test_an_empty_purse_stops_only_what_costs(street: Street) -> None:
    street.zalo.balance = 0
    with pytest.raises(LookAtThis) as error:
        await street.channel.send(PHONE, BY_PHONE)
    assert error.value.only_this


async def test_an_article_is_sent_when_zalo_has_made_it(street: Street) -> None:
    street.zalo.follow(AN.id)
    await made(street)
    assert await street.channel.send(EVERYBODY, ARTICLE)
    assert street.zalo.calls[CREATE] == 1
    street.zalo.advance(1800)
    assert [(one.user_id, one.kind, one.text) for one in street.zalo.ledger] == [
        (AN.id, "article", "Lịch làm việc mới")
    ]


async def test_the_same_article_later_is_another_one(street: Street) -> None:
    for _ in range(2):
        await made(street)
        await street.channel.send(EVERYBODY, ARTICLE)
    assert street.zalo.calls[CREATE] == 2


@pytest.mark.parametrize("path", [CREATE, "/v2.0/article/verify"])
async def test_before_the_broadcast_nothing_can_have_been_sent(street: Street, path: str) -> None:
    street.zalo.faults.switch_on(Fault.LOST_ANSWER, 1, path)
    with pytest.raises(Unreachable) as error:
        await street.channel.send(EVERYBODY, ARTICLE)
    assert not error.value.maybe_sent
    assert BROADCAST not in street.zalo.calls


async def test_a_broadcast_whose_answer_was_lost_may_have_been_sent_and_nobody_can_tell(street: Street) -> None:
    street.zalo.follow(AN.id)
    await made(street)
    street.zalo.faults.switch_on(Fault.LOST_ANSWER, 1, BROADCAST)
    with pytest.raises(Unreachable) as error:
        await street.channel.send(EVERYBODY, ARTICLE)
    assert error.value.maybe_sent
    street.zalo.advance(1800)
    assert len(street.zalo.ledger) == 1


@pytest.mark.parametrize(("address", "part"), [(PHONE, BY_PHONE), (EVERYBODY, ARTICLE), (AN, draw_template("1", {}))])
async def test_none_of_these_can_be_found_again(street: Street, address: Address, part: Part) -> None:
    with pytest.raises(Unknowable):
        await street.channel.find_sent(Interrupted(address, part, NOON, "", frozenset()))


async def test_no_article_is_made_at_night(street: Street) -> None:
    street.zalo.advance(11 * 3600)
    with pytest.raises(Refused) as error:
        await street.channel.send(EVERYBODY, ARTICLE)
    assert error.value.why is RefusedReason.QUIET_HOURS
    assert CREATE not in street.zalo.calls
