"""Notices reach a citizen once, where they were last seen and may be written to."""

from __future__ import annotations

import datetime as dt
import json

import pytest
import sqlalchemy as sa

from bot import contacts, tables
from bot.notices import Notices
from bot.outbox import Outbox
from bot.records import Citizens, Transcript
from bot.storage import Database
from connectors.errors import RefusedReason
from connectors.messages import Address, Reply
from nlu.assistant import Utterance
from tests.bot.paper_channel import PaperChannel

NOW = dt.datetime(2026, 11, 22, 3, 0, tzinfo=dt.timezone.utc)
ZALO, TELEGRAM = Address("zalo", "8123450000000000001"), Address("telegram", "91000001")
GROUP, WEB = Address("telegram", "-100200/91000001"), Address("webchat", "v1")


class Desk:
    def __init__(self, database: Database) -> None:
        self.database = database
        outbox = Outbox(database, {"zalo": PaperChannel(), "telegram": PaperChannel()}, _tell, _end, lambda _: None)
        self.outbox = outbox
        self.notices = Notices(outbox, ("zalo", "telegram"), _word, lambda: NOW)

    async def knows(self, address: Address, hours_ago: float) -> None:
        await Citizens(self.database).recognise(address)
        at = NOW - dt.timedelta(hours=hours_ago)
        await self.database.run(lambda connection: contacts.interacted(connection, address, at))
        same = tables.addresses.update().values(citizen_id="c1")
        await self.database.run(lambda connection: connection.execute(same))

    async def tell(self) -> Address | None:
        notice = Utterance("dossier_moved")
        return await self.database.run(lambda connection: self.notices.enqueue(connection, "c1", notice))


async def _tell(name: str, sentence: str) -> None:
    raise AssertionError(name)


async def _end(name: str) -> None: ...


def _word(utterance: Utterance, language: str) -> Reply:
    return Reply(f"{utterance.name} {language}")


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


async def test_one_person_on_two_channels_is_told_on_the_one_used_last(desk: Desk) -> None:
    await desk.knows(ZALO, hours_ago=5)
    await desk.knows(TELEGRAM, hours_ago=1)
    assert await desk.tell() == TELEGRAM
    count = sa.select(sa.func.count()).select_from(tables.outbox)
    assert await desk.database.run(lambda connection: connection.execute(count).scalar()) == 1
    lines = await Transcript(desk.database).history(TELEGRAM)
    assert [line.reply.text for line in lines if line.reply] == ["dossier_moved vi"]


async def test_a_closed_window_or_a_block_leads_to_the_other_channel(desk: Desk) -> None:
    await desk.knows(TELEGRAM, hours_ago=400)
    await desk.knows(ZALO, hours_ago=200)
    assert await desk.tell() == TELEGRAM  # eight days are too many for Zalo
    await desk.database.run(lambda connection: contacts.refused(connection, TELEGRAM, RefusedReason.LEFT))
    assert await desk.tell() is None


async def test_nobody_is_told_in_a_group_or_on_a_page(desk: Desk) -> None:
    await desk.knows(GROUP, hours_ago=1)
    await desk.knows(WEB, hours_ago=1)
    assert await desk.tell() is None


async def test_whom_zalo_lets_us_reach_no_more_gets_the_approved_template(desk: Desk) -> None:
    desk.notices = Notices(desk.outbox, ("zalo",), _word, lambda: NOW, template="412345")
    await desk.knows(ZALO, hours_ago=200)
    notice = Utterance("dossier_moved", {"code": "H57.132-260804-0583", "status": 4})
    address = await desk.database.run(lambda connection: desk.notices.enqueue(connection, "c1", notice))
    assert address == ZALO
    body = await desk.database.run(lambda connection: connection.execute(sa.select(tables.outbox.c.body)).scalar())
    facts = {"ma_ho_so": "H57.132-260804-0583", "trang_thai": "Đang xử lý", "ngay": "22/11/2026"}
    assert json.loads(body) == {"template": {"id": "412345", "facts": facts}}
