"""Files of recipients in the console: sent up, read, and what is wrong with their rows."""

from __future__ import annotations

import io

import aiohttp
import pytest

from bot.audit import Audit
from bot.broadcasts import files
from bot.broadcasts.files import AudienceFiles
from bot.storage import Database
from tests.bot.console.campaign_desk import FORM, CampaignDesk, campaign_desk
from tests.bot.console.office import SECRET, Answer

ROWS = "Số điện thoại;Họ tên\n0912 000 001;Mai\n0912 000 002;Sơn\n028 3000 0000;<b>Lan</b>\n0912 000 001;Mai\n"


async def send(
    its: CampaignDesk, content: bytes, name: str = "dân.csv", login: str = "author", **fields: str
) -> Answer:
    browser = its.desk.browser(login)
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("token", fields.get("token", browser.token))
    form.add_field("file", io.BytesIO(content), filename=name)
    address = "/console/audiences"
    async with browser.client.post(address, data=form, headers=browser.headers, allow_redirects=False) as answer:
        return Answer(answer.status, await answer.text(), answer.headers)


async def read(its: CampaignDesk, content: str = ROWS) -> str:
    """The path of the file's page, once the file was read."""
    path = (await send(its, content.encode())).location
    reader = AudienceFiles(its.database, Audit(its.database, SECRET, its.desk.clock), its.desk.clock)
    await reader.read({"file": int(path.rpartition("/")[2])})
    return path


async def get(its: CampaignDesk, path: str, login: str = "author") -> Answer:
    return await its.desk.browser(login).get(path)


async def test_a_file_is_sent_up_and_waits_for_its_reader(database: Database) -> None:
    async with campaign_desk(database) as its:
        answer = await send(its, ROWS.encode(), "<dân>.csv")
        assert (answer.status, answer.location) == (303, "/audiences/1")
        assert await its.jobs() == [("read_file", "1")]
        page = (await get(its, "/audiences/1")).text
        assert "Đang đọc" in page
        assert "&lt;dân&gt;.csv" in page
        assert "data-over" not in (await get(its, "/audiences/1/progress")).text


async def test_each_bad_row_is_explained_and_can_be_taken_home(database: Database) -> None:
    async with campaign_desk(database) as its:
        path = await read(its)
        page = (await get(its, path)).text
        for said in ("data-over", "{ho_ten}", "là số điện thoại cố định", "đã có ở dòng 2", "/campaigns/new?file=1"):
            assert said in page
        assert "0912" not in page
        taken = await get(its, f"{path}/bad-rows.csv")
        assert taken.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert taken.headers["Content-Disposition"] == 'attachment; filename="bad-rows-1.csv"'
        lines = taken.text.lstrip("\ufeff").splitlines()
        assert lines[0] == "Dòng,Lý do"
        assert [line.split(",")[0] for line in lines[1:]] == ["4", "5"]


async def test_many_bad_rows_are_shown_in_pages(database: Database) -> None:
    async with campaign_desk(database) as its:
        path = await read(its, "Số điện thoại\n" + "mười hai\n" * 60)
        first = (await get(its, path)).text
        assert first.count("không phải số điện thoại") == 50
        second = (await get(its, f"{path}?after=51")).text
        assert f'href="/console{path}?after=51"' in first
        assert second.count("không phải số điện thoại") == 10
        assert "after=" not in second


async def test_a_campaign_is_written_for_a_file(database: Database) -> None:
    async with campaign_desk(database) as its:
        await read(its)
        assert '<option value="1" selected>' in (await get(its, "/campaigns/new?file=1")).text
        chosen = {"file": "1", "template": "77", "fact_ten": "{ho_ten}", "body_vi": "Mời {ho_ten}"}
        page = await its.show("author", await its.write(form={**FORM, **chosen}))
        assert "dân.csv (2 người)" in page
        assert "Mời Mai" in page
        assert "Mẫu tin Zalo đến số điện thoại" in page
        assert "1.000 đồng" in page
        refused = await its.desk.browser("author").post("/audiences/1/remove")
        assert (refused.status, "thông báo số 1" in refused.text) == (409, True)


async def test_a_file_that_nobody_uses_is_removed(database: Database) -> None:
    async with campaign_desk(database) as its:
        path = await read(its)
        assert (await its.desk.browser("author").post(f"{path}/remove")).location == "/audiences"
        assert (await get(its, path)).status == 404


@pytest.mark.parametrize(
    ("content", "name", "sentence"), [(b"", "", "Xin chọn một tệp."), (b"x" * 40, "a.csv", "Tệp lớn quá 100 MB.")]
)
async def test_what_is_not_taken_is_refused_in_a_sentence(
    database: Database, monkeypatch: pytest.MonkeyPatch, content: bytes, name: str, sentence: str
) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 30)
    async with campaign_desk(database) as its:
        answer = await send(its, content, name)
        assert answer.status == 422
        assert sentence in answer.text
        assert await its.jobs() == []


async def test_a_file_that_cannot_be_read_says_why(database: Database) -> None:
    async with campaign_desk(database) as its:
        page = (await get(its, await read(its, "Tên\nMai\n"))).text
        assert "Không dùng được" in page
        assert "Không tìm thấy dòng tiêu đề" in page


async def test_forged_uploads_and_others_are_refused(database: Database) -> None:
    async with campaign_desk(database) as its:
        assert (await send(its, b"x", token="made-up")).status == 403
        for login in ("approver", "analyst", "agent", "administrator"):
            assert (await send(its, b"x", login=login)).status == 403
            assert (await get(its, "/audiences", login)).status == 403
        assert (await get(its, "/audiences/1")).status == 404


async def test_a_file_that_breaks_off_is_given_up(database: Database) -> None:
    async with campaign_desk(database) as its:
        browser = its.desk.browser("author")
        parts = [("token", "", browser.token), ("file", '; filename="a.csv"', "Số điện thoại")]
        head = "--x\r\nContent-Disposition: form-data; name="
        body = "".join(f'{head}"{name}"{more}\r\n\r\n{text}\r\n' for name, more, text in parts)
        headers = {**browser.headers, "Content-Type": "multipart/form-data; boundary=x"}
        async with browser.client.post("/console/audiences", data=body.encode(), headers=headers) as answer:
            assert answer.status == 400
        page = (await get(its, "/audiences/1")).text
        assert "Tệp chưa được tải lên hết." in page
        assert await its.jobs() == []
