"""Words how a dossier stands: its dates, an apology when it is late, and for its owner what is missing or due."""

from __future__ import annotations

import datetime as dt
from typing import Any, Iterator, Mapping

from bot.wording.speaker import Speaker
from bot.wording.speaker import marked as _
from bot.wording.statuses import STATUSES
from connectors.messages import Card
from knowledge.dossiers import CodeProblem, DossierStatus

TEXTS = ((_("Thủ tục"), "procedure_name"), (_("Nơi giải quyết"), "agency"))
MOMENTS = ((_("Ngày nhận"), "received_at"), (_("Ngày hẹn trả"), "due_at"), (_("Ngày xong"), "finished_at"))
OWNERS_TEXTS = ((_("Người nộp"), "applicant"), (_("Lý do"), "reason"))

SOURCES = {
    "dvcqg": _("Cổng Dịch vụ công quốc gia"),
    "igate": _("hệ thống một cửa điện tử iGate"),
    "onestop": _("hệ thống một cửa điện tử của tỉnh"),
}
OTHER_SOURCE = _("cổng tra cứu hồ sơ")

# What is wrong with a code, and how a right one looks.
CODE_PROBLEMS: Mapping[CodeProblem, str] = {
    CodeProblem.NOT_A_CODE: _("Đây chưa phải là mã hồ sơ."),
    CodeProblem.AGENCY_MISSING: _("Mã hồ sơ thiếu phần đầu là mã cơ quan, ví dụ H57.132."),
    CodeProblem.DATE_MISSING: _("Mã hồ sơ thiếu 6 số ngày nhận ở giữa: năm, tháng, ngày, ví dụ 260804."),
    CodeProblem.DATE_LENGTH: _("Ngày nhận ở giữa mã hồ sơ phải đủ 6 số: năm, tháng, ngày, ví dụ 260804."),
    CodeProblem.DATE_IMPOSSIBLE: _("Sáu số ở giữa mã hồ sơ không phải là một ngày có thật: năm, tháng, ngày."),
    CodeProblem.DATE_IN_FUTURE: _("Ngày nhận ghi trong mã hồ sơ chưa tới. Xin xem lại 6 số ở giữa."),
    CodeProblem.SERIAL_MISSING: _("Mã hồ sơ thiếu số thứ tự ở cuối, ví dụ 0583."),
    CodeProblem.SERIAL_LENGTH: _("Số thứ tự ở cuối mã hồ sơ chưa đủ hoặc thừa chữ số."),
}


def dossier_card(say: Speaker, facts: Mapping[str, Any], hotline: str) -> tuple[str, Card]:
    """The lead sentence and the card of one dossier; ``facts`` are those of actions.dossier_facts."""
    status = DossierStatus(facts["status"])
    details, items = _details(say, facts, status) if facts.get("proved") else ((), ())
    card = Card(
        say("Hồ sơ {code}", code=facts["code"]),
        lines=(*_lines(say, facts, status), *details),
        items=items,
        notes=tuple(_notes(say, facts, status, hotline)),
    )
    return _lead(say, facts, status), card


def _lead(say: Speaker, facts: Mapping[str, Any], status: DossierStatus) -> str:
    code = facts["code"]
    if facts.get("late") and facts.get("days_late"):
        days = say.working_days(facts["days_late"])
        lead = say("Hồ sơ {code} đã trễ hẹn {days}. Chúng tôi xin lỗi ông/bà vì sự chậm trễ này.", code=code, days=days)
    elif facts.get("late"):
        lead = say("Hồ sơ {code} đã quá hẹn trả. Chúng tôi xin lỗi ông/bà.", code=code)
    else:
        lead = say("Hồ sơ {code}: {status}.", code=code, status=say.gettext(STATUSES[status].name))
    if not facts.get("is_last_known"):
        return lead
    old = say(
        "Cổng tra cứu đang không trả lời. Đây là tình trạng biết được lúc {moment}, nay có thể đã khác.",
        moment=moment_of(say, facts["fetched_at"]),
    )
    return f"{old} {lead}"


def _lines(say: Speaker, facts: Mapping[str, Any], status: DossierStatus) -> Iterator[tuple[str, str]]:
    words = STATUSES[status]
    yield say("Tình trạng"), f"{say.gettext(words.name)}. {say.gettext(words.meaning)}"
    yield from _given(say, facts, TEXTS)
    for label, key in MOMENTS:
        if facts.get(key):
            yield say.gettext(label), moment_of(say, facts[key])
    if "days_left" in facts:
        left = facts["days_left"]
        yield say("Còn lại"), say.working_days(left) if left else say("hẹn trả trong hôm nay")


def _details(
    say: Speaker, facts: Mapping[str, Any], status: DossierStatus
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """What only the owner sees: name masked, reason, fees; the missing papers or else the steps as items."""
    lines = list(_given(say, facts, OWNERS_TEXTS))
    lines += [(fee["name"] or say("Số tiền phải nộp"), say.money(fee["amount"])) for fee in facts.get("fees") or ()]
    missing = facts.get("missing") or ()
    if status is DossierStatus.SUPPLEMENT_REQUIRED and missing:
        count = say.ngettext("{count} loại, ghi dưới đây", "{count} loại, ghi dưới đây", len(missing))
        return (*lines, (say("Giấy tờ còn thiếu"), count)), tuple(missing)
    return tuple(lines), tuple(_step(say, step) for step in facts.get("steps") or ())


def _step(say: Speaker, step: Mapping[str, str]) -> str:
    text = f"{moment_of(say, step['at'])}: {step['text']}"
    return f"{text} ({step['office']})" if step["office"] else text


def _notes(say: Speaker, facts: Mapping[str, Any], status: DossierStatus, hotline: str) -> Iterator[str]:
    yield what_to_do(say, status)
    if facts.get("late"):
        yield say(
            "Ông/bà có thể gọi {phone} để hỏi lý do, và có quyền phản ánh, khiếu nại về việc trễ hẹn.",
            phone=facts.get("agency_phone") or hotline,
        )
    if facts.get("has_details") and not facts.get("proved"):
        yield _how_to_prove(say, facts, status)
    yield source_line(say, facts)


def what_to_do(say: Speaker, status: DossierStatus) -> str:
    return say("Việc cần làm: {step}", step=say.gettext(STATUSES[status].next_step))


def source_line(say: Speaker, facts: Mapping[str, Any]) -> str:
    source = say.gettext(SOURCES.get(facts["source"], OTHER_SOURCE))
    return say("Nguồn: {source}, lúc {moment}.", source=source, moment=moment_of(say, facts["fetched_at"]))


def _how_to_prove(say: Speaker, facts: Mapping[str, Any], status: DossierStatus) -> str:
    if status is DossierStatus.SUPPLEMENT_REQUIRED and facts.get("misses_papers"):
        return say("Muốn biết thiếu giấy gì, xin gõ 4 số cuối của số điện thoại hoặc số căn cước ghi trong hồ sơ.")
    if status is DossierStatus.FEE_DUE:
        return say("Muốn biết phải nộp bao nhiêu, xin gõ 4 số cuối của số điện thoại hoặc số căn cước ghi trong hồ sơ.")
    return say("Muốn xem chi tiết, xin gõ 4 số cuối của số điện thoại hoặc số căn cước ghi trong hồ sơ.")


def _given(say: Speaker, facts: Mapping[str, Any], rows: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    return ((say.gettext(label), facts[key]) for label, key in rows if facts.get(key))


def moment_of(say: Speaker, at: str) -> str:
    return say.moment(dt.datetime.fromisoformat(at))
