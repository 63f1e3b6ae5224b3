"""The house rules and the two stops, as officials change them."""

from __future__ import annotations

import datetime as dt

from bot.console.rules_form import written
from bot.house_rules import Rules, Template
from bot.storage import Database
from tests.bot.console.office import Desk, console


def filled_in(rules: Rules, version: int) -> dict[str, object]:
    return {**written(rules), "version": str(version)}


RULES = Rules(
    greeting={"vi": "Kính chào quý vị"},
    hotline="0900 000 111",
    banner={"vi": "Bão số 9: trụ sở nghỉ chiều nay", "en": "Storm: closed this afternoon"},
    holidays={dt.date(2027, 9, 2): "Quốc khánh"},
    wards=("Phường Long Xuyên, An Giang", "Phường Bình Đức, An Giang"),
    quiet_from=dt.time(20, 30),
    templates=(Template("T1", "Thông báo", ("name", "day"), 200, 300),),
)


async def test_the_rules_are_changed_and_shown(database: Database) -> None:
    async with console(database) as desk:
        browser = desk.browser("administrator")
        assert (await browser.post("/settings", filled_in(RULES, 0))).location == "/settings"
        assert desk.house_rules.rules == RULES
        shown = (await browser.get("/settings")).text
        for said in ("Kính chào quý vị", "02/09/2027 Quốc khánh", 'value="20:30"', 'value="name, day"', 'value="300"'):
            assert said in shown
        assert (await desk.deeds())[-1] == ("Hoàng Thị Lan", "rules.change", "rules")


async def test_whoever_saw_older_rules_is_refused(database: Database) -> None:
    async with console(database) as desk:
        browser = desk.browser("administrator")
        await browser.post("/settings", filled_in(RULES, 0))
        for version in ("0", "7", "", "x", "9" * 30):
            late = await browser.post("/settings", {**filled_in(Rules(), 0), "version": version})
            assert late.status == 409, version
        assert desk.house_rules.rules == RULES


async def test_what_is_wrong_is_said_and_what_was_typed_stays(database: Database) -> None:
    async with console(database) as desk:
        typed = {**filled_in(RULES, 0), "holidays": "<i>hôm nào đó", "quiet_from": "25:00", "price_user": "1.5"}
        shown = (await desk.browser("administrator").post("/settings", typed)).text
        for said in ("“&lt;i&gt;hôm” không bắt đầu", "“25:00” không phải là giờ", "Mẫu T1: giá", "Kính chào quý vị"):
            assert said in shown.replace("&lt;i&gt;hôm nào đó”", "&lt;i&gt;hôm”"), said
        assert desk.house_rules.version == 0


async def switch(desk: Desk, what: str, stopped: str, reason: str = "kênh bị lỗi") -> int:
    return (await desk.browser("approver").post(f"/stops/{what}", {"stopped": stopped, "reason": reason})).status


async def test_the_stops(database: Database) -> None:
    async with console(database) as desk:
        assert await switch(desk, "broadcasts", "yes") == 303
        assert (desk.house_rules.rules.broadcasts_stopped, desk.house_rules.rules.assistant_stopped) == (True, False)
        assert "Mọi tin gửi đi đang dừng" in (await desk.browser("agent").get("/account")).text
        assert await switch(desk, "assistant", "yes") == 303
        assert desk.house_rules.rules.assistant_stopped
        assert await switch(desk, "broadcasts", "no") == 303
        assert not desk.house_rules.rules.broadcasts_stopped
        deeds = [deed[1] for deed in await desk.deeds() if not deed[1].startswith("rules")]
        assert deeds == ["broadcasts.stop", "assistant.stop", "broadcasts.start"]
        assert "kênh bị lỗi" in (await desk.browser("administrator").get("/audit")).text


async def test_a_stop_needs_a_reason(database: Database) -> None:
    async with console(database) as desk:
        assert await switch(desk, "broadcasts", "yes", "") == 400
        assert await switch(desk, "broadcasts", "yes", "x" * 301) == 400
        assert await switch(desk, "everything", "yes") == 404
        assert not desk.house_rules.rules.broadcasts_stopped
        assert (await desk.browser("approver").get("/stops")).status == 200


async def test_saving_the_rules_starts_nothing_that_was_stopped(database: Database) -> None:
    async with console(database) as desk:
        await switch(desk, "broadcasts", "yes")
        saved = await desk.browser("administrator").post("/settings", filled_in(RULES, desk.house_rules.version))
        assert saved.status == 303
        assert desk.house_rules.rules.broadcasts_stopped
