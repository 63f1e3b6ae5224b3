"""The house rules as a form that officials fill in: written as text, and read back with what is wrong."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Callable, Iterable, Mapping, Sequence

import msgspec

from bot.house_rules import Rules, Template
from bot.wording.speaker import LANGUAGES
from bot.wording.speaker import marked as _

LONGEST = {"greeting": 500, "hours": 200, "hotline": 50, "banner": 500}
LONGEST_OF_TEMPLATE = (40, 100, 500)  # id, title, names
TEMPLATE_FIELDS = ("template_id", "template_title", "template_names", "price_user", "price_phone")
MOST_WARDS, LONGEST_WARD, DEAREST = 500, 100, 1_000_000
Values = Callable[[str], Sequence[str]]  # all values of a field


@dataclass(frozen=True)
class Problem:
    """``sentence`` is marked for translation and may have a {what}."""

    sentence: str
    what: str = ""


def written(rules: Rules) -> dict[str, list[str]]:
    """The fields of the form that says these rules."""
    fields = {
        f"{name}_{language}": [texts.get(language, "")] for name, texts in _texts(rules) for language in LANGUAGES
    }
    fields["hotline"] = [rules.hotline]
    fields["holidays"] = ["\n".join(f"{day:%d/%m/%Y} {name}".rstrip() for day, name in sorted(rules.holidays.items()))]
    fields["wards"] = ["\n".join(rules.wards)]
    fields["quiet_from"], fields["quiet_until"] = [f"{rules.quiet_from:%H:%M}"], [f"{rules.quiet_until:%H:%M}"]
    rows = [(one.id, one.title, ", ".join(one.names), one.price_user, one.price_phone) for one in rules.templates]
    for column, name in enumerate(TEMPLATE_FIELDS):
        fields[name] = [str(row[column]) for row in rows]
    return fields


def read(values: Values, before: Rules) -> tuple[Rules, list[Problem]]:
    """The rules that the form says; what it has no field for (the stops) stays as it was ``before``."""
    problems: list[Problem] = []
    texts = {name: _read_texts(name, values, problems) for name, _present in _texts(before)}
    rules = msgspec.structs.replace(
        before,
        **texts,
        hotline=_text(values, "hotline", LONGEST["hotline"], problems),
        holidays=_read_holidays(_lines(values("holidays")), problems),
        wards=_read_wards(_lines(values("wards")), problems),
        quiet_from=_read_time(values("quiet_from"), problems),
        quiet_until=_read_time(values("quiet_until"), problems),
        templates=_read_templates(values, problems),
    )
    return rules, problems


def _texts(rules: Rules) -> tuple[tuple[str, Mapping[str, str]], ...]:
    return (("greeting", rules.greeting), ("hours", rules.hours), ("banner", rules.banner))


def _read_texts(name: str, values: Values, problems: list[Problem]) -> dict[str, str]:
    texts = {language: _text(values, f"{name}_{language}", LONGEST[name], problems) for language in LANGUAGES}
    return {language: text for language, text in texts.items() if text}


def _text(values: Values, name: str, longest: int, problems: list[Problem]) -> str:
    text = "".join(values(name)[:1])
    if len(text) > longest:
        problems.append(Problem(_("“{what}…” quá dài."), text[:40]))
    return text


def _lines(values: Sequence[str]) -> list[str]:
    return [line.strip() for line in "".join(values[:1]).split("\n") if line.strip()]


def _read_holidays(lines: Iterable[str], problems: list[Problem]) -> dict[dt.date, str]:
    days = {}
    for line in lines:
        day, _blank, name = line.partition(" ")
        try:
            days[dt.datetime.strptime(day, "%d/%m/%Y").date()] = name.strip()[:100]
        except ValueError:
            problems.append(Problem(_("“{what}” không bắt đầu bằng một ngày như 02/09/2027."), line[:40]))
    return days


def _read_wards(lines: Sequence[str], problems: list[Problem]) -> tuple[str, ...]:
    if len(lines) > MOST_WARDS:
        problems.append(Problem(_("Danh sách có quá 500 phường, xã.")))
    problems.extend(Problem(_("“{what}…” quá dài."), line[:40]) for line in lines if len(line) > LONGEST_WARD)
    return tuple(dict.fromkeys(lines))


def _read_time(values: Sequence[str], problems: list[Problem]) -> dt.time:
    said = "".join(values[:1])
    try:
        return dt.datetime.strptime(said, "%H:%M").time()
    except ValueError:
        problems.append(Problem(_("“{what}” không phải là giờ như 21:00."), said[:40]))
        return dt.time()


def _read_templates(values: Values, problems: list[Problem]) -> tuple[Template, ...]:
    """A row without an id is none."""
    templates = []
    for id, title, names, *prices in zip(*(values(name) for name in TEMPLATE_FIELDS)):
        if not id:
            continue
        if not all(price.isdecimal() and int(price[:9]) <= DEAREST and len(price) <= 9 for price in prices):
            problems.append(Problem(_("Mẫu {what}: giá là số đồng, không có dấu."), id[:40]))
            continue
        if any(len(text) > most for text, most in zip((id, title, names), LONGEST_OF_TEMPLATE)):
            problems.append(Problem(_("“{what}…” quá dài."), id[:40]))
            continue
        filled = tuple(name.strip() for name in names.split(",") if name.strip())
        templates.append(Template(id, title, filled, *map(int, prices)))
    if len({one.id for one in templates}) < len(templates):
        problems.append(Problem(_("Có hai mẫu cùng một mã.")))
    return tuple(templates)
