"""Words an answer about one procedure: each question asked becomes a card, the source and its date end every answer."""

from __future__ import annotations

import datetime as dt
from typing import Callable, Optional

from bot.wording.speaker import Speaker
from bot.wording.titles import facet_title, level_name, procedure_title
from connectors.messages import Card, Link
from knowledge.procedures import Case, ChannelKind, Paper, PaperUse, Procedure, ServiceLevel, TimeLimit, TimeUnit

Drawer = Callable[[Speaker, Procedure, Optional[Case], dt.date], Card]


def procedure_cards(say: Speaker, procedure: Procedure, case: Optional[Case], facets: list[str], today: dt.date) -> tuple[Card, ...]:
    """One card for each facet asked; the last carries the source."""
    cards = [DRAWERS[facet](say, procedure, case, today) for facet in facets]
    last = cards[-1]
    cards[-1] = Card(
        last.title, last.subtitle, last.lines, last.items, (*last.notes, *_provenance(say, procedure)), _link(say, procedure)
    )
    return tuple(cards)


def _provenance(say: Speaker, procedure: Procedure) -> list[str]:
    _ = say.gettext
    levels = ", ".join(level_name(say, level) for level in procedure.levels)
    notes = [
        _("Mã thủ tục {code}, thực hiện ở {levels}.").format(code=procedure.code, levels=levels)
        if levels
        else _("Mã thủ tục {code}.").format(code=procedure.code),
        _("Thông tin được đối chiếu với nguồn ngày {date}.").format(date=say.date(procedure.checked)),
    ]
    if say.language != "vi" and procedure.title.en is None:
        notes.insert(0, _("Nội dung chính thức chỉ có tiếng Việt."))
    return notes


def _link(say: Speaker, procedure: Procedure) -> Optional[Link]:
    return Link(say.gettext("Nguồn chính thức"), procedure.source) if procedure.source else None


def _papers(say: Speaker, procedure: Procedure, case: Optional[Case], _today: dt.date) -> Card:
    _ = say.gettext
    shown = case or procedure.cases[0]
    use: dict[PaperUse, list[Paper]] = {kind: [p for p in shown.papers if p.use is kind] for kind in PaperUse}
    items = [_paper(say, paper, "") for paper in use[PaperUse.SUBMIT]]
    items += [_paper(say, paper, _("chỉ xuất trình")) for paper in use[PaperUse.SHOW]]
    notes = []
    if use[PaperUse.NOT_NEEDED]:
        names = "; ".join(say.text(paper.name) for paper in use[PaperUse.NOT_NEEDED])
        notes.append(_("Không cần mang nếu dữ liệu nhà nước đã có: {names}.").format(names=names))
    if not items:
        notes.insert(0, _("Nguồn không liệt kê giấy tờ cho trường hợp này. Xin hỏi nơi nộp trước khi đi."))
    name = say.text(shown.name) if len(procedure.cases) > 1 else ""
    return Card(facet_title(say, "papers"), name, items=tuple(items), notes=tuple(notes))


def _paper(say: Speaker, paper: Paper, how: str) -> str:
    details = [how] if how else []
    if not how and paper.originals:
        details.append(say.ngettext("{count} bản chính", "{count} bản chính", paper.originals))
    if not how and paper.copies:
        details.append(say.ngettext("{count} bản sao", "{count} bản sao", paper.copies))
    if paper.form:
        details.append(say.gettext("mẫu {form}").format(form=paper.form))
    text = say.text(paper.name).rstrip(" .;")
    text += f" ({', '.join(details)})" if details else ""
    return f"{text}. {say.text(paper.note)}" if paper.note else text


def _fee(say: Speaker, procedure: Procedure, _case: Optional[Case], today: dt.date) -> Card:
    _ = say.gettext
    lines: list[tuple[str, str]] = []
    for channel in procedure.channels:
        fees = [fee for fee in channel.fees if fee.is_valid_on(today)]
        words = "; ".join(say.text(fee.text).rstrip(".") for fee in fees)
        rules = sorted({fee.rule for fee in fees if fee.rule})
        until = [fee.valid_to for fee in fees if fee.valid_to]
        if until:
            words += _(" (áp dụng đến hết ngày {date})").format(date=say.date(min(until)))
        if rules:
            words += _(" (theo {rules})").format(rules=", ".join(rules))
        lines.append((channel_name(say, channel.kind), words or _("nguồn không nêu; xin hỏi nơi nộp")))
    notes = () if lines else (_("Nguồn không nêu lệ phí. Xin hỏi nơi nộp."),)
    return Card(facet_title(say, "fee"), lines=_merged(say, lines), notes=notes)


def _time(say: Speaker, procedure: Procedure, _case: Optional[Case], _today: dt.date) -> Card:
    lines = [(channel_name(say, channel.kind), time_limit(say, channel.time_limit)) for channel in procedure.channels]
    notes = () if lines else (say.gettext("Nguồn không nêu thời hạn. Xin hỏi nơi nộp."),)
    return Card(facet_title(say, "time"), lines=_merged(say, lines), notes=notes)


def time_limit(say: Speaker, limit: TimeLimit) -> str:
    """"3 ngày làm việc", with the source's own words behind it."""
    note = say.text(limit.note)
    if limit.amount is None or limit.unit is None:
        return note or say.gettext("nguồn không nêu; xem ngày trên giấy hẹn")
    length = {
        TimeUnit.HOUR: say.ngettext("{count} giờ", "{count} giờ", limit.amount),
        TimeUnit.WORKING_DAY: say.ngettext("{count} ngày làm việc", "{count} ngày làm việc", limit.amount),
        TimeUnit.DAY: say.ngettext("{count} ngày", "{count} ngày", limit.amount),
        TimeUnit.MONTH: say.ngettext("{count} tháng", "{count} tháng", limit.amount),
    }[limit.unit]
    return f"{length}. {note}" if note else length


def channel_name(say: Speaker, kind: ChannelKind) -> str:
    _ = say.gettext
    return {
        ChannelKind.IN_PERSON: _("Nộp trực tiếp"),
        ChannelKind.ONLINE: _("Nộp qua mạng"),
        ChannelKind.POST: _("Gửi bưu điện"),
    }[kind]


def _merged(say: Speaker, lines: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Channels that say the same share one line."""
    by_value: dict[str, list[str]] = {}
    for label, value in lines:
        by_value.setdefault(value, []).append(label)
    if len(by_value) == 1 and len(lines) > 1:
        return ((say.gettext("Mọi cách nộp"), lines[0][1]),)
    return tuple((", ".join(dict.fromkeys(labels)), value) for value, labels in by_value.items())


def _place(say: Speaker, procedure: Procedure, _case: Optional[Case], _today: dt.date) -> Card:
    _ = say.gettext
    items = [say.text(place.name) for place in procedure.places]
    if not items and procedure.agency:
        items = [say.text(procedure.agency)]
    kinds = {channel.kind for channel in procedure.channels}
    if ChannelKind.ONLINE in kinds:
        items.append(_("Qua mạng: Cổng Dịch vụ công quốc gia dichvucong.gov.vn"))
    if ChannelKind.POST in kinds:
        items.append(_("Gửi qua bưu điện (bưu chính công ích)"))
    notes = () if items else (_("Nguồn không nêu nơi nộp. Xin hỏi Trung tâm Phục vụ hành chính công nơi ông/bà ở."),)
    return Card(facet_title(say, "place"), items=tuple(items), notes=notes)


def _online(say: Speaker, procedure: Procedure, _case: Optional[Case], _today: dt.date) -> Card:
    _ = say.gettext
    online = [channel for channel in procedure.channels if channel.kind is ChannelKind.ONLINE]
    words = {
        ServiceLevel.FULL: _("Làm qua mạng toàn bộ (dịch vụ công toàn trình, trước đây gọi là mức độ 4)."),
        ServiceLevel.PARTIAL: _("Làm qua mạng một phần (trước đây gọi là mức độ 3): vẫn phải đến cơ quan ít nhất một lần."),
        ServiceLevel.NONE: _("Thủ tục này chưa nộp qua mạng được."),
        ServiceLevel.UNKNOWN: _("Nộp qua mạng được; nguồn chưa nêu rõ là toàn trình hay một phần.")
        if online
        else _("Nguồn không nêu cách nộp qua mạng."),
    }[procedure.service_level]
    items = []
    if online and procedure.service_level is not ServiceLevel.NONE:
        items = [
            _("Vào Cổng Dịch vụ công quốc gia dichvucong.gov.vn, đăng nhập bằng tài khoản VNeID."),
            _("Tìm thủ tục theo mã {code} rồi chọn nộp trực tuyến.").format(code=procedure.code),
        ]
    notes = [_("Thời hạn khi nộp qua mạng: {limit}").format(limit=time_limit(say, c.time_limit)) for c in online]
    return Card(facet_title(say, "online"), words, items=tuple(items), notes=tuple(notes))


def _steps(say: Speaker, procedure: Procedure, _case: Optional[Case], _today: dt.date) -> Card:
    items = tuple(say.text(step) for step in procedure.steps)
    notes = () if items else (say.gettext("Nguồn không nêu các bước. Xin hỏi nơi nộp."),)
    return Card(facet_title(say, "steps"), items=items, notes=notes)


def _form(say: Speaker, procedure: Procedure, case: Optional[Case], _today: dt.date) -> Card:
    _ = say.gettext
    papers = [paper for paper in (case or procedure.cases[0]).papers if paper.form]
    items = tuple(f"{say.text(paper.name)}: {_('mẫu {form}').format(form=paper.form)}" for paper in papers)
    if items:
        notes: tuple[str, ...] = (_("Mẫu có ở nơi nộp và trong trang nguồn dưới đây."),)
    else:
        notes = (_("Nguồn không nêu số hiệu mẫu. Tờ khai có sẵn ở nơi nộp; nộp qua mạng thì điền mẫu điện tử."),)
    return Card(facet_title(say, "form"), items=items, notes=notes)


def _conditions(say: Speaker, procedure: Procedure, _case: Optional[Case], _today: dt.date) -> Card:
    _ = say.gettext
    lines = ((_("Ai được làm"), say.text(procedure.applicants)),) if procedure.applicants else ()
    items = tuple(say.text(condition) for condition in procedure.conditions)
    notes = () if lines or items else (_("Nguồn không nêu điều kiện riêng cho thủ tục này."),)
    return Card(facet_title(say, "conditions"), lines=lines, items=items, notes=notes)


def _legal_basis(say: Speaker, procedure: Procedure, _case: Optional[Case], _today: dt.date) -> Card:
    notes = () if procedure.legal_basis else (say.gettext("Nguồn không nêu căn cứ pháp lý."),)
    return Card(facet_title(say, "legal_basis"), items=procedure.legal_basis, notes=notes)


def _result(say: Speaker, procedure: Procedure, _case: Optional[Case], _today: dt.date) -> Card:
    _ = say.gettext
    items = (say.text(procedure.result),) if procedure.result else ()
    return Card(facet_title(say, "result"), items=items, notes=() if items else (_("Nguồn không nêu kết quả."),))


def _overview(say: Speaker, procedure: Procedure, case: Optional[Case], today: dt.date) -> Card:
    """The papers, with time and fee above them: what most people want to know."""
    papers = _papers(say, procedure, case, today)
    lines = []
    for facet, card in (("time", _time(say, procedure, case, today)), ("fee", _fee(say, procedure, case, today))):
        if card.lines:
            values = dict.fromkeys(_short(value) for _, value in card.lines)
            lines.append((facet_title(say, facet), " · ".join(values) if len(values) < 3 else _short(card.lines[0][1])))
    return Card(papers.title, papers.subtitle, tuple(lines), papers.items, papers.notes)


def _short(value: str) -> str:
    return value.split(". ")[0].split(" (")[0].rstrip(".")


DRAWERS: dict[str, Drawer] = {
    "overview": _overview,
    "papers": _papers,
    "fee": _fee,
    "time": _time,
    "place": _place,
    "steps": _steps,
    "online": _online,
    "form": _form,
    "conditions": _conditions,
    "legal_basis": _legal_basis,
    "result": _result,
}


def lead(say: Speaker, procedure: Procedure, facets: list[str]) -> str:
    """The first line of the answer: what it is about."""
    title = procedure_title(say, procedure)
    if facets == ["overview"]:
        return say.gettext("Thủ tục {title} ({code}):").format(title=title, code=procedure.code)
    asked = ", ".join(facet_title(say, facet).lower() for facet in facets)
    return say.gettext("{title} ({code}), {asked}:").format(title=title, code=procedure.code, asked=asked)
