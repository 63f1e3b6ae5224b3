"""Keeps the translations complete: brings each catalogue up to date with the sources and names what is missing.

    python -m bot.wording.catalogues    (make i18n)

Fails when a sentence is missing, only guessed or has other {places}, and when ``messages.pot`` was out of date.
"""

from __future__ import annotations

import io
import string
import sys
from pathlib import Path
from typing import Iterator, Union

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from bot.wording.speaker import LANGUAGES, LOCALE_FOLDER, SOURCE_LANGUAGE

SOURCES = LOCALE_FOLDER.parent
TEMPLATE = LOCALE_FOLDER / "messages.pot"
HEADER = "# Một Cửa: what the assistant says. The source sentences are Vietnamese."
SOURCE_FILES = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
# A template that cannot be read must stop this: otherwise its sentences would silently be gone.
TEMPLATE_OPTIONS = {"**/templates/**.html": {"silent": "false"}}
KEYWORDS = {**DEFAULT_KEYWORDS, "say": None}  # bot.wording.speaker.Speaker is called ``say``


def extract(sources: Path = SOURCES) -> Catalog:
    """Every sentence that the sources mark for translation."""
    template = Catalog(project="Một Cửa", version="1", charset="utf-8", header_comment=HEADER)
    found = extract_from_dir(str(sources), SOURCE_FILES, TEMPLATE_OPTIONS, keywords=KEYWORDS)
    for name, line, sentence, comments, context in found:
        template.add(sentence, None, [(f"bot/{name}", line)], auto_comments=comments, context=context)
    return template


def catalogue_file(language: str, folder: Path = LOCALE_FOLDER) -> Path:
    return folder / language / "LC_MESSAGES" / "messages.po"


def update_template(file: Path, template: Catalog) -> bool:
    """Write the template, from which new translations start. False when the file said the same already."""
    before = file.read_bytes() if file.exists() else b""
    if before:
        template.creation_date = read_po(io.BytesIO(before)).creation_date
    return _write(file, template, before)


def update(file: Path, language: str, template: Catalog) -> Catalog:
    """Add the new sentences to the file without a translation and drop those that are gone."""
    before = file.read_bytes() if file.exists() else b""
    catalogue = read_po(io.BytesIO(before), locale=language) if before else Catalog(locale=language)
    # A guessed translation looks finished to the eye; an empty one is seen.
    catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.header_comment, catalogue.project, catalogue.version = HEADER, template.project, template.version
    _write(file, catalogue, before)
    return catalogue


def _write(file: Path, catalogue: Catalog, before: bytes) -> bool:
    """Whether the file had to be changed. Line numbers are left out: they would change with every edit above them."""
    catalogue.last_translator = catalogue.language_team = catalogue.msgid_bugs_address = ""  # nobody's address
    after = io.BytesIO()
    write_po(after, catalogue, ignore_obsolete=True, include_lineno=False, width=120)
    if after.getvalue() == before:
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(after.getvalue())
    return True


def faults(catalogue: Catalog, template: Catalog) -> Iterator[str]:
    """One line for each sentence that is not translated, only guessed, or has lost or gained a {place}."""
    for wanted in template:
        if not wanted.id:
            continue
        message = catalogue.get(wanted.id, wanted.context)
        if message is None or not all(_forms(message.string)):
            yield f"missing: {_forms(wanted.id)[0]}"
        elif message.fuzzy:
            yield f"fuzzy: {_forms(wanted.id)[0]}"
        elif _places_differ(message):
            yield f"places differ: {_forms(wanted.id)[0]}"


def _places_differ(message: Message) -> bool:
    asked = [_places(form) for form in _forms(message.id)]
    said = [_places(form) for form in _forms(message.string)]
    # "one paper" may leave out the {count} that "{count} papers" has.
    return any(places - asked[-1] for places in said) or said[-1] != asked[-1]


def _forms(said: Union[str, tuple[str, ...], list[str], None]) -> list[str]:
    return [said or ""] if said is None or isinstance(said, str) else list(said)


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def main() -> int:
    template = extract()
    bad = 0
    if update_template(TEMPLATE, template):
        sys.stderr.write(f"{TEMPLATE.name} was out of date; it has been written anew\n")
        bad = 1
    for language in LANGUAGES:
        if language == SOURCE_LANGUAGE:
            continue
        file = catalogue_file(language)
        found = list(faults(update(file, language, template), template))
        for fault in found:
            sys.stderr.write(f"{language}: {fault}\n")
        sys.stderr.write(f"{language}: {len(template)} sentences, {len(found)} to mend in {file.name}\n")
        bad += len(found)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
