"""Citizens as an agent sees them: masked, with why nothing can be sent; who looks at one is in the audit log."""

from __future__ import annotations

import contextlib
from typing import AsyncIterator, Optional

import pytest

from bot.audit import Actor, Audit
from bot.broadcasts.campaign import Content
from bot.broadcasts.campaigns import Campaigns
from bot.broadcasts.tables import deliveries
from bot.console import citizens_page
from bot.console.citizens_page import HANDLE, SHOWN, CitizensPage, masked
from bot.storage import Database
from tests.bot.broadcasts.town import NOW, Door, Person, settle
from tests.bot.console.office import SECRET, Clock, Desk, console

LAN, NAM = "a1" * 16, "b2" * 16
ZALO, TELEGRAM, VISITOR = "8123450000000004821", "5550004821", "6f1d0c2e9a"
PEOPLE = [
    Person(LAN, (Door("zalo", ZALO, 300, follows=True), Door("webchat", VISITOR)), topics=("land",), ward="Phường 1"),
    Person(NAM, (Door("telegram", TELEGRAM, 2, refused="left", language="en"),), opted_out=True),
]
TOPICS = {"land": "đất đai <b>"}


@contextlib.asynccontextmanager
async def desk_of(database: Database) -> AsyncIterator[Desk]:
    clock = Clock(NOW)
    page = CitizensPage(database, Audit(database, SECRET, clock), lambda say: TOPICS, clock)
    await settle(database, PEOPLE)
    async with console(database, page.pages(), clock) as desk:
        yield desk


async def see(desk: Desk, path: str, login: str = "agent") -> str:
    """The page; nothing in it leads to a person outside."""
    answer = await desk.browser(login).get(path)
    assert answer.status == 200, answer.text
    for secret in (ZALO, TELEGRAM, VISITOR, LAN, NAM, ZALO[:-4], TELEGRAM[:-4]):
        assert secret not in answer.text
    return answer.text


def handle(citizen: str) -> str:
    return citizen[:HANDLE]


async def tell(database: Database, person: str, state: str, why: Optional[str] = None) -> None:
    campaigns = Campaigns(database, Audit(database, SECRET, Clock(NOW)), Clock(NOW), lambda connection, content: ())
    content = Content(title="Họp dân <i>", body={"vi": "Mời bà Lan đến họp."})
    campaign = await campaigns.create(Actor(1, "Mai"), content)
    row = {"campaign": campaign.id, "channel": "zalo", "person": person, "language": "vi", "vehicle": "message",
           "text": "Mời bà Lan đến họp.", "state": state, "why": why, "attempts": 1, "finished_at": NOW}  # fmt: skip
    await database.run(lambda connection: connection.execute(deliveries.insert(), row))


async def test_the_list_is_masked(database: Database) -> None:
    async with desk_of(database) as desk:
        page = await see(desk, "/citizens")
        assert "Zalo •••4821" in page
        assert "Trang trò chuyện •••" in page
        assert "đã từ chối nhận tin" in page
        assert await desk.deeds() == []


async def test_one_citizen_says_why_nothing_can_be_sent(database: Database) -> None:
    async with desk_of(database) as desk:
        lan = await see(desk, f"/citizens/{handle(LAN)}")
        assert "đất đai &lt;b&gt;" in lan
        assert "Phường 1" in lan
        assert "Quá 7 ngày không nhắn tin trên Zalo" in lan
        assert "Không theo dõi tài khoản Zalo" not in lan
        nam = await see(desk, f"/citizens/{handle(NAM)}")
        assert "Đã chặn hoặc thôi quan tâm tài khoản của cơ quan" in nam
        assert "Tiếng Anh" in nam
        assert "từ 10:00 ngày 20/11/2026" in nam


async def test_reading_one_is_audited_and_a_stranger_is_nobody(database: Database) -> None:
    async with desk_of(database) as desk:
        await see(desk, f"/citizens/{handle(LAN)}")
        assert await desk.deeds() == [("Phạm Thị Thu", "citizen.read", f"citizen {handle(LAN)}")]
        for wrong in ("0" * HANDLE, LAN, handle(LAN)[:-1], "%25"):
            assert (await desk.browser("agent").get(f"/citizens/{wrong}")).status == 404
        assert len(await desk.deeds()) == 1


async def test_what_was_told_when_and_never_the_text(database: Database) -> None:
    async with desk_of(database) as desk:
        assert "Chưa có tin nào gửi cho người này." in await see(desk, f"/citizens/{handle(LAN)}")
        await tell(database, ZALO, "seen")
        await tell(database, ZALO, "failed", "window_closed")
        page = await see(desk, f"/citizens/{handle(LAN)}")
        assert "Họp dân &lt;i&gt;" in page
        assert "Mời bà Lan" not in page
        assert page.index("Không gửi được: Đã lâu không nhắn cho cơ quan") < page.index("Đã xem")
        assert "/console/campaigns/" not in page  # an agent may not open them


@pytest.mark.parametrize(
    ("query", "handles"),
    [
        ("channel=zalo&ending=4821", [LAN]),
        ("channel=telegram&ending=04821", [NAM]),
        ("channel=webchat&ending=4821", []),
        ("channel=zalo&ending=9999", []),
    ],
)
async def test_somebody_is_found_by_the_end_of_their_id(
    database: Database, monkeypatch: pytest.MonkeyPatch, query: str, handles: list[str]
) -> None:
    monkeypatch.setattr(citizens_page, "LOOKED_AT", 1)
    await settle(database, [Person(f"{one}" * 32, (Door("zalo", f"8{one}0001111"),)) for one in range(3)])
    async with desk_of(database) as desk:
        page = await see(desk, f"/citizens?{query}")
        assert [one for one in (LAN, NAM) if f'href="/console/citizens/{handle(one)}"' in page] == handles


@pytest.mark.parametrize(
    "query",
    [
        "ending=4821",
        "channel=zalo",
        "channel=zalo&ending=48",
        "channel=zalo&ending=48%25%25",
        "channel=sms&ending=4821",
        f"channel=zalo&ending={ZALO}",
    ],
)
async def test_a_search_needs_a_channel_and_some_characters(database: Database, query: str) -> None:
    async with desk_of(database) as desk:
        assert (await desk.browser("agent").get(f"/citizens?{query}")).status == 422


async def test_a_long_list_goes_on(database: Database) -> None:
    async with desk_of(database) as desk:
        doors = {number: Door("telegram", f"77{number:06}1234") for number in range(1, SHOWN + 5)}
        many = [Person(f"{number:032x}"[::-1], (door,)) for number, door in doors.items()]
        await settle(database, many)
        first = await see(desk, "/citizens")
        older = first.partition('rel="next" href="/console')[2].partition('"')[0]
        second = await see(desk, older)
        shown = [one.id for one in [*PEOPLE, *many] if f'citizens/{handle(one.id)}"' in first]
        more = [one.id for one in [*PEOPLE, *many] if f'citizens/{handle(one.id)}"' in second]
        assert len(shown) == SHOWN
        assert sorted([*shown, *more]) == sorted(one.id for one in [*PEOPLE, *many])
        assert "Còn người khác" in await see(desk, "/citizens?channel=telegram&ending=1234")


async def test_only_agents_see_citizens(database: Database) -> None:
    async with desk_of(database) as desk:
        for login in ("author", "approver", "analyst", "administrator"):
            for path in ("/citizens", f"/citizens/{handle(LAN)}"):
                assert (await desk.browser(login).get(path)).status == 403


def test_a_short_id_shows_less() -> None:
    assert [masked(one) for one in ("8123450000000004821", "123456", "123", "12", "")] == [
        "•••4821", "•••56", "•••3", "•••", "•••",
    ]  # fmt: skip
