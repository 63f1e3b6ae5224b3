"""Unanswered questions in the console: grouped, masked, and shown as text."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import AsyncIterator

import msgspec
import pytest
import sqlalchemy as sa

from bot.console.questions_page import SAID, QuestionsPage
from bot.storage import Database
from bot.tables import transcript
from bot.unanswered import MISSES
from connectors.messages import Reply
from knowledge.catalogue import Catalogue
from nlu.vietnamese.folding import fold
from nlu.vietnamese.normalising import Normaliser
from tests.actions.small_catalogue import PROCEDURES
from tests.bot.console.office import Clock, Desk, console

NOW = dt.datetime(2026, 11, 23, 2, tzinfo=dt.timezone.utc)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    normaliser = Normaliser.shipped()
    return Catalogue(PROCEDURES, (), fold, lambda text: normaliser.normalise(text).text)


@contextlib.asynccontextmanager
async def desk_of(database: Database, catalogue: Catalogue) -> AsyncIterator[Desk]:
    clock = Clock(NOW)
    page = QuestionsPage(database, lambda: catalogue, clock)
    async with console(database, page.pages(), clock) as desk:
        yield desk


async def ask(database: Database, text: str, days_ago: float = 1, said: str = "not_understood") -> None:
    key = {"channel": "zalo", "person": "z-secret-person", "at": NOW - dt.timedelta(days=days_ago)}
    reply = msgspec.json.encode(Reply("Xin lỗi", custom={"utterance": said})).decode()

    def work(connection: sa.engine.Connection) -> None:
        count = connection.execute(sa.select(sa.func.count()).select_from(transcript)).scalar()
        line = {**key, "text": text, "message_id": str(count)}
        seq = connection.execute(transcript.insert(), line).inserted_primary_key[0]
        connection.execute(transcript.insert(), {**key, "answer_to": seq, "reply": reply})

    await database.run(work)


async def test_groups_are_masked_and_shown_as_text(database: Database, catalogue: Catalogue) -> None:
    async with desk_of(database, catalogue) as desk:
        await ask(database, "giá vàng hôm nay <script>alert(1)</script>", said="out_of_scope")
        await ask(database, "gia vang hom nay <script>alert(1)</script>", said="not_understood")
        await ask(database, "gọi tôi số 0912000345 về việc nuôi ong")
        await ask(database, "tìm hồ sơ H57.132-260804-0583 ở đâu", said="none_left")
        page = (await desk.browser("analyst").get("/questions")).text
        assert "4 tin nhắn chưa trả lời được trong 30 ngày, 3 nhóm." in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "<script>alert" not in page
        assert "chưa hiểu" in page
        assert "ngoài phạm vi" in page
        assert "xin nói lại" in page
        for secret in ("0912000345", "0345", "H57.132", "z-secret-person"):
            assert secret not in page
        assert "gọi tôi số •••" in page


async def test_only_as_far_back_as_asked(database: Database, catalogue: Catalogue) -> None:
    async with desk_of(database, catalogue) as desk:
        await ask(database, "nuôi ong lấy mật", 60)
        await ask(database, "nuôi cá cảnh", 20)
        await ask(database, "trồng lan rừng", 2)
        browser = desk.browser("agent")
        for query, days, messages in [("?days=7", 7, 1), ("", 30, 2), ("?days=90", 90, 3), ("?days=<b>", 30, 2)]:
            page = (await browser.get(f"/questions{query}")).text
            assert f"{messages} tin nhắn chưa trả lời được trong {days} ngày" in page
        assert "nuôi ong" not in (await browser.get("/questions")).text


async def test_nothing_was_missed(database: Database, catalogue: Catalogue) -> None:
    async with desk_of(database, catalogue) as desk:
        await ask(database, "làm khai sinh", said="procedure")
        page = (await desk.browser("administrator").get("/questions")).text
        assert "0 tin nhắn chưa trả lời được" in page
        assert "<table" not in page


async def test_who_may_read_questions(database: Database, catalogue: Catalogue) -> None:
    async with desk_of(database, catalogue) as desk:
        for login, status in [("author", 403), ("approver", 403), ("agent", 200), ("analyst", 200)]:
            assert (await desk.browser(login).get("/questions")).status == status


def test_every_miss_has_its_words() -> None:
    assert set(SAID) == set(MISSES)
