"""Words how a dossier stands: what its status means, what the citizen does next, an apology when it is late."""

from __future__ import annotations

import datetime as dt
from typing import Any, Mapping, Optional

from bot.wording.speaker import Speaker
from connectors.messages import Card
from knowledge.dossiers import CodeProblem, DossierStatus


def status_name(say: Speaker, status: DossierStatus) -> str:
    """The national name of a status (the ten values of the national database)."""
    _ = say.gettext
    return {
        DossierStatus.REGISTERED: _("Mới đăng ký"),
        DossierStatus.RECEIVED: _("Được tiếp nhận"),
        DossierStatus.NOT_ACCEPTED: _("Không được tiếp nhận"),
        DossierStatus.PROCESSING: _("Đang xử lý"),
        DossierStatus.SUPPLEMENT_REQUIRED: _("Yêu cầu bổ sung giấy tờ"),
        DossierStatus.FEE_DUE: _("Yêu cầu thực hiện nghĩa vụ tài chính"),
        DossierStatus.WITHDRAWN: _("Công dân yêu cầu rút hồ sơ"),
        DossierStatus.STOPPED: _("Dừng xử lý"),
        DossierStatus.DONE: _("Đã xử lý xong"),
        DossierStatus.RETURNED: _("Đã trả kết quả"),
    }[status]


def status_meaning(say: Speaker, status: DossierStatus) -> tuple[str, str]:
    """What the status means in plain words, and what the citizen does next."""
    _ = say.gettext
    return {
        DossierStatus.REGISTERED: (
            _("Hồ sơ đã gửi tới nhưng cán bộ chưa nhận, nên chưa tính ngày."),
            _("Ông/bà chờ cơ quan kiểm tra. Quá một ngày làm việc chưa thấy nhận thì gọi số hỗ trợ."),
        ),
        DossierStatus.RECEIVED: (
            _("Cơ quan đã nhận hồ sơ và bắt đầu tính ngày."),
            _("Ông/bà chờ đến ngày hẹn trả, chưa phải làm gì."),
        ),
        DossierStatus.NOT_ACCEPTED: (
            _("Cơ quan không nhận hồ sơ."),
            _("Ông/bà xem lý do trong phiếu từ chối, sửa lại rồi nộp lại; chưa rõ thì gọi nơi nộp."),
        ),
        DossierStatus.PROCESSING: (
            _("Cơ quan đang giải quyết hồ sơ."),
            _("Ông/bà chờ đến ngày hẹn trả, chưa phải làm gì."),
        ),
        DossierStatus.SUPPLEMENT_REQUIRED: (
            _("Hồ sơ còn thiếu giấy tờ; thời hạn tạm dừng cho đến khi bổ sung đủ."),
            _("Ông/bà bổ sung giấy tờ còn thiếu càng sớm càng tốt, tại nơi nộp hoặc trên Cổng Dịch vụ công."),
        ),
        DossierStatus.FEE_DUE: (
            _("Cơ quan chờ ông/bà nộp tiền; nộp xong mới làm tiếp."),
            _("Ông/bà nộp tại nơi nhận hồ sơ hoặc thanh toán trên Cổng Dịch vụ công quốc gia. Không chuyển tiền cho cá nhân nào."),
        ),
        DossierStatus.WITHDRAWN: (
            _("Hồ sơ đã được rút theo yêu cầu của người nộp."),
            _("Nếu ông/bà không yêu cầu rút, xin gọi ngay số hỗ trợ. Cần làm lại thì nộp hồ sơ mới."),
        ),
        DossierStatus.STOPPED: (
            _("Cơ quan đã dừng giải quyết hồ sơ."),
            _("Ông/bà xem lý do trong thông báo dừng giải quyết hoặc gọi nơi nộp để biết cách làm tiếp."),
        ),
        DossierStatus.DONE: (
            _("Đã có kết quả."),
            _("Ông/bà mang giấy hẹn và giấy tờ tùy thân đến nơi nộp để nhận, hoặc chờ bưu điện nếu đã chọn trả tại nhà."),
        ),
        DossierStatus.RETURNED: (
            _("Kết quả đã được trả, hồ sơ kết thúc."),
            _("Nếu ông/bà chưa nhận được kết quả, xin gọi nơi nộp."),
        ),
    }[status]


def dossier_card(say: Speaker, facts: Mapping[str, Any], hotline: str) -> tuple[str, Card]:
    """The lead sentence and the card of one dossier."""
    _ = say.gettext
    status = DossierStatus(facts["status"])
    meaning, next_step = status_meaning(say, status)
    name = status_name(say, status)
    lead = _("Hồ sơ {code}: {status}.").format(code=facts["code"], status=name)
    lines = [(_("Tình trạng"), f"{name}. {meaning}")]
    for label, key in ((_("Thủ tục"), "procedure_name"), (_("Nơi giải quyết"), "agency")):
        if facts.get(key):
            lines.append((label, facts[key]))
    for label, key in ((_("Ngày nhận"), "received_at"), (_("Ngày hẹn trả"), "due_at"), (_("Ngày xong"), "finished_at")):
        if facts.get(key):
            lines.append((label, say.moment(dt.datetime.fromisoformat(facts[key]))))
    if "days_left" in facts:
        left = facts["days_left"]
        lines.append((_("Còn lại"), say.ngettext("{count} ngày làm việc", "{count} ngày làm việc", left) if left else _("hẹn trả trong hôm nay")))
    notes: list[str] = []
    if facts.get("late"):
        lead = _lateness(say, facts)
        phone = facts.get("agency_phone") or hotline
        notes.append(_("Ông/bà có thể gọi {phone} để hỏi lý do, và có quyền phản ánh, khiếu nại về việc chậm trễ.").format(phone=phone))
    notes.insert(0, _("Việc cần làm: {step}").format(step=next_step))
    details, items = _details(say, facts, status)
    lines += details
    if not facts.get("proved") and facts.get("has_details"):
        if status is DossierStatus.SUPPLEMENT_REQUIRED and facts.get("misses_papers"):
            notes.append(_("Để xem thiếu giấy tờ gì, xin gõ 4 số cuối điện thoại hoặc số căn cước đã ghi trong hồ sơ."))
        elif status is DossierStatus.FEE_DUE:
            notes.append(_("Để xem số tiền phải nộp, xin gõ 4 số cuối điện thoại hoặc số căn cước đã ghi trong hồ sơ."))
        else:
            notes.append(_("Để xem chi tiết, xin gõ 4 số cuối điện thoại hoặc số căn cước đã ghi trong hồ sơ."))
    fetched = say.moment(dt.datetime.fromisoformat(facts["fetched_at"]))
    if facts.get("is_last_known"):
        lead = _("Cổng tra cứu đang không trả lời. Đây là tình trạng biết được lúc {moment}; nay có thể đã khác.").format(moment=fetched)
    notes.append(_("Nguồn: {source}, lúc {moment}.").format(source=source_name(say, facts["source"]), moment=fetched))
    return lead, Card(_("Hồ sơ {code}").format(code=facts["code"]), "", tuple(lines), items, tuple(notes))


def _lateness(say: Speaker, facts: Mapping[str, Any]) -> str:
    _ = say.gettext
    late: Optional[int] = facts.get("days_late")
    if not late:
        return _("Hồ sơ {code} đã quá giờ hẹn trả. Chúng tôi xin lỗi ông/bà.").format(code=facts["code"])
    days = say.ngettext("{count} ngày làm việc", "{count} ngày làm việc", late)
    return _("Hồ sơ {code} đã trễ hẹn {days}. Chúng tôi xin lỗi ông/bà vì sự chậm trễ này.").format(code=facts["code"], days=days)


def _details(say: Speaker, facts: Mapping[str, Any], status: DossierStatus) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """What only the owner sees: name masked, reason, fees; the missing papers or the steps as items."""
    if not facts.get("proved"):
        return [], ()
    _ = say.gettext
    lines = [(label, facts[key]) for label, key in ((_("Người nộp"), "applicant"), (_("Lý do"), "reason")) if facts.get(key)]
    lines += [(fee["name"] or _("Phải nộp"), say.money(fee["amount"])) for fee in facts.get("fees") or ()]
    if status is DossierStatus.SUPPLEMENT_REQUIRED and facts.get("missing"):
        return [*lines, (_("Giấy tờ còn thiếu"), str(len(facts["missing"])))], tuple(facts["missing"])
    steps = tuple(
        f"{say.moment(dt.datetime.fromisoformat(step['at']))}: {step['text']} ({step['office']})" for step in facts.get("steps") or ()
    )
    return lines, steps


def source_name(say: Speaker, source: str) -> str:
    _ = say.gettext
    return {
        "dvcqg": _("Cổng Dịch vụ công quốc gia"),
        "igate": _("hệ thống một cửa điện tử iGate"),
        "onestop": _("hệ thống một cửa điện tử của tỉnh"),
    }.get(source, source)


def code_problem(say: Speaker, problem: CodeProblem) -> str:
    """What is wrong with a code, and how a right one looks."""
    _ = say.gettext
    words = {
        CodeProblem.NOT_A_CODE: _("Đây chưa phải là mã hồ sơ."),
        CodeProblem.AGENCY_MISSING: _("Mã hồ sơ thiếu phần đầu là mã cơ quan (ví dụ H57.132)."),
        CodeProblem.DATE_MISSING: _("Mã hồ sơ thiếu 6 số ngày nhận ở giữa (năm, tháng, ngày; ví dụ 260804)."),
        CodeProblem.DATE_LENGTH: _("Phần ngày nhận ở giữa mã hồ sơ phải đủ 6 số (năm, tháng, ngày; ví dụ 260804)."),
        CodeProblem.DATE_IMPOSSIBLE: _("Sáu số ở giữa mã hồ sơ không phải là một ngày có thật (năm, tháng, ngày)."),
        CodeProblem.DATE_IN_FUTURE: _("Ngày nhận ghi trong mã hồ sơ chưa tới. Xin xem lại 6 số ở giữa."),
        CodeProblem.SERIAL_MISSING: _("Mã hồ sơ thiếu số thứ tự ở cuối (ví dụ 0583)."),
        CodeProblem.SERIAL_LENGTH: _("Số thứ tự ở cuối mã hồ sơ chưa đúng số chữ số."),
    }
    return words[problem]
