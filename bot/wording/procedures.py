"""Words an answer about one procedure: each question asked becomes a card, the source and its date end every answer."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Callable, Iterator, Mapping, Optional

from bot.wording.fees import fee_rules, fees_in_short, fees_today
from bot.wording.speaker import Speaker
from bot.wording.speaker import marked as _
from bot.wording.titles import facet_title, level_name, procedure_title
from connectors.messages import Card, Link
from knowledge.procedures import Case, ChannelKind, Fee, Paper, PaperUse, Procedure, ServiceLevel, TimeLimit, TimeUnit

OVERVIEW = "overview"

CHANNELS: Mapping[ChannelKind, str] = {
    ChannelKind.IN_PERSON: _("Nộp trực tiếp"),
    ChannelKind.ONLINE: _("Nộp qua mạng"),
    ChannelKind.POST: _("Gửi bưu điện"),
}
ONLINE: Mapping[ServiceLevel, str] = {
    ServiceLevel.FULL: _("Làm trọn qua mạng được (dịch vụ công toàn trình, trước đây gọi là mức độ 4)."),
    ServiceLevel.PARTIAL: _(
        "Làm qua mạng được một phần (trước đây gọi là mức độ 3): có bước vẫn phải đến nơi hoặc gửi bưu điện."
    ),
    ServiceLevel.NONE: _("Thủ tục này chưa nộp qua mạng được."),
}
ONLINE_LEVEL_UNKNOWN = _("Nộp qua mạng được. Nguồn không nói rõ làm trọn qua mạng hay chỉ một phần.")
ONLINE_UNKNOWN = _("Nguồn không nói có nộp qua mạng được hay không.")

Row = tuple[str, str]
Drawer = Callable[[Speaker, Procedure, Case, dt.date], Card]


def lead(say: Speaker, procedure: Procedure, facets: list[str]) -> str:
    """The first line of the answer: what it is about."""
    title, code = procedure_title(say, procedure), procedure.code
    if len(facets) > 1 or facets == [OVERVIEW]:
        return say("{title} ({code}):", title=title, code=code)
    return say("{title} ({code}), {asked}:", title=title, code=code, asked=facet_title(say, facets[0]).lower())


def procedure_cards(
    say: Speaker, procedure: Procedure, case: Optional[Case], facets: list[str], today: dt.date
) -> tuple[Card, ...]:
    """A card for each facet asked (for the overview two); the last carries the source."""
    drawers = [drawer for facet in facets for drawer in DRAWERS[facet]]
    cards = [drawer(say, procedure, case or procedure.cases[0], today) for drawer in drawers]
    *others, last = (card for card in cards if card.lines or card.items or card.notes)
    link = Link(say("Nguồn chính thức"), procedure.source) if procedure.source else None
    return (*others, replace(last, notes=(*last.notes, *_provenance(say, procedure)), link=link))


def _provenance(say: Speaker, procedure: Procedure) -> Iterator[str]:
    if say.language != "vi" and procedure.title.en is None:
        yield say("Nội dung chính thức chỉ có tiếng Việt.")
    if procedure.levels:
        levels = ", ".join(level_name(say, level) for level in procedure.levels)
        yield say("Mã thủ tục {code}, làm ở {levels}.", code=procedure.code, levels=levels)
    else:
        yield say("Mã thủ tục {code}.", code=procedure.code)
    yield say("Thông tin được đối chiếu với nguồn ngày {date}.", date=say.date(procedure.checked))


def _summary(say: Speaker, procedure: Procedure, _case: Case, today: dt.date) -> Card:
    """How long and how much: beside the papers, what most people want to know."""
    lines = []
    for facet, rows in (("time", _time_rows(say, procedure)), ("fee", _fee_rows(say, procedure, today, fees_in_short))):
        title = facet_title(say, facet)
        values = {value for _channels, value in rows}
        lines += [(title if len(values) == 1 else f"{title}, {channels.lower()}", value) for channels, value in rows]
    return Card(say("Thời hạn và lệ phí"), lines=tuple(lines))


def _papers(say: Speaker, procedure: Procedure, case: Case, _today: dt.date) -> Card:
    of_use = {use: [paper for paper in case.papers if paper.use is use] for use in PaperUse}
    items = [_paper(say, paper) for use in (PaperUse.SUBMIT, PaperUse.SHOW) for paper in of_use[use]]
    notes = []
    if not items:
        notes.append(say("Nguồn không liệt kê giấy tờ cho trường hợp này. Xin hỏi nơi nộp trước khi đi."))
    if of_use[PaperUse.NOT_NEEDED]:
        names = "; ".join(say.text(paper.name) for paper in of_use[PaperUse.NOT_NEEDED])
        notes.append(say("Không cần mang nếu cơ quan tra được trên máy: {names}.", names=names))
    name = say.text(case.name) if len(procedure.cases) > 1 else ""
    return Card(facet_title(say, "papers"), name, items=tuple(items), notes=tuple(notes))


def _paper(say: Speaker, paper: Paper) -> str:
    """"Tờ khai: 1 bản chính, mẫu CT01. Nộp qua mạng thì điền mẫu điện tử"."""
    text = say.text(paper.name).rstrip(" .;:")
    details = ", ".join(_paper_details(say, paper))
    text += f": {details}" if details else ""
    return f"{text}. {say.text(paper.note)}" if paper.note else text


def _paper_details(say: Speaker, paper: Paper) -> Iterator[str]:
    if paper.use is PaperUse.SHOW:
        yield say("chỉ đưa xem, không nộp")
    else:
        if paper.originals:
            yield say.ngettext("{count} bản chính", "{count} bản chính", paper.originals)
        if paper.copies:
            yield say.ngettext("{count} bản sao", "{count} bản sao", paper.copies)
    if paper.form:
        yield say("mẫu {form}", form=paper.form)


def _fee(say: Speaker, procedure: Procedure, _case: Case, today: dt.date) -> Card:
    rows = _fee_rows(say, procedure, today, fees_today)
    rules = "; ".join(fee_rules(procedure, today))
    notes = [say("Theo {rules}.", rules=rules)] if rules else []
    if not rows:
        notes.append(say("Nguồn không nói về lệ phí. Xin hỏi nơi nộp."))
    return Card(facet_title(say, "fee"), lines=rows, notes=tuple(notes))


def _fee_rows(
    say: Speaker, procedure: Procedure, today: dt.date, words: Callable[[Speaker, tuple[Fee, ...], dt.date], str]
) -> tuple[Row, ...]:
    return _merged(say, [(channel.kind, words(say, channel.fees, today)) for channel in procedure.channels])


def _time(say: Speaker, procedure: Procedure, _case: Case, _today: dt.date) -> Card:
    rows = _time_rows(say, procedure)
    notes = () if rows else (say("Nguồn không nói về thời hạn. Xin hỏi nơi nộp."),)
    return Card(facet_title(say, "time"), lines=rows, notes=notes)


def _time_rows(say: Speaker, procedure: Procedure) -> tuple[Row, ...]:
    return _merged(say, [(channel.kind, time_limit(say, channel.time_limit)) for channel in procedure.channels])


def time_limit(say: Speaker, limit: TimeLimit) -> str:
    """"3 ngày làm việc", with the source's own words behind it."""
    note = say.text(limit.note).rstrip(" .;")
    if limit.amount is None or limit.unit is None:
        return note or say("nguồn không nói; xin xem ngày trên giấy hẹn")
    length = {
        TimeUnit.HOUR: say.ngettext("{count} giờ", "{count} giờ", limit.amount),
        TimeUnit.WORKING_DAY: say.working_days(limit.amount),
        TimeUnit.DAY: say.ngettext("{count} ngày", "{count} ngày", limit.amount),
        TimeUnit.MONTH: say.ngettext("{count} tháng", "{count} tháng", limit.amount),
    }[limit.unit]
    return f"{length}. {note}" if note else length


def _merged(say: Speaker, rows: list[tuple[ChannelKind, str]]) -> tuple[Row, ...]:
    """Channels that say the same share one row."""
    channels: dict[str, list[str]] = {}
    for kind, value in rows:
        said = channels.setdefault(value, [])
        if say.gettext(CHANNELS[kind]) not in said:
            said.append(say.gettext(CHANNELS[kind]))
    if len(channels) == 1 and len(rows) > 1:
        return ((say("Mọi cách nộp"), rows[0][1]),)
    return tuple((", ".join(said), value) for value, said in channels.items())


def _place(say: Speaker, procedure: Procedure, _case: Case, _today: dt.date) -> Card:
    items = [say.text(place.name) for place in procedure.places]
    if not items and procedure.agency:
        items.append(say.text(procedure.agency))
    kinds = {channel.kind for channel in procedure.channels}
    if ChannelKind.ONLINE in kinds:
        items.append(say("Qua mạng: Cổng Dịch vụ công quốc gia dichvucong.gov.vn"))
    if ChannelKind.POST in kinds:
        items.append(say("Gửi qua bưu điện"))
    notes = () if items else (say("Nguồn không nói nộp ở đâu. Xin hỏi Trung tâm Phục vụ hành chính công gần nhà."),)
    return Card(facet_title(say, "place"), items=tuple(items), notes=notes)


def _online(say: Speaker, procedure: Procedure, _case: Case, _today: dt.date) -> Card:
    channels = [channel for channel in procedure.channels if channel.kind is ChannelKind.ONLINE]
    words = ONLINE.get(procedure.service_level) or (ONLINE_LEVEL_UNKNOWN if channels else ONLINE_UNKNOWN)
    items = []
    if channels and procedure.service_level is not ServiceLevel.NONE:
        items = [
            say("Vào Cổng Dịch vụ công quốc gia dichvucong.gov.vn, đăng nhập bằng tài khoản VNeID."),
            say("Tìm thủ tục theo mã {code} rồi chọn nộp trực tuyến.", code=procedure.code),
        ]
    limits = (say("Thời hạn khi nộp qua mạng: {limit}.", limit=time_limit(say, c.time_limit)) for c in channels)
    return Card(facet_title(say, "online"), items=tuple(items), notes=(say.gettext(words), *limits))


def _steps(say: Speaker, procedure: Procedure, _case: Case, _today: dt.date) -> Card:
    items = tuple(say.text(step) for step in procedure.steps)
    notes = () if items else (say("Nguồn không nói các bước làm. Xin hỏi nơi nộp."),)
    return Card(facet_title(say, "steps"), items=items, notes=notes)


def _form(say: Speaker, _procedure: Procedure, case: Case, _today: dt.date) -> Card:
    items = tuple(
        f"{say.text(paper.name)}: {say('mẫu {form}', form=paper.form)}" for paper in case.papers if paper.form
    )
    if items:
        note = say("Mẫu có ở nơi nộp và trong trang nguồn dưới đây.")
    else:
        note = say("Nguồn không ghi số hiệu mẫu. Xin hỏi mẫu ở nơi nộp; nộp qua mạng thì điền mẫu trên trang.")
    return Card(facet_title(say, "form"), items=items, notes=(note,))


def _conditions(say: Speaker, procedure: Procedure, _case: Case, _today: dt.date) -> Card:
    lines = ((say("Ai được làm"), say.text(procedure.applicants)),) if procedure.applicants else ()
    items = tuple(say.text(condition) for condition in procedure.conditions)
    notes = () if lines or items else (say("Nguồn không nói điều kiện riêng cho thủ tục này."),)
    return Card(facet_title(say, "conditions"), lines=lines, items=items, notes=notes)


def _legal_basis(say: Speaker, procedure: Procedure, _case: Case, _today: dt.date) -> Card:
    notes = () if procedure.legal_basis else (say("Nguồn không ghi căn cứ pháp lý."),)
    return Card(facet_title(say, "legal_basis"), items=procedure.legal_basis, notes=notes)


def _result(say: Speaker, procedure: Procedure, _case: Case, _today: dt.date) -> Card:
    items = (say.text(procedure.result),) if procedure.result else ()
    notes = () if items else (say("Nguồn không nói kết quả là giấy tờ gì."),)
    return Card(facet_title(say, "result"), items=items, notes=notes)


DRAWERS: Mapping[str, tuple[Drawer, ...]] = {
    OVERVIEW: (_summary, _papers),
    "papers": (_papers,),
    "fee": (_fee,),
    "time": (_time,),
    "place": (_place,),
    "steps": (_steps,),
    "online": (_online,),
    "form": (_form,),
    "conditions": (_conditions,),
    "legal_basis": (_legal_basis,),
    "result": (_result,),
}
