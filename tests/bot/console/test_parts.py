"""The parts that pages are made of."""

from __future__ import annotations

from jinja2 import DictLoader, Environment, FileSystemLoader, StrictUndefined, select_autoescape

from bot.console.drawing import TEMPLATES, address
from bot.wording.speaker import speaker

PAGE = """{% import "parts.html" as parts with context %}{% extends "bare" %}
{% block content %}
{% call parts.form("/campaigns/3") %}
{{ parts.field("title", "Tiêu đề", "<b>", hint="Ngắn", problem="Thiếu", maxlength=200, required=true) }}
{{ parts.textarea("body", "Nội dung", "a\n<i>") }}
{{ parts.select("topic", "Chủ đề", [("land", "Đất đai"), ("stay", "Cư trú")], "stay") }}
{{ parts.checkbox("channels", "Zalo", true, "zalo") }}{{ parts.button("Lưu", "second") }}
{% endcall %}
{% call parts.confirm("/campaigns/3/cancel", "Hủy tin", "Hủy") %}<p>Không lấy lại được.</p>{% endcall %}
{% call parts.table("Tin", ["Tên"]) %}<tr><td>{{ parts.badge("Đã gửi", "good") }}</td></tr>{% endcall %}
{{ parts.bars("Kênh", [("Zalo", 1200), ("Telegram", 0)]) }}{{ parts.bars("Trống", []) }}
{{ parts.progress("Đọc tệp", 40) }}{{ parts.pager("", "/audit?before=3") }}
{% endblock %}"""


def test_parts_are_escaped_and_without_inline_style() -> None:
    loader = DictLoader({"bare": "{% block content %}{% endblock %}", "page": PAGE})
    files = FileSystemLoader(TEMPLATES)
    loader.mapping = {**loader.mapping, "parts.html": files.get_source(Environment(loader=files), "parts.html")[0]}
    templates = Environment(loader=loader, autoescape=select_autoescape(default=True), undefined=StrictUndefined)
    templates.globals.update(to=address)
    say = speaker("vi")
    drawn = templates.get_template("page").render(token="the-token", say=say, _=say)
    assert drawn.count('name="token" value="the-token"') == 2
    assert 'value="&lt;b&gt;" aria-describedby="title-notes" aria-invalid="true" maxlength="200"' in drawn
    assert "a\n&lt;i&gt;</textarea>" in drawn
    assert '<option value="stay" selected>' in drawn
    assert 'action="/console/campaigns/3/cancel"' in drawn
    assert "1.200" in drawn
    assert 'href="/console/audit?before=3"' in drawn
    assert "style=" not in drawn
    assert "<b>" not in drawn
