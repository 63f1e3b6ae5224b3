"""The weekly report as a table: for its page, for printing and for spreadsheets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Mapping, Optional, Sequence

from bot.broadcasts.sheets import Cell
from bot.broadcasts.weekly import Figures, Week
from bot.wording.speaker import Speaker
from bot.wording.speaker import marked as _

TOP = 10  # procedures
# The figures of Figures that are single numbers, by heading.
_NUMBERS: Sequence[tuple[str, Mapping[str, str]]] = (
    (
        _("Hỏi đáp"),
        {
            "messages": _("Tin nhắn của người dân"),
            "answered": _("Đã trả lời"),
            "unanswered": _("Chưa trả lời được"),
            "citizens": _("Số người nhắn"),
        },
    ),
    (_("Hồ sơ"), {"dossiers": _("Hồ sơ được tra cứu"), "overdue": _("Trong đó quá hạn")}),
    (
        _("Thông báo gửi đi"),
        {
            "campaigns": _("Số thông báo"),
            "sent": _("Số tin đã gửi"),
            "delivered": _("Đã đến máy"),
            "failed": _("Không gửi được"),
            "unknown": _("Chưa rõ"),
            "opted_out": _("Số người ngừng nhận tin"),
        },
    ),
)
_CHANNELS: Mapping[str, str] = {
    "zalo": _("Zalo"), "telegram": _("Telegram"), "webchat": _("Trang web"), "rest": _("Ứng dụng khác"),
}  # fmt: skip
_FEEDBACK: Mapping[str, str] = {"feedback": _("Góp ý, khen, phàn nàn"), "wrong_answer": _("Báo câu trả lời sai")}


@dataclass(frozen=True)
class Line:
    label: str
    this: int
    before: int

    @property
    def change(self) -> int:
        return self.this - self.before


@dataclass(frozen=True)
class Section:
    title: str
    lines: tuple[Line, ...]


def sections(week: Week, say: Speaker, title_of: Callable[[str], Optional[str]]) -> list[Section]:
    """``title_of`` knows the procedures by their codes. A section without lines is left out."""
    numbers = [
        Section(say.gettext(title), tuple(_line(week, name, say.gettext(label)) for name, label in labels.items()))
        for title, labels in _NUMBERS
    ]
    channels = _lines(week, lambda its: its.by_channel, lambda code: say.gettext(_CHANNELS.get(code, code)))
    asked = _lines(week, lambda its: its.procedures, lambda code: f"{code} {title_of(code) or ''}".strip())
    said = _lines(week, lambda its: its.feedback, lambda code: say.gettext(_FEEDBACK.get(code, code)))
    others = [
        Section(say("Tin nhắn theo kênh"), channels),
        Section(say("Thủ tục được hỏi nhiều nhất"), asked[:TOP]),
        Section(say("Mức hài lòng"), said),
    ]
    return [section for section in (numbers[0], *others, *numbers[1:]) if section.lines]


def rows(week: Week, say: Speaker, title_of: Callable[[str], Optional[str]]) -> list[Sequence[Cell]]:
    """For a spreadsheet, with a row of titles."""
    found: list[Sequence[Cell]] = [
        [say("Báo cáo tuần {begin} – {end}", begin=say.date(week.monday), end=say.date(week.sunday))],
        ["", say("Tuần này"), say("Tuần trước"), say("Thay đổi")],
    ]
    for section in sections(week, say, title_of):
        found.append([section.title])
        found += [[line.label, line.this, line.before, line.change] for line in section.lines]
    return found


def _line(week: Week, name: str, label: str) -> Line:
    return Line(label, getattr(week.this, name), getattr(week.before, name))


def _lines(
    week: Week, counts: Callable[[Figures], Mapping[str, int]], label: Callable[[str], str]
) -> tuple[Line, ...]:
    this, before = counts(week.this), counts(week.before)
    return tuple(Line(label(code), this.get(code, 0), before.get(code, 0)) for code in {**this, **before})
