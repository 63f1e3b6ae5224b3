"""`make i18n` finds the sentences of the console's pages too."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import TemplateSyntaxError

from bot.wording.catalogues import extract


def page(folder: Path, text: str) -> Path:
    templates = folder / "console" / "templates"
    templates.mkdir(parents=True)
    (templates / "page.html").write_text(text, encoding="utf-8")
    return folder


def test_sentences_of_a_template_are_found(tmp_path: Path) -> None:
    text = """{% if x %}<a title="{{ _('Hạn {date}', date=x) }}">{{ say("Đã gửi") }}</a>{% endif %}"""
    found = extract(page(tmp_path, text))
    assert [message.id for message in found if message.id] == ["Hạn {date}", "Đã gửi"]


def test_a_broken_template_is_not_passed_over(tmp_path: Path) -> None:
    with pytest.raises(TemplateSyntaxError):
        extract(page(tmp_path, '{% if x %}{{ _("Đã gửi") }}'))
