"""The menu of the console: which pages it names, in which order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Mapping, Sequence

from bot.console.pages import Page
from bot.console.roles import Permission
from bot.wording.speaker import marked as _

TITLES: Mapping[str, str] = {
    "/": _("Hôm nay"),
    "/campaigns": _("Tin gửi người dân"),
    "/audiences": _("Tệp người nhận"),
    "/pictures": _("Ảnh"),
    "/citizens": _("Người dân"),
    "/questions": _("Câu hỏi chưa trả lời được"),
    "/procedures": _("Thủ tục"),
    "/reports": _("Báo cáo"),
    "/settings": _("Thiết lập"),
    "/stops": _("Dừng khẩn cấp"),
    "/officials": _("Cán bộ"),
    "/audit": _("Nhật ký"),
    "/account": _("Tài khoản"),
}


@dataclass(frozen=True)
class Entry:
    path: str
    title: str
    is_here: bool


class Menu:
    """Of the pages that there are, those that somebody may open."""

    def __init__(self, pages: Sequence[Page]) -> None:
        opened = {page.path: page.permission for page in pages if page.method == "GET"}
        self._entries = [(path, title, opened[path]) for path, title in TITLES.items() if path in opened]

    def entries(self, may: Callable[[Permission], bool], here: str) -> list[Entry]:
        """``here`` is the path of the page that is shown; what is below an entry belongs to it."""
        return [
            Entry(path, title, here == path or (path != "/" and here.startswith(f"{path}/")))
            for path, title, permission in self._entries
            if may(permission)
        ]
