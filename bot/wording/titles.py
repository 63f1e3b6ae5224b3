"""What is written on a button, worked out from what pressing it sends."""

from __future__ import annotations

from actions.choices import Payload
from bot.wording.speaker import Speaker
from connectors.messages import Choice
from knowledge.catalogue import Catalogue
from knowledge.procedures import Level, Procedure

LONGEST_TITLE = 70


def facet_title(say: Speaker, facet: str) -> str:
    """The short name of what can be asked about a procedure."""
    _ = say.gettext
    return {
        "papers": _("Giấy tờ cần có"),
        "fee": _("Lệ phí"),
        "time": _("Thời hạn giải quyết"),
        "place": _("Nơi nộp"),
        "steps": _("Các bước làm"),
        "online": _("Làm qua mạng"),
        "form": _("Tờ khai, mẫu đơn"),
        "conditions": _("Điều kiện, ai được làm"),
        "legal_basis": _("Căn cứ pháp lý"),
        "result": _("Kết quả nhận được"),
    }[facet]


def level_name(say: Speaker, level: Level) -> str:
    _ = say.gettext
    return {
        Level.COMMUNE: _("cấp xã (xã, phường, đặc khu)"),
        Level.PROVINCE: _("cấp tỉnh"),
        Level.MINISTRY: _("cấp bộ (trung ương)"),
    }[level]


def procedure_title(say: Speaker, procedure: Procedure) -> str:
    title = say.text(procedure.title)
    return title[:1].upper() + title[1:]


class ChoiceTitles:
    """Draws payloads as choices. ``named`` writes the procedure's name on every button, for a choice between several."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def draw(self, say: Speaker, payloads: list[str], named: bool = False) -> tuple[Choice, ...]:
        return tuple(Choice(_cut(self._title(say, Payload.parse(payload), named)), payload) for payload in payloads)

    def _title(self, say: Speaker, payload: Payload, named: bool) -> str:
        _ = say.gettext
        procedure = self._catalogue.get(payload.procedure) if payload.procedure else None
        if payload.intent == "give_last_four":
            return _("Xem chi tiết hồ sơ")
        if payload.intent == "dossier_status":
            return _("Tra lại hồ sơ này") if payload.dossier_code else _("Tra cứu hồ sơ")
        if payload.intent == "talk_to_official":
            return _("Gặp cán bộ")
        if procedure is None:
            return _("Xem thủ tục")
        if named or payload.intent == "find_procedure":
            return procedure_title(say, procedure)
        if payload.intent == "ask_papers" and payload.case:
            return say.text(procedure.case(payload.case).name)
        return facet_title(say, payload.intent.removeprefix("ask_"))


def _cut(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…"
