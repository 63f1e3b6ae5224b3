"""The form of a campaign: what was typed becomes a Content, or a sentence beside each field that cannot be taken."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Callable, Collection, Mapping, Optional, Sequence

from bot.broadcasts.campaign import Audience, Content
from bot.house_rules import Template
from bot.wording.speaker import LANGUAGES, Speaker

# Fields of one value and how many characters they take; those of several values are the boxes.
LONGEST: Mapping[str, int] = {
    "title": 200,
    **{f"body_{language}": 4_000 for language in LANGUAGES},
    **{f"link_title_{language}": 100 for language in LANGUAGES},
    "link": 500,
    "picture": 9,
    "procedure": 20,
    "see_procedure": 3,
    "template": 60,
    "article": 3,
    "wards": 20_000,
    "provinces": 4_000,
    "asked": 20,
    "days": 4,
    "open_dossier": 20,
    "file": 9,
}
BOXES = ("topics", "channels", "languages")
FACT = "fact_"  # before the names of a template's facts
LONGEST_FACT = 500
MOST_DAYS = 3_650
YES = "yes"


@dataclass(frozen=True)
class Offer:
    """What can be chosen, by what the form sends: title to read."""

    topics: Mapping[str, str]
    channels: Mapping[str, str]
    languages: Mapping[str, str]
    files: Mapping[str, str]
    pictures: Mapping[str, str]
    templates: Sequence[Template]
    wards: Sequence[str]  # empty: any

    @functools.cached_property
    def facts(self) -> Sequence[str]:
        """The names that any of the templates is filled with."""
        return tuple(dict.fromkeys(name for template in self.templates for name in template.names))

    @functools.cached_property
    def template_titles(self) -> Mapping[str, str]:
        return {template.id: template.title for template in self.templates}


@dataclass(frozen=True)
class Typed:
    """The fields as they were typed, to be shown again."""

    texts: Mapping[str, str] = field(default_factory=dict)
    boxes: Mapping[str, Collection[str]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return self.texts.get(name, "")

    def is_chosen(self, name: str, value: str) -> bool:
        return value in self.boxes.get(name, ())

    def lines(self, name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(filter(None, (" ".join(line.split()) for line in self.text(name).split("\n")))))

    def by_language(self, name: str) -> dict[str, str]:
        texts = {language: self.text(f"{name}_{language}") for language in LANGUAGES}
        return {language: text for language, text in texts.items() if text}


@dataclass(frozen=True)
class Reading:
    """``content`` is missing where a field has a problem: a sentence by the field's name."""

    content: Optional[Content]
    problems: Mapping[str, str]


def typed_of(content: Content) -> Typed:
    """The form as it is filled for a content."""
    audience = content.audience
    texts = {
        "title": content.title,
        **{f"body_{language}": text for language, text in content.body.items()},
        **{f"link_title_{language}": text for language, text in content.link_title.items()},
        "link": content.link,
        "picture": str(content.picture or ""),
        "procedure": content.procedure,
        "see_procedure": YES if content.see_procedure else "",
        "template": content.template,
        **{FACT + name: value for name, value in content.template_facts.items()},
        "article": YES if content.article else "",
        "wards": "\n".join(audience.wards),
        "provinces": "\n".join(audience.provinces),
        "asked": audience.asked,
        "days": str(audience.days),
        "open_dossier": audience.open_dossier,
        "file": str(audience.file or ""),
    }
    boxes = {"topics": audience.topics, "channels": audience.channels, "languages": audience.languages}
    return Typed(texts, boxes)


def read(typed: Typed, offer: Offer, procedure_title: Callable[[str], Optional[str]], say: Speaker) -> Reading:
    """A draft may lack anything; what is there must be possible."""
    problems = {**_too_long(typed, say), **_unknown(typed, offer, procedure_title, say)}
    days = typed.text("days") or str(Audience().days)
    if not (days.isascii() and days.isdecimal() and 1 <= int(days[:5]) <= MOST_DAYS):
        problems["days"] = say("Số ngày là một số từ 1 đến {most}.", most=MOST_DAYS)
    return Reading(None if problems else _content(typed, offer, int(days)), problems)


def _too_long(typed: Typed, say: Speaker) -> dict[str, str]:
    longest = {name: LONGEST.get(name, LONGEST_FACT) for name in typed.texts}
    return {
        name: say("Dài quá {most} ký tự.", most=most)
        for name, most in longest.items()
        if len(typed.text(name)) > most
    }  # fmt: skip


def _unknown(
    typed: Typed, offer: Offer, procedure_title: Callable[[str], Optional[str]], say: Speaker
) -> dict[str, str]:
    problems = {}
    for name, known in (("topics", offer.topics), ("channels", offer.channels), ("languages", offer.languages)):
        if not set(typed.boxes.get(name, ())) <= set(known):
            problems[name] = say("Có lựa chọn không còn nữa. Mời chọn lại.")
    for name, ids in (("file", offer.files), ("picture", offer.pictures), ("template", offer.template_titles)):
        if typed.text(name) and typed.text(name) not in ids:
            problems[name] = say("Lựa chọn này không còn nữa. Mời chọn lại.")
    for name in ("procedure", "asked", "open_dossier"):
        if typed.text(name) and procedure_title(typed.text(name)) is None:
            problems[name] = say("Không có thủ tục nào mang mã này. Mời xem mã ở trang Thủ tục.")
    strange = [ward for ward in typed.lines("wards") if offer.wards and ward not in offer.wards]
    if strange:
        problems["wards"] = say("Không có trong danh sách xã, phường: {names}.", names="; ".join(strange[:5]))
    return problems


def _content(typed: Typed, offer: Offer, days: int) -> Content:
    names = next((template.names for template in offer.templates if template.id == typed.text("template")), ())
    return Content(
        title=" ".join(typed.text("title").split()),
        body=typed.by_language("body"),
        link_title=typed.by_language("link_title"),
        link=typed.text("link"),
        picture=int(typed.text("picture") or 0),
        procedure=typed.text("procedure"),
        see_procedure=typed.text("see_procedure") == YES,
        template=typed.text("template"),
        template_facts={name: typed.text(FACT + name) for name in names if typed.text(FACT + name)},
        article=typed.text("article") == YES,
        audience=Audience(
            topics=_chosen(typed, "topics", offer.topics),
            wards=typed.lines("wards"),
            provinces=typed.lines("provinces"),
            channels=_chosen(typed, "channels", offer.channels),
            languages=_chosen(typed, "languages", offer.languages),
            asked=typed.text("asked"),
            days=days,
            open_dossier=typed.text("open_dossier"),
            file=int(typed.text("file") or 0),
        ),
    )


def _chosen(typed: Typed, name: str, offered: Mapping[str, str]) -> tuple[str, ...]:
    """In the order of the form, so that the same choice is always the same content."""
    return tuple(value for value in offered if typed.is_chosen(name, value))
