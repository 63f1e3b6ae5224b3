"""The catalogue in the console, and imports through it: from the file to the draft for those whom it concerns."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from typing import Any, AsyncIterator, Optional

import aiohttp
import pytest
import sqlalchemy as sa

from bot.audit import Audit
from bot.broadcasts.campaign import Audience
from bot.broadcasts.campaigns import Campaigns
from bot.broadcasts.radar import MOST_DRAFTS
from bot.console.imports_page import ImportsPage
from bot.console.procedures_page import ProceduresPage
from bot.import_jobs import Imports
from bot.jobs.crew import Crew
from bot.jobs.in_process import TableQueue
from bot.jobs.tables import jobs
from bot.records import imported_documents, imported_procedures
from bot.storage import Database
from bot.tables import import_files
from knowledge.catalogue import Catalogue
from knowledge.procedures import Channel as WayIn
from knowledge.procedures import ChannelKind, Level, TimeLimit, TimeUnit
from nlu.vietnamese.folding import fold
from nlu.vietnamese.normalising import Normaliser
from tests.actions.small_catalogue import BIRTH, DEATH, procedure
from tests.bot.broadcasts.town import NOW, Door, Office, Person, settle
from tests.bot.console import office
from tests.bot.console.office import SECRET, Answer, Clock, Desk
from tests.knowledge.exports import channel, portal_record

CODE = "9.000001"
CHEAP = portal_record(CODE, ten="Cấp phép thả diều <b>")
DEARER = {**CHEAP, "cach_thuc": [channel(fee="50000 Đồng")]}
EVIL = procedure("1.000099", "Thủ tục <script>alert(1)</script>", source="javascript:alert(1)")


@dataclass
class Library:
    desk: Desk
    database: Database
    imports: Imports
    campaigns: Campaigns
    curated: list[Any] = field(default_factory=lambda: [BIRTH, DEATH, EVIL])
    catalogue: Optional[Catalogue] = None

    async def renew(self) -> None:
        """As bot.renewal does after an import."""
        documents = await self.database.run(imported_documents)
        normaliser = Normaliser.shipped()
        procedures = [*self.curated, *imported_procedures(documents)]
        self.catalogue = Catalogue(procedures, (), fold, lambda text: normaliser.normalise(text).text)

    async def send(
        self, name: str, *records: Any, login: str = "administrator", token: str = "", content: bytes = b""
    ) -> Answer:
        browser = self.desk.browser(login)
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("token", token or browser.token)
        form.add_field("file", content or "\n".join(map(json.dumps, records)).encode(), filename=name)
        async with browser.client.post(
            "/console/procedures/imports", data=form, headers=browser.headers, allow_redirects=False
        ) as answer:
            return Answer(answer.status, await answer.text(), answer.headers)

    async def take(self, name: str, *records: Any) -> str:
        """The page of an import that the job has done."""
        sent = await self.send(name, *records)
        assert sent.status == 303, sent.text
        await self.imports.work_off({})
        await self.renew()
        return await self.page(sent.location)

    async def page(self, path: str, login: str = "author") -> str:
        answer = await self.desk.browser(login).get(path)
        assert answer.status == 200, answer.text
        assert "<script>alert" not in answer.text
        assert "<b>" not in answer.text
        return answer.text


@contextlib.asynccontextmanager
async def library(database: Database) -> AsyncIterator[Library]:
    clock = Clock(NOW)
    audit = Audit(database, SECRET, clock)
    campaigns = Campaigns(database, audit, clock, check=lambda connection, content: ())
    imports = Imports(database, audit, clock, lambda: its.curated)
    queue = TableQueue(database, clock)
    crew = Crew(queue, {"import": imports.work_off}, [], _nobody, clock)
    pages = [
        *ProceduresPage(database, lambda: its.catalogue, clock).pages(),
        *ImportsPage(database, imports, campaigns, lambda: its.catalogue, crew).pages(),
    ]
    async with office.console(database, pages, clock) as desk:
        its = Library(desk, database, imports, campaigns)
        await its.renew()
        yield its


async def _nobody(*_: str) -> None: ...


async def test_the_catalogue_is_searched_by_words_and_code(database: Database) -> None:
    async with library(database) as its:
        assert "Danh mục có 3 thủ tục." in await its.page("/procedures", "agent")
        for question in ("lam khai sinh", BIRTH.code):
            page = await its.page(f"/procedures?q={question}")
            assert f'href="/console/procedures/{BIRTH.code}"' in page
        assert "Không tìm thấy thủ tục nào." in await its.page("/procedures?q=9.999999")
        assert "&lt;script&gt;" in await its.page(f"/procedures?q={EVIL.code}")


async def test_a_procedure_is_shown_as_citizens_are_told_it(database: Database) -> None:
    async with library(database) as its:
        page = await its.page(f"/procedures/{BIRTH.code}")
        assert "Tờ khai: 1 bản chính" in page
        assert "Thông tin được đối chiếu với nguồn ngày 31/07/2026." in page
        assert f'<a href="{BIRTH.source}"' in page
        assert page.count("<h3>Giấy tờ cần có</h3>") == len(BIRTH.cases)
        evil = await its.page(f"/procedures/{EVIL.code}")
        assert 'href="javascript' not in evil
        assert (await its.desk.browser("author").get("/procedures/1.999999")).status == 404


async def test_an_import_ends_in_a_draft_for_those_whom_it_concerns(database: Database) -> None:
    async with library(database) as its:
        asked = Person("anh", (Door("telegram", "t-anh", 2),), asked=CODE, asked_days_ago=80)
        waits = Person("binh", (Door("telegram", "t-binh", 2),), dossier=CODE)
        too_long_ago = Person("chi", (Door("telegram", "t-chi", 2),), asked=CODE, asked_days_ago=100)
        await settle(database, [asked, waits, too_long_ago])
        first = await its.take("dvcqg-2026-06.jsonl", CHEAP, portal_record("9.000002", cap=[]))
        assert "<dt>Mới</dt><dd>2</dd>" in first
        assert "không rõ cấp thực hiện" in first
        second = await its.take("dvcqg-2026-07.jsonl", DEARER)
        assert "Không còn trong bản xuất, vẫn giữ</dt><dd>1: 9.000002</dd>" in second
        assert "Tin nháp về thay đổi, chờ cán bộ xem</dt><dd>1</dd>" in second
        (draft,) = await its.campaigns.newest(10)
        assert (draft.state.value, draft.author_id) == ("draft", 0)
        assert draft.content.audience == Audience(asked=CODE, days=90, open_dossier=CODE)
        reach = await Office(database).forecast(draft.content)
        assert reach.people == 2
        changes = await its.page("/procedures/changes")
        assert "Cấp phép thả diều &lt;b&gt;" in changes
        assert "50.000 đồng" in changes
        assert f'href="/console/campaigns/{draft.id}"' in changes
        assert "Soạn tin" not in changes
        assert "50.000 đồng" in await its.page(f"/procedures/{CODE}", "agent")


async def test_a_change_without_a_draft_has_a_button_for_authors(database: Database) -> None:
    async with library(database) as its:
        codes = [f"9.{number:06}" for number in range(1, MOST_DRAFTS + 2)]
        await its.take("x-2026-06.jsonl", *(portal_record(code) for code in codes))
        dearer = [channel(fee="50000 Đồng")]
        await its.take("x-2026-07.jsonl", *(portal_record(code, cach_thuc=dearer) for code in codes))
        page = await its.page("/procedures/changes")
        action = page.partition('action="/console/procedures/changes/')[2].partition('"')[0]
        assert action == f"{MOST_DRAFTS + 1}/draft"
        assert "Soạn tin" not in await its.page("/procedures/changes", "agent")
        path = f"/procedures/changes/{action}"
        assert (await its.desk.browser("agent").post(path)).status == 403
        written = await its.desk.browser("author").post(path)
        assert written.location == f"/campaigns/{MOST_DRAFTS + 1}"
        assert (await its.desk.browser("author2").post(path)).location == written.location
        draft = await its.campaigns.get(MOST_DRAFTS + 1)
        assert (draft.author_id, draft.origin) == (its.desk.officials["author"].id, f"radar:{codes[-1]}")
        assert "50.000 đồng" in draft.content.body["vi"]
        assert "50,000" in draft.content.body["en"]
        assert (await its.desk.browser("author").post("/procedures/changes/999/draft")).status == 404


async def test_where_a_curated_entry_answers_it_must_be_looked_at_first(database: Database) -> None:
    async with library(database) as its:
        counter = (WayIn(kind=ChannelKind.POST, time_limit=TimeLimit(amount=3, unit=TimeUnit.DAY)),)
        its.curated.append(procedure(CODE, "Cấp phép thả diều", levels=(Level.MINISTRY,), channels=counter))
        report = await its.take("dvcqg-2026-07.jsonl", CHEAP)
        assert "Danh mục biên soạn khác bản xuất" in report
        page = await its.page(f"/procedures/{CODE}")
        assert "Trợ lý trả lời theo bản biên soạn." in page
        assert "<td>cấp thực hiện</td><td>cấp bộ (trung ương)</td><td>cấp xã (xã, phường, đặc khu)</td>" in page
        assert "<td>thời hạn</td><td>3 ngày</td><td>5 ngày làm việc</td>" in page
        assert "<td>cách nộp</td><td>Gửi bưu điện</td><td>Nộp trực tiếp</td>" in page
        await its.take("dvcqg-2026-08.jsonl", DEARER)
        assert "Thủ tục này có bản biên soạn" in await its.page("/procedures/changes")


async def test_what_cannot_be_imported_says_why(database: Database) -> None:
    async with library(database) as its:
        page = await its.take("x <b>.jsonl", {"ma": "<script>alert(1)</script>"})
        assert "Không nhập được" in page
        assert "giữ nguyên như cũ" in page
        assert (await its.send("", content=b"x")).status == 422
        assert "x &lt;b&gt;.jsonl" in await its.page("/procedures/imports")
        assert (await its.desk.browser("author").get("/procedures/imports/99")).status == 404


async def test_a_file_that_is_too_large_leaves_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.import_jobs.MAX_BYTES", 300_000)
    async with library(database) as its:
        answer = await its.send("x.jsonl", content=b"x" * 600_000)
        assert (answer.status, "64 MB" in answer.text) == (413, True)
        assert await database.run(lambda connection: connection.execute(sa.select(import_files)).all()) == []


async def test_only_administrators_import_and_it_is_audited(database: Database) -> None:
    async with library(database) as its:
        for login in ("author", "approver", "agent", "analyst"):
            assert (await its.send("x.jsonl", CHEAP, login=login)).status == 403
            assert "Gửi tệp lên" not in await its.page("/procedures/imports", login)
        assert (await its.send("x.jsonl", CHEAP, token="0" * 64)).status == 403
        assert await its.desk.deeds() == []
        assert (await its.send("x.jsonl", CHEAP)).status == 303
        assert await its.desk.deeds() == [("Hoàng Thị Lan", "procedures.import", "file 1")]
        assert "Đang chờ hoặc đang đọc" in await its.page("/procedures/imports/1")
        query = sa.select(jobs.c.name, jobs.c.key)
        assert [tuple(row) for row in await database.run(lambda c: c.execute(query).all())] == [("import", "")]
