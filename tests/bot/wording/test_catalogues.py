"""The translations: complete as shipped, and `make i18n` sees whatever is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from bot.wording.catalogues import catalogue_file, extract, faults, update
from bot.wording.speaker import LANGUAGES, SOURCE_LANGUAGE

SOURCE = '''
def words(say, count):
    _ = say.gettext
    return _("Xin chào"), say.ngettext("một bản", "{count} bản", count), say.gettext("Hạn là {date}")
'''


@pytest.fixture
def template(tmp_path: Path) -> Catalog:
    (tmp_path / "words.py").write_text(SOURCE, encoding="utf-8")
    return extract(tmp_path)


@pytest.fixture
def catalogue(template: Catalog) -> Catalog:
    catalogue = Catalog(locale="en")
    catalogue.add("Xin chào", "Hello")
    catalogue.add(("một bản", "{count} bản"), ("one copy", "{count} copies"))
    catalogue.add("Hạn là {date}", "Due on {date}")
    return catalogue


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != SOURCE_LANGUAGE])
def test_shipped_translation_is_complete(language: str) -> None:
    with catalogue_file(language).open("rb") as file:
        catalogue = read_po(file, locale=language)
    assert list(faults(catalogue, extract())) == []


def test_sentences_are_found_however_they_are_marked(template: Catalog) -> None:
    assert [message.id for message in template if message.id] == [
        "Xin chào",
        ("một bản", "{count} bản"),
        "Hạn là {date}",
    ]


def test_complete_translation_has_no_faults(template: Catalog, catalogue: Catalog) -> None:
    assert list(faults(catalogue, template)) == []


def test_what_is_missing_is_named(template: Catalog, catalogue: Catalog) -> None:
    catalogue.delete("Xin chào")
    catalogue[("một bản", "{count} bản")].string = ("one copy", "")
    assert list(faults(catalogue, template)) == ["missing: Xin chào", "missing: một bản"]


def test_guess_is_not_a_translation(template: Catalog, catalogue: Catalog) -> None:
    catalogue["Xin chào"].flags.add("fuzzy")
    assert list(faults(catalogue, template)) == ["fuzzy: Xin chào"]


@pytest.mark.parametrize("translation", ["Due on {day}", "Due", "Due on {date} or {day}"])
def test_translation_keeps_its_places(template: Catalog, catalogue: Catalog, translation: str) -> None:
    catalogue["Hạn là {date}"].string = translation
    assert list(faults(catalogue, template)) == ["places differ: Hạn là {date}"]


def test_update_keeps_translations_and_drops_what_is_gone(tmp_path: Path, template: Catalog) -> None:
    file = tmp_path / "en" / "messages.po"
    file.parent.mkdir()
    file.write_text('msgid "Xin chào"\nmsgstr "Hello"\n\nmsgid "Tạm biệt"\nmsgstr "Goodbye"\n', encoding="utf-8")
    update(file, "en", template)
    with file.open("rb") as opened:
        updated = read_po(opened, locale="en")
    assert updated["Xin chào"].string == "Hello"
    assert "Tạm biệt" not in updated
    assert "Tạm biệt" not in updated.obsolete
    assert not updated["Hạn là {date}"].string


def test_update_twice_changes_nothing(tmp_path: Path, template: Catalog) -> None:
    file = tmp_path / "en" / "LC_MESSAGES" / "messages.po"
    update(file, "en", template)
    first = file.read_bytes()
    update(file, "en", template)
    assert file.read_bytes() == first
