"""Notices what an import changes of a procedure, and drafts a notice of it: people decide whether it is sent."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass
from typing import Callable, Iterable, Iterator, Mapping, Optional, Sequence

import msgspec
import sqlalchemy as sa

from bot.broadcasts.campaign import Audience, Content
from bot.broadcasts.tables import procedure_changes
from bot.wording.procedures import DRAWERS
from bot.wording.speaker import LANGUAGES, SOURCE_LANGUAGE, Speaker, speaker
from bot.wording.speaker import marked as _
from bot.wording.titles import facet_title, procedure_title
from connectors.messages import Card
from knowledge.procedures import Case, Procedure

ASKED_DAYS = 90
MOST_DRAFTS = 20  # of one import: a new issue of a whole export must not bury the officials
MOST_CHARACTERS = 1_400  # of a body, which must leave room for title, link and choices on every channel
LONGEST_TITLE = 120
# What concerns whoever is about to go there, in the order in which it is told; each with how gone and new are named.
_REPLACED = (_("Trước: {facts}"), _("Nay: {facts}"))
_LISTED = (_("Không còn trong danh sách: {facts}"), _("Thêm: {facts}"))
TOLD: Mapping[str, tuple[str, str]] = {
    "fee": _REPLACED, "papers": _LISTED, "time": _REPLACED, "place": _LISTED, "online": _REPLACED, "form": _LISTED,
}  # fmt: skip
_BY_CASE = ("papers", "form")
_WITH_NOTES = ("papers", "online")  # elsewhere notes say where a fact stands, not what it is

# Within a database work: keeps a draft and gives the campaign's id. Gets the content and the campaign's origin.
Draft = Callable[[sa.engine.Connection, Content, str], int]


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """One facet of a procedure as citizens were told before and are told now; ``case`` is its name, "" for all."""

    facet: str
    gone: tuple[str, ...]
    new: tuple[str, ...]
    case: str = ""


def changes(before: Procedure, after: Procedure, today: dt.date, say: Speaker) -> list[Change]:
    """What a citizen would be told differently, in the words of the answers. Order and spelling of lists count not."""
    return [change for facet in TOLD for change in _changes_of(facet, before, after, today, say)]


def _changes_of(facet: str, before: Procedure, after: Procedure, today: dt.date, say: Speaker) -> Iterator[Change]:
    for case in after.cases if facet in _BY_CASE else after.cases[:1]:
        earlier = before.case(case.id)
        old = _lines(facet, before, earlier, today, say)
        new = _lines(facet, after, case, today, say)
        gone = tuple(line for key, line in old.items() if key not in new)
        come = tuple(line for key, line in new.items() if key not in old)
        if gone or come:
            yield Change(facet, gone, come, say.text(case.name) if len(after.cases) > 1 and facet in _BY_CASE else "")


def _lines(facet: str, procedure: Procedure, case: Case, today: dt.date, say: Speaker) -> dict[str, str]:
    """The facts by what they say, whatever their case and blanks."""
    (drawer,) = DRAWERS[facet]
    card: Card = drawer(say, procedure, case, today)
    lines = [f"{label}: {value}" for label, value in card.lines] + list(card.items)
    if facet in _WITH_NOTES:
        lines += card.notes
    return {" ".join(line.casefold().split()): line for line in lines}


# By language, as procedure_changes keeps them.
Changes = Mapping[str, Sequence[Change]]


def in_all_languages(before: Procedure, after: Procedure, today: dt.date) -> Optional[Changes]:
    """None when nothing that citizens need has changed."""
    found = {language: changes(before, after, today, speaker(language)) for language in LANGUAGES}
    return found if all(found.values()) else None


def drafted(procedure: Procedure, found: Changes) -> Content:
    """A notice for those who asked about it or have a dossier of it on the way; ``procedure`` as it is now."""
    body = {language: _body(speaker(language), procedure, found[language]) for language in found}
    say = speaker(SOURCE_LANGUAGE)
    title = say("Thay đổi thủ tục: {title}", title=procedure_title(say, procedure))
    source = procedure.source if procedure.source.startswith("https://") else ""
    link_title = {language: speaker(language).gettext("Nguồn chính thức") for language in LANGUAGES}
    return Content(
        title=_plain(title)[:LONGEST_TITLE],
        body=body,
        link=source,
        link_title=link_title if source else {},
        procedure=procedure.code,
        see_procedure=True,
        audience=Audience(asked=procedure.code, days=ASKED_DAYS, open_dossier=procedure.code),
    )


def _body(say: Speaker, procedure: Procedure, found: Sequence[Change]) -> str:
    """As much as fits; the rest is in the procedure's answer."""
    title = procedure_title(say, procedure)
    text = say("Thủ tục “{title}” (mã {code}) có thay đổi.", title=title, code=procedure.code)
    ending = [say("Theo dữ liệu của nguồn chính thức ngày {date}.", date=say.date(procedure.checked))]
    for change in found:
        words = told(say, change)
        if len(text) + len(words) > MOST_CHARACTERS:
            ending.insert(0, say("Còn thay đổi khác, xin xem thủ tục."))
            break
        text += f"\n\n{words}"
    return _plain("\n\n".join([text, "\n".join(ending)]))


def told(say: Speaker, change: Change) -> str:
    """One change in plain words, some lines."""
    heading = facet_title(say, change.facet) + (f" ({change.case})" if change.case else "")
    gone, new = TOLD[change.facet]
    lines = [
        say(words, facts="; ".join(line.rstrip(" .;") for line in facts))
        for words, facts in ((gone, change.gone), (new, change.new))
        if facts
    ]
    return "\n".join([f"{heading}:", *(f"- {line}" for line in lines)])


def _plain(text: str) -> str:
    """Braces would be taken for placeholders."""
    return text.replace("{", "(").replace("}", ")")


@dataclass(frozen=True)
class Noticed:
    """What a file changes of a procedure, which is as it will be."""

    file: str
    procedure: Procedure
    changes: Changes


def notice(pairs: Iterable[tuple[Procedure, Procedure]], file: str, today: dt.date) -> Iterator[Noticed]:
    """Before and after. Takes milliseconds for each pair, and so not within a database work."""
    for before, after in pairs:
        found = in_all_languages(before, after, today)
        if found is not None:
            yield Noticed(file, after, found)


def note(
    connection: sa.engine.Connection,
    noticed: Sequence[Noticed],
    at: dt.datetime,
    draft: Draft,
    most: int = MOST_DRAFTS,
) -> int:
    """Within the work of an import: keep what it changes, and draft notices of the first ``most``; how many drafts.

    A change beyond the first ones is kept without a draft: an official can have it drafted from the page of changes.
    """
    first = [draft(connection, drafted(one.procedure, one.changes), origin_of(one.procedure.code))
             for one in noticed[:most]]  # fmt: skip
    rows = [
        {
            "at": at,
            "file": one.file[:200],
            "procedure": one.procedure.code,
            "changes": msgspec.json.encode(one.changes).decode(),
            "campaign": campaign,
        }
        for one, campaign in itertools.zip_longest(noticed, first)
    ]
    if rows:
        connection.execute(procedure_changes.insert(), rows)
    return len(first)


def origin_of(code: str) -> str:
    return f"radar:{code}"
