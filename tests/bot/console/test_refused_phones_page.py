"""Phone numbers that want no notices: written down by an official, kept as digests, and left out."""

from __future__ import annotations

import hashlib

import pytest
import sqlalchemy as sa

from bot.audit import Audit
from bot.broadcasts.refused_phones import RefusedPhones
from bot.broadcasts.tables import deliveries, refused_phones
from bot.console.refused_phones_page import RefusedPhonesPage
from bot.storage import Database
from tests.bot.broadcasts.broadcasting import Broadcast
from tests.bot.console.office import SECRET, console


def digest(phone: str) -> str:
    return hashlib.sha256(phone.encode()).hexdigest()


def page(database: Database) -> RefusedPhonesPage:
    return RefusedPhonesPage(RefusedPhones(database, Audit(database, SECRET), digest))


async def digests(database: Database) -> list[str]:
    query = sa.select(refused_phones.c.digest)
    return list(await database.run(lambda connection: connection.execute(query).scalars().all()))


async def test_a_number_is_refused_and_allowed_again(database: Database) -> None:
    async with console(database, page(database).pages()) as desk:
        browser = desk.browser("author")
        for _ in range(2):
            assert (await browser.post("/refused-phones", {"phone": "0900 000 001"})).status == 303
        assert await digests(database) == [digest("84900000001")]
        allowed = await browser.post("/refused-phones", {"phone": "+84 900000001", "do": "allow"})
        assert (allowed.status, await digests(database)) == (303, [])
        await browser.post("/refused-phones", {"phone": "0900000001", "do": "allow"})
        assert "Số này không có trong danh sách." in (await browser.get("/refused-phones")).text
        assert [deed for _, deed, _ in await desk.deeds() if deed.startswith("phone.")] == [
            "phone.refuse", "phone.refuse", "phone.allow",
        ]  # fmt: skip


@pytest.mark.parametrize("phone", ["", "0281234567", "<b>"])
async def test_what_is_no_mobile_number_stays_typed_and_is_explained(database: Database, phone: str) -> None:
    async with console(database, page(database).pages()) as desk:
        answer = await desk.browser("author").post("/refused-phones", {"phone": phone})
        assert answer.status == 422
        assert "Xin gõ một số di động Việt Nam" in answer.text
        assert "<b>" not in answer.text
        assert (await desk.browser("analyst").post("/refused-phones", {"phone": "0900000001"})).status == 403
        assert await digests(database) == []


async def test_what_is_planned_already_is_not_sent_to_it(database: Database) -> None:
    broadcast = Broadcast(database)
    await broadcast.plan()
    await broadcast.add("phone:84900000001", "phone:84900000002", vehicle="phone", citizen_id=None)
    async with console(database, page(database).pages()) as desk:
        await desk.browser("author").post("/refused-phones", {"phone": "0900000001"})
    query = sa.select(deliveries.c.state, deliveries.c.why).order_by(deliveries.c.id)
    rows = await database.run(lambda connection: connection.execute(query).all())
    assert [tuple(row) for row in rows] == [("failed", "restricted"), ("waiting", None)]
