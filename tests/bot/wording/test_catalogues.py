"""The translations: complete as shipped, and `make i18n` sees whatever is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from bot.wording.catalogues import TEMPLATE, catalogue_file, extract, faults, update, update_template
from bot.wording.speaker import LANGUAGES, SOURCE_LANGUAGE

SOURCE = '''
def words(say, count):
    _ = say.gettext
    return _("Xin chào"), say.ngettext("một bản", "{count} bản", count), say("Hạn là {date}", date=say("hôm nay"))
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
    catalogue.add("hôm nay", "today")
    return catalogue


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != SOURCE_LANGUAGE])
def test_shipped_translation_is_complete(language: str) -> None:
    with catalogue_file(language).open("rb") as file:
        catalogue = read_po(file, locale=language)
    assert list(faults(catalogue, extract())) == []


def test_shipped_template_has_the_sentences_of_the_sources() -> None:
    with TEMPLATE.open("rb") as file:
        shipped = read_po(file)
    assert [message.id for message in shipped] == [message.id for message in extract()]


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != SOURCE_LANGUAGE])
def test_shipped_files_name_nobody(language: str) -> None:
    for file in (TEMPLATE, catalogue_file(language)):
        assert "@" not in file.read_text(encoding="utf-8")


def test_tone_marks_have_one_style() -> None:
    """Both styles are right, one house has one: hòa, thủy, ủy; not those of the other."""
    other = re.compile(r"o[àáảãạèéẻẽẹ](?!\w)|(?<!q)u[ỳýỷỹỵ](?!\w)", re.IGNORECASE)
    ours = [m.id for m in extract() if any(place.startswith("bot/wording") for place, _ in m.locations)]
    assert [sentence for sentence in ours if other.search(str(sentence))] == []


def test_template_out_of_date_is_noticed_once(tmp_path: Path, template: Catalog) -> None:
    file = tmp_path / "messages.pot"
    assert update_template(file, template)
    assert not update_template(file, template)
    template.add("Tạm biệt")
    assert update_template(file, template)


def test_sentences_are_found_however_they_are_marked(template: Catalog) -> None:
    assert [message.id for message in template if message.id] == [
        "Xin chào",
        ("một bản", "{count} bản"),
        "Hạn là {date}",
        "hôm nay",
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
