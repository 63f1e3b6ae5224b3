"""What keeps a content from being sent, found before anybody approves it."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import Any, Collection, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from bot.broadcasts.campaign import Content
from bot.broadcasts.notice import (
    BRACES,
    LONGEST_VALUE,
    OF_THE_HOUSE,
    Rendering,
    Unfilled,
    placeholders,
    rendering,
    reply_of,
)
from bot.house_rules import Template
from bot.wording.speaker import LANGUAGES, SOURCE_LANGUAGE
from bot.wording.speaker import marked as _
from connectors.channel import Limits

LONGEST_TITLE = 150  # what Zalo takes as the title of an article
LONGEST_LINK = 500
_ADDRESS = re.compile(r"[^\s{}<>\"\\^`|]+")


@dataclass(frozen=True)
class Problem:
    """``field`` is the name of the form's field ("body_vi"); ``say(sentence, **facts)`` tells an official."""

    field: str
    sentence: str
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def problems(
    content: Content,
    columns: Collection[str],
    limits: Mapping[str, Limits],
    templates: Sequence[Template],
    house: Mapping[str, Mapping[str, str]],
) -> list[Problem]:
    """[] for a content that can be sent to everybody in its audience.

    ``columns`` have a value in every row of the file; ``limits`` by channel; ``house``: language: the house's facts.
    """
    return [
        *_missing(content),
        *_in_braces(content, columns),
        *_link(content),
        *_template(content, templates),
        *_article(content),
        *_too_long(content, columns, limits, house),
    ]


def _missing(content: Content) -> Iterator[Problem]:
    if not content.title.strip():
        yield Problem("title", _("Chưa có tiêu đề."))
    elif len(content.title) > LONGEST_TITLE:
        yield Problem("title", _("Tiêu đề dài quá {most} ký tự."), {"most": LONGEST_TITLE})
    if not content.body.get(SOURCE_LANGUAGE, "").strip():
        yield Problem("body_vi", _("Chưa có nội dung tiếng Việt."))
    if content.see_procedure and not content.procedure:
        yield Problem("procedure", _("Nút “Xem thủ tục” cần một mã thủ tục."))


def _in_braces(content: Content, columns: Collection[str]) -> Iterator[Problem]:
    if BRACES.search(content.title):
        yield Problem("title", _("Tiêu đề không được có dấu ngoặc nhọn."))
    texts = {f"body_{language}": text for language, text in content.body.items()}
    texts.update({f"link_title_{language}": text for language, text in content.link_title.items()})
    texts.update({f"fact_{name}": text for name, text in content.template_facts.items()})
    for name, text in texts.items():
        for match in BRACES.finditer(text):
            if match["name"] is None:
                yield _stray(name, text, match)
        for placeholder in sorted(placeholders(text) - {*columns, *OF_THE_HOUSE}):
            sentence = _("Chỗ trống {name}: tệp người nhận không có cột này, hoặc có dòng bỏ trống cột này.")
            yield Problem(name, sentence, {"name": f"{{{placeholder}}}"})


def _stray(name: str, text: str, match: re.Match[str]) -> Problem:
    before = text[: match.start()]
    place = {"line": before.count("\n") + 1, "column": match.start() - before.rfind("\n")}
    sentence = _("Dòng {line}, ký tự {column}: dấu {brace} đứng lẻ. Chỗ trống viết như sau: {example}.")
    return Problem(name, sentence, {**place, "brace": match[0], "example": "{co_quan}"})


def _link(content: Content) -> Iterator[Problem]:
    if not content.link:
        if any(title.strip() for title in content.link_title.values()):
            yield Problem("link", _("Có tên liên kết mà chưa có địa chỉ."))
    elif not _is_safe(content.link):
        yield Problem("link", _("Địa chỉ phải bắt đầu bằng https:// và không có khoảng trắng."))


def _is_safe(link: str) -> bool:
    """Readable and unchanged on its way to everybody; without a name before the host, which misleads."""
    try:
        parts = urlsplit(link)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    is_encrypted = parts.scheme == "https" or (parts.scheme == "http" and host == "127.0.0.1")
    fits = len(link) <= LONGEST_LINK and _ADDRESS.fullmatch(link) is not None
    return bool(is_encrypted and host and fits and "@" not in parts.netloc)


def _template(content: Content, templates: Sequence[Template]) -> Iterator[Problem]:
    if not content.template:
        return
    template = next((one for one in templates if one.id == content.template), None)
    if template is None:
        yield Problem("template", _("Mẫu tin Zalo này không có trong phần Cài đặt."))
        return
    for name in template.names:
        if not content.template_facts.get(name, "").strip():
            yield Problem(f"fact_{name}", _("Mẫu tin Zalo cần giá trị cho {name}."), {"name": name})


def _article(content: Content) -> Iterator[Problem]:
    if not content.article:
        return
    if not content.audience.leaves_out_nobody_on("zalo"):
        yield Problem("article", _("Bài viết gửi đến mọi người quan tâm trên Zalo, không chọn lọc được người nhận."))
    if not content.picture:
        yield Problem("picture", _("Bài viết trên Zalo cần một ảnh bìa."))


def _too_long(
    content: Content, columns: Collection[str], limits: Mapping[str, Limits], house: Mapping[str, Mapping[str, str]]
) -> Iterator[Problem]:
    """With the longest values that a row may have: what fits so, fits for everybody."""
    chosen = content.audience.channels or limits
    worst: dict[tuple[str, str], Rendering] = {}
    for language in content.audience.languages or LANGUAGES:
        field = f"body_{language if content.body.get(language) else SOURCE_LANGUAGE}"
        facts = {**dict.fromkeys(columns, "x" * LONGEST_VALUE), **house[language]}
        try:
            reply = reply_of(content, language, facts)
        except Unfilled as unfilled:
            yield from (_without_value(field, name) for name in unfilled.names if name in OF_THE_HOUSE)
            continue
        for channel, its in limits.items():
            if channel not in chosen:
                continue
            drawn = rendering(reply, channel, its, bool(content.picture))
            before = worst.setdefault((field, channel), drawn)
            worst[field, channel] = max(before, drawn, key=lambda one: one.characters)
    for (field, _channel), drawn in worst.items():
        if drawn.characters > drawn.limit:
            yield _cut(field, drawn)


def _without_value(field: str, name: str) -> Problem:
    sentence = _("Chỗ trống {name}: cơ quan chưa khai giá trị, hoặc giá trị dài quá {most} ký tự.")
    return Problem(field, sentence, {"name": f"{{{name}}}", "most": LONGEST_VALUE})


def _cut(field: str, drawn: Rendering) -> Problem:
    sentence = _(
        "Quá dài cho {channel} {over} ký tự: một tin nhận {limit} ký tự, gồm cả tiêu đề, liên kết và lựa chọn; "
        "mỗi chỗ trống lấy từ tệp được tính {value} ký tự."
    )
    facts = {"channel": drawn.channel.capitalize(), "limit": drawn.limit, "value": LONGEST_VALUE}
    return Problem(field, sentence, {**facts, "over": drawn.characters - drawn.limit})
