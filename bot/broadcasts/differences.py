"""What an official changed since a content was approved, field by field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping

from bot.broadcasts.campaign import Content
from bot.wording.speaker import marked as _

YES = "✓"

FIELDS: Mapping[str, str] = {
    "title": _("Tiêu đề"),
    "body_vi": _("Nội dung tiếng Việt"),
    "body_en": _("Nội dung tiếng Anh"),
    "link": _("Liên kết"),
    "link_title_vi": _("Tên liên kết tiếng Việt"),
    "link_title_en": _("Tên liên kết tiếng Anh"),
    "picture": _("Ảnh"),
    "procedure": _("Thủ tục"),
    "see_procedure": _("Nút “Xem thủ tục”"),
    "template": _("Mẫu tin Zalo"),
    "template_facts": _("Giá trị của mẫu tin"),
    "article": _("Bài viết cho mọi người quan tâm"),
    "topics": _("Chủ đề"),
    "wards": _("Xã, phường"),
    "provinces": _("Tỉnh, thành phố"),
    "channels": _("Kênh"),
    "languages": _("Ngôn ngữ"),
    "asked": _("Đã hỏi thủ tục"),
    "days": _("Trong số ngày"),
    "open_dossier": _("Có hồ sơ đang giải quyết"),
    "file": _("Tệp người nhận"),
}


@dataclass(frozen=True)
class Difference:
    """``label`` is Vietnamese, ``gettext`` translates it; a text is "" where there was or is nothing."""

    field: str
    label: str
    before: str
    after: str


def differences(before: Content, after: Content) -> list[Difference]:
    """In the order of the form; [] when both say the same to the same people."""
    old, new = _texts(before), _texts(after)
    return [
        Difference(field, label, old[field], new[field]) for field, label in FIELDS.items() if old[field] != new[field]
    ]


def _texts(content: Content) -> dict[str, str]:
    audience = content.audience
    return {
        "title": content.title,
        "body_vi": content.body.get("vi", ""),
        "body_en": content.body.get("en", ""),
        "link": content.link,
        "link_title_vi": content.link_title.get("vi", ""),
        "link_title_en": content.link_title.get("en", ""),
        "picture": str(content.picture or ""),
        "procedure": content.procedure,
        "see_procedure": YES if content.see_procedure else "",
        "template": content.template,
        "template_facts": "\n".join(f"{name}: {value}" for name, value in sorted(content.template_facts.items())),
        "article": YES if content.article else "",
        "topics": ", ".join(audience.topics),
        "wards": "\n".join(audience.wards),
        "provinces": "\n".join(audience.provinces),
        "channels": ", ".join(audience.channels),
        "languages": ", ".join(audience.languages),
        "asked": audience.asked,
        "days": str(audience.days) if audience.asked else "",
        "open_dossier": audience.open_dossier,
        "file": str(audience.file or ""),
    }
