"""The short names of things, and what is written on a button, worked out from what pressing it sends."""

from __future__ import annotations

from collections import Counter
from typing import Mapping

from actions.choices import Payload
from bot.wording.speaker import Speaker
from bot.wording.speaker import marked as _
from connectors.messages import Choice
from knowledge.catalogue import Catalogue
from knowledge.procedures import Level, Procedure
from knowledge.subscription_topics import SubscriptionTopics

LONGEST_TITLE = 70

# What can be asked about a procedure.
FACETS: Mapping[str, str] = {
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
}

LEVELS: Mapping[Level, str] = {
    Level.COMMUNE: _("cấp xã (xã, phường, đặc khu)"),
    Level.PROVINCE: _("cấp tỉnh"),
    Level.MINISTRY: _("cấp bộ (trung ương)"),
}

# Buttons that are not about a procedure.
OTHER_BUTTONS: Mapping[str, str] = {
    "give_last_four": _("Xem chi tiết hồ sơ"),
    "dossier_status": _("Tra cứu hồ sơ"),
    "talk_to_official": _("Gặp cán bộ"),
    "ask_office": _("Nơi nhận hồ sơ, giờ làm việc"),
    "give_feedback": _("Ghi câu này làm góp ý"),
    "find_procedure": _("Trả lời câu hỏi này"),
    "affirm": _("Có, ta tiếp tục"),
    "cancel": _("Thôi, không cần nữa"),
    "link_channels": _("Nối với Zalo hoặc Telegram"),
    "deny": _("Không phải việc nào ở trên"),
    "subscribe": _("Đăng ký nhận tin"),
    "unsubscribe": _("Ngừng nhận mọi tin"),
}
# Buttons about one dossier.
DOSSIER_BUTTONS: Mapping[str, str] = {
    "dossier_status": _("Xem hồ sơ này"),
    "give_last_four": _("Xem chi tiết hồ sơ"),
    "watch_dossier": _("Báo cho tôi khi có thay đổi"),
    "stop_watching": _("Thôi theo dõi {code}"),
}
TRY_AGAIN = _("Thử lại")
LANGUAGE_NAMES = {"vi": "Tiếng Việt", "en": "English"}


def facet_title(say: Speaker, facet: str) -> str:
    return say.gettext(FACETS[facet])


def level_name(say: Speaker, level: Level) -> str:
    return say.gettext(LEVELS[level])


def procedure_title(say: Speaker, procedure: Procedure) -> str:
    return _capital(say.text(procedure.title))


def _capital(title: str) -> str:
    return title[:1].upper() + title[1:]


class ChoiceTitles:
    """Draws payloads as choices; ``named`` writes the procedure's name on each, for a choice between procedures."""

    def __init__(self, catalogue: Catalogue, topics: SubscriptionTopics) -> None:
        self._catalogue, self._topics = catalogue, topics

    def draw(self, say: Speaker, payloads: list[str], named: bool = False, again: str = "") -> tuple[Choice, ...]:
        """One choice for each payload, no two with one title; ``again`` is the one that tries again.

        Raises KeyError for a payload that nobody has worded.
        """
        parsed = [Payload.parse(payload) for payload in payloads]
        titles = [
            say.gettext(TRY_AGAIN) if again == str(payload) else _cut(self._title(say, payload, named))
            for payload in parsed
        ]
        times = Counter(titles)
        return tuple(
            Choice(_with_code(title, payload) if times[title] > 1 and payload.procedure else title, str(payload))
            for title, payload in zip(titles, parsed)
        )

    def _title(self, say: Speaker, payload: Payload, named: bool) -> str:
        if payload.language:
            return LANGUAGE_NAMES[payload.language]
        if payload.dossier_code:
            return say(DOSSIER_BUTTONS[payload.intent], code=payload.dossier_code)
        topic = self._topics.get(payload.topic or "")
        if topic is not None:
            title = say.text(topic.title)
            return say("Thôi nhận tin {topic}", topic=title) if payload.intent == "unsubscribe" else _capital(title)
        if not payload.procedure:
            return say.gettext(OTHER_BUTTONS[payload.intent])
        procedure = self._catalogue.get(payload.procedure)
        if procedure is None:  # offered before an import that no longer holds it
            return say("Thủ tục {code}", code=payload.procedure)
        if named or payload.intent == "find_procedure":
            return procedure_title(say, procedure)
        if payload.intent == "ask_papers" and payload.case:
            return say("Giấy tờ: {case}", case=say.text(procedure.case(payload.case).name))
        return facet_title(say, payload.intent.removeprefix("ask_"))


def _with_code(title: str, payload: Payload) -> str:
    code = f" ({payload.procedure})"
    return _cut(title, LONGEST_TITLE - len(code)) + code


def _cut(title: str, longest: int = LONGEST_TITLE) -> str:
    """The title, cut between two words where it is too long."""
    if len(title) <= longest:
        return title
    cut = title[:longest].rpartition(" ")[0] or title[: longest - 1]
    return cut.rstrip(" ,;:(") + "…"
