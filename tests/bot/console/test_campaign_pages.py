"""Writing a campaign in the console: what is typed, what is shown of it, and two who write at once."""

from __future__ import annotations

import pytest

from bot.storage import Database
from tests.bot.console.campaign_desk import FORM, campaign_desk
from tests.bot.console.test_picture_pages import png

MARKUP = "<script>alert(1)</script>"


async def test_a_draft_is_shown_with_what_it_will_take(database: Database) -> None:
    async with campaign_desk(database) as its:
        id = await its.write()
        page = await its.show("author", id)
        for said in ("Miễn lệ phí hộ tịch", "Đăng ký khai sinh không thu lệ phí.", "Bản nháp", "Xem trước"):
            assert said in page
        assert "UBND phường Thử Nghiệm" in page  # who tells it stands below the text
        assert "Tổng cộng</th><td class=\"number\">2</td>" in page
        assert "Đã từ chối nhận tin" in page
        assert "Quá 7 ngày không nhắn tin trên Zalo" in page
        assert "từ 21:00 đến 07:00" in page
        assert "0 đồng" in page
        assert (("forecast", str(id))) in await its.jobs()


async def test_without_a_forecast_the_page_says_that_it_is_being_counted(database: Database) -> None:
    async with campaign_desk(database) as its:
        answer = await its.desk.browser("author").post("/campaigns/new", FORM)
        page = (await its.desk.browser("author").get(answer.location)).text
        assert "Đang tính số người nhận" in page


async def test_counting_anew_is_one_more_job(database: Database) -> None:
    async with campaign_desk(database) as its:
        id = await its.write()
        assert (await its.desk.browser("analyst").post(f"/campaigns/{id}/forecast")).status == 303
        assert await its.jobs() == [("forecast", str(id))]  # the first one still waits: they are the same


async def test_markup_in_a_title_is_shown_as_text(database: Database) -> None:
    async with campaign_desk(database) as its:
        id = await its.write(form={**FORM, "title": MARKUP, "body_vi": MARKUP, "link": f'"{MARKUP}'})
        for path in (f"/campaigns/{id}", f"/campaigns/{id}/edit", "/campaigns", f"/campaigns/{id}/live"):
            page = (await its.desk.browser("author").get(path)).text
            assert "&lt;script&gt;alert" in page
            assert "<script>alert" not in page


async def test_nothing_typed_is_lost_when_a_field_is_wrong(database: Database) -> None:
    async with campaign_desk(database) as its:
        form = {**FORM, "asked": "khai sinh", "body_en": "Free of charge.", "topics": "land", "days": "rất nhiều"}
        answer = await its.desk.browser("author").post("/campaigns/new", form)
        assert answer.status == 422
        for kept in ("Miễn lệ phí hộ tịch", "Free of charge.", 'value="khai sinh"', 'value="rất nhiều"'):
            assert kept in answer.text
        assert 'value="land" checked' in answer.text
        assert "Không có thủ tục nào mang mã này" in answer.text
        assert "Số ngày là một số" in answer.text
        assert await its.campaigns.newest(5) == []


async def test_what_was_saved_is_in_the_form_again(database: Database) -> None:
    async with campaign_desk(database) as its:
        chosen = {"topics": "land", "channels": "telegram", "template": "77", "see_procedure": "yes"}
        id = await its.write(form={**FORM, **chosen})
        page = await its.show("author", id, "/edit")
        assert 'value="Miễn lệ phí hộ tịch"' in page
        assert 'value="land" checked' in page
        assert 'value="telegram" checked' in page
        assert 'name="see_procedure" value="yes" checked' in page
        assert '<option value="77" selected>' in page


async def test_who_is_slower_is_told_and_keeps_what_they_typed(database: Database) -> None:
    async with campaign_desk(database) as its:
        id = await its.write()
        seen = await its.version(id)
        first = await its.desk.browser("author").post(f"/campaigns/{id}/edit", {**FORM, **seen, "title": "Bản của Mai"})
        assert first.status == 303
        second = {**FORM, **seen, "title": "Bản của Sơn"}
        clash = await its.desk.browser("author2").post(f"/campaigns/{id}/edit", second)
        assert clash.status == 409
        assert "người khác đã sửa" in clash.text
        assert 'value="Bản của Sơn"' in clash.text
        assert "<del>Bản của Mai</del>" in clash.text
        assert (await its.campaigns.get(id)).content.title == "Bản của Mai"
        again = await its.desk.browser("author2").post(f"/campaigns/{id}/edit", {**second, **await its.version(id)})
        assert again.status == 303
        assert (await its.campaigns.get(id)).content.title == "Bản của Sơn"


async def test_what_keeps_it_from_being_sent_is_listed_and_refused(database: Database) -> None:
    async with campaign_desk(database) as its:
        id = await its.write(form={**FORM, "body_vi": "Kính gửi {ho_ten}, " + "dài " * 600, "link": "http://x.vn"})
        page = await its.show("author", id)
        assert "Chỗ trống {ho_ten}" in page
        assert "phải bắt đầu bằng https://" in page
        assert "Phần bị cắt:" in page
        assert "Trình duyệt</button>" not in page
        assert await its.step("author", id, "submit") == 409
        assert await its.state(id) == "draft"


async def test_the_list_goes_on_and_is_narrowed_by_state(database: Database) -> None:
    async with campaign_desk(database) as its:
        ids = [await its.write(form={**FORM, "title": f"Tin thứ {number}"}) for number in range(27)]
        await its.step("author", ids[0], "submit")
        first = (await its.desk.browser("analyst").get("/campaigns")).text
        assert "Tin thứ 26<" in first
        assert "Tin thứ 1<" not in first
        assert "Trần Thị Mai" in first
        older = (await its.desk.browser("analyst").get(f"/campaigns?before={ids[2]}")).text
        assert "Tin thứ 1<" in older
        submitted = (await its.desk.browser("analyst").get("/campaigns?state=submitted")).text
        assert "Tin thứ 0<" in submitted
        assert "Tin thứ 1<" not in submitted


@pytest.mark.parametrize("path", ["/campaigns/99", "/campaigns/99/edit", "/campaigns/99/live"])
async def test_a_campaign_that_is_not_there(database: Database, path: str) -> None:
    async with campaign_desk(database) as its:
        answer = await its.desk.browser("author").get(path)
        assert answer.status == 404
        assert "Không có thông báo này." in answer.text


async def test_strange_queries_are_the_first_page(database: Database) -> None:
    async with campaign_desk(database) as its:
        id = await its.write()
        for path in ("/campaigns?before=²&state=x", f"/campaigns/{id}?row=²", f"/campaigns/{id}?row=99"):
            assert (await its.desk.browser("author").get(path)).status == 200


async def test_a_template_is_shown_filled_and_a_picture_beside_the_text(database: Database) -> None:
    async with campaign_desk(database) as its:
        picture = await its.broadcasting.pictures.keep("bia.png", png())
        chosen = {"template": "77", "fact_ten": "Giờ của {co_quan}", "picture": str(picture.id)}
        page = await its.show("author", await its.write(form={**FORM, **chosen}))
        assert "<dd>Giờ của UBND phường Thử Nghiệm</dd>" in page
        assert f'src="/console/pictures/{picture.id}"' in page
