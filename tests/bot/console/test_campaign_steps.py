"""A campaign on its way to being sent: who may do what, and what is answered to whoever may not."""

from __future__ import annotations

from itertools import product

import pytest

from bot.storage import Database
from bot.tables import outbox
from tests.bot.console.campaign_desk import FORM, campaign_desk

WRITING = ("edit", "try", "submit")
STEPS = (
    *WRITING,
    *("give-back", "approve", "review", "schedule", "unschedule", "start", "pause", "resume", "cancel", "unknown"),
)


async def test_two_officials_bring_it_on_its_way(database: Database) -> None:
    async with campaign_desk(database) as its:
        id = await its.write()
        assert await its.step("author", id, "submit") == 303
        assert "Đọc và duyệt" in await its.show("approver", id)
        page = await its.show("approver", id, "/approve")
        assert "Miễn lệ phí hộ tịch" in page
        assert "Đã từ chối nhận tin" in page
        assert await its.step("approver", id, "approve", read="yes") == 303
        assert "Gửi cho 2 người" in await its.show("approver", id)
        assert await its.step("approver", id, "start") == 303
        assert await its.state(id) == "sending"
        assert [job for job in await its.jobs() if job[0] != "forecast"] == [("plan", str(id))]
        page = await its.show("analyst", id)
        for deed in ("Mai – soạn", "Mai – trình duyệt", "Bình – duyệt", "Bình – bắt đầu gửi"):
            assert deed in page


async def test_an_author_cannot_approve_their_own(database: Database) -> None:
    async with campaign_desk(database) as its:
        id = await its.write("both")
        await its.step("both", id, "submit")
        page = await its.show("both", id)
        assert "Đọc và duyệt" not in page
        assert "không tự duyệt được" in page
        form = {**await its.version(id), "read": "yes"}
        refused = await its.desk.browser("both").post(f"/campaigns/{id}/approve", form)
        assert refused.status == 403
        assert "Người đã soạn, sửa hoặc gửi duyệt thông báo không được tự duyệt." in refused.text
        assert await its.state(id) == "submitted"


async def test_whoever_only_changed_it_cannot_approve_it_either(database: Database) -> None:
    async with campaign_desk(database) as its:
        id = await its.write()
        assert await its.step("both", id, "edit", **{**FORM, "title": "Bản đã sửa"}) == 303
        await its.step("author", id, "submit")
        assert "Đọc và duyệt" not in await its.show("both", id)
        assert await its.step("both", id, "approve", read="yes") == 403


async def test_what_cannot_wait_is_approved_by_its_author_and_reviewed_by_another(database: Database) -> None:
    async with campaign_desk(database) as its:
        id = await its.write("both")
        await its.step("both", id, "submit")
        assert "Vì sao không thể chờ" in await its.show("both", id, "/approve")
        assert await its.step("both", id, "approve", read="yes", alarm="yes", urgent_reason="Nước đang lên") == 303
        assert await its.state(id) == "approved"
        assert "chờ người khác xem lại" in (await its.desk.browser("approver").get("/campaigns")).text
        assert "Tôi đã xem lại" in await its.show("approver", id)
        assert "Tôi đã xem lại" not in await its.show("both", id)
        assert await its.step("both", id, "review") == 403
        assert await its.step("approver", id, "review") == 303
        assert "chờ người khác xem lại" not in (await its.desk.browser("approver").get("/campaigns")).text


async def test_an_approver_says_that_they_have_read_it(database: Database) -> None:
    async with campaign_desk(database) as its:
        id = await its.write()
        await its.step("author", id, "submit")
        assert await its.step("approver", id, "approve") == 422
        assert await its.state(id) == "submitted"


async def test_an_approver_sees_what_changed_since_the_last_approval(database: Database) -> None:
    async with campaign_desk(database) as its:
        id = await its.approved()
        changed = {**FORM, "topics": "land", "body_vi": "Lệ phí còn một nửa."}
        assert await its.step("author", id, "edit", **changed) == 303
        assert await its.state(id) == "draft"
        await its.step("author", id, "submit")
        page = await its.show("approver", id, "/approve")
        assert "<del>Đăng ký khai sinh không thu lệ phí.</del>" in page
        assert "<ins>Lệ phí còn một nửa.</ins>" in page
        assert "<ins>đất đai</ins>" in page
        assert "<ins>Miễn lệ phí hộ tịch</ins>" not in page


async def test_what_is_given_back_tells_the_author_why(database: Database) -> None:
    async with campaign_desk(database) as its:
        id = await its.write()
        await its.step("author", id, "submit")
        assert await its.step("approver", id, "give-back") == 422
        assert await its.step("approver", id, "give-back", note="Thiếu <ngày> {áp dụng}") == 303
        assert "trả lại: Thiếu &lt;ngày&gt; {áp dụng}" in await its.show("author", id)


async def test_a_moment_is_set_in_vietnams_time_and_taken_back(database: Database) -> None:
    async with campaign_desk(database) as its:
        id = await its.approved()
        assert await its.step("approver", id, "schedule", at="2026-11-20T14:30") == 303
        assert "Gửi lúc 14:30 ngày 20/11/2026" in await its.show("author", id)
        assert await its.step("approver", id, "unschedule") == 303
        assert await its.state(id) == "approved"


@pytest.mark.parametrize("at", ["", "sáng mai", "2026-11-20T09:59", "0001-01-01T00:00", "9999-12-31T23:59"])
async def test_a_moment_that_is_none_or_over_is_refused(database: Database, at: str) -> None:
    async with campaign_desk(database) as its:
        id = await its.approved()
        status = await its.step("approver", id, "schedule", at=at)
        assert (status, await its.state(id)) in [(422, "approved"), (303, "scheduled")]
        assert (status == 303) == at.startswith("9999")


async def test_a_step_that_was_taken_meanwhile_is_refused_in_a_sentence(database: Database) -> None:
    async with campaign_desk(database) as its:
        id = await its.approved()
        seen = await its.version(id)
        await its.step("approver", id, "start")
        answer = await its.desk.browser("approver2").post(f"/campaigns/{id}/start", seen)
        assert answer.status == 409
        assert "Mời xem lại rồi làm tiếp." in answer.text
        assert await its.step("approver2", id, "start") == 409


async def test_nobody_takes_a_step_that_is_not_theirs(database: Database) -> None:
    readers = product(["agent", "analyst", "administrator"], STEPS)
    authors = product(["author"], [step for step in STEPS if step not in WRITING])
    async with campaign_desk(database) as its:
        id = await its.write()
        for login, step in [*readers, *authors, *product(["approver"], WRITING)]:
            assert await its.step(login, id, step, read="yes") == 403, (login, step)
        assert (await its.version(id), await its.state(id)) == ({"version": "1"}, "draft")


async def test_an_agent_does_not_even_see_campaigns(database: Database) -> None:
    async with campaign_desk(database) as its:
        id = await its.write()
        for path in ("/campaigns", "/campaigns/new", f"/campaigns/{id}", f"/campaigns/{id}/figures"):
            assert (await its.desk.browser("agent").get(path)).status == 403


async def test_a_forged_form_is_refused(database: Database) -> None:
    elsewhere = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    async with campaign_desk(database) as its:
        id = await its.write("both")
        version, browser = await its.version(id), its.desk.browser("both")
        for step in STEPS:
            path = f"/campaigns/{id}/{step}"
            assert (await browser.post(path, {**version, "token": "made-up"})).status == 403, step
            assert (await browser.post(path, version, **elsewhere)).status == 403, step
        assert await its.version(id) == version


async def test_a_trial_goes_to_oneself_in_each_language(database: Database) -> None:
    async with campaign_desk(database) as its:
        id = await its.write(form={**FORM, "body_en": "Free of charge."})
        assert "Gửi thử cho tôi" not in await its.show("author", id)
        assert await its.step("author", id, "try") == 409
        await its.join("author", "zalo", "z-mai")
        assert "Gửi thử cho tôi" in await its.show("author", id)
        assert await its.step("author", id, "try") == 303
        rows = await database.run(lambda connection: connection.execute(outbox.select().order_by(outbox.c.seq)).all())
        assert {(row.channel, row.person, row.purpose) for row in rows} == {("zalo", "z-mai", 1)}
        said = "\n".join(row.body for row in rows)
        assert "[Gửi thử] Miễn lệ phí hộ tịch" in said
        assert "Free of charge." in said
        assert await its.state(id) == "draft"


async def test_a_trial_without_a_value_to_fill_in_is_refused(database: Database) -> None:
    async with campaign_desk(database) as its:
        id = await its.write(form={**FORM, "body_vi": "Chào {ho_ten}"})
        await its.join("author", "zalo", "z-mai")
        answer = await its.desk.browser("author").post(f"/campaigns/{id}/try", {})
        assert answer.status == 409
        assert "(ho_ten)" in answer.text
