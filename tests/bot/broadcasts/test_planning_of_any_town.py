"""Whatever the town and the audience: whom a campaign is planned for, judged by rules written down once more."""

from __future__ import annotations

import asyncio
from typing import Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.broadcasts.campaign import Audience, Content
from bot.house_rules import Rules, Template
from bot.storage import Database, migrate
from tests.bot.broadcasts.town import CHANNELS, Door, Office, Person, clear, settle

RULES = Rules(templates=(Template(id="77", title="Mời họp", names=("ten",), price_user=140),))
TOPICS, WARDS, PROCEDURE = ("dat_dai", "cu_tru"), ("Phường Long Xuyên", "Xã Mỹ Đức"), "1.001"
WEEK = 7 * 24.0
BOTH = ("zalo", "telegram")
COMBINATIONS = (BOTH, BOTH, ("zalo",), ("telegram",), ("webchat",), ("webchat", *BOTH))


@st.composite
def people(draw: st.DrawFn) -> list[Person]:
    drawn = []
    for number in range(draw(st.integers(0, 6))):
        doors = tuple(
            Door(
                channel,
                draw(st.sampled_from([f"{number}", f"{number}", f"-1/{number}", f"anonymous:{number}"])),
                draw(st.sampled_from([1.0, 30.0, 60.0, WEEK + 1, None])),
                draw(st.sampled_from([True, True, False, None])) if channel == "zalo" else None,
                draw(st.sampled_from([None, None, None, "left", "no_such_person"])),
                draw(st.sampled_from(["vi", "vi", "en"])),
            )
            for channel in draw(st.sampled_from(COMBINATIONS))
        )
        drawn.append(
            Person(
                f"c{number}",
                doors,
                topics=tuple(draw(st.sets(st.sampled_from(TOPICS)))),
                ward=draw(st.sampled_from(["", *WARDS])),
                asked=draw(st.sampled_from(["", PROCEDURE])),
                asked_days_ago=draw(st.sampled_from([1, 100])),
                dossier=draw(st.sampled_from(["", PROCEDURE])),
                opted_out=draw(st.sampled_from([False, False, True])),
            )
        )
    return drawn


some = st.booleans
audiences = st.builds(
    Audience,
    topics=st.just(()) | st.just(TOPICS[:1]) | st.just(TOPICS),
    wards=st.just(()) | st.just(WARDS[:1]),
    channels=st.sampled_from([(), (), ("zalo",), ("telegram",), ("zalo", "telegram"), ("webchat",)]),
    languages=st.sampled_from([(), (), ("vi",), ("en",)]),
    asked=st.sampled_from(["", "", PROCEDURE]),
    open_dossier=st.sampled_from(["", "", PROCEDURE]),
)


def last_used(door: Door) -> tuple[float, str]:
    hours = float("inf") if door.hours_ago is None else door.hours_ago
    return (hours, door.channel)


def is_meant(person: Person, own: list[Door], audience: Audience) -> bool:
    asked = person.asked == audience.asked and person.asked_days_ago <= audience.days
    concerned = (audience.asked and asked) or (audience.open_dossier and person.dossier == audience.open_dossier)
    return bool(
        own
        and (not audience.topics or set(person.topics) & set(audience.topics))
        and (not audience.wards or person.ward in audience.wards)
        and (not audience.languages or own[0].language in audience.languages)
        and (concerned or not (audience.asked or audience.open_dossier))
    )


def must_be_told_at(person: Person, content: Content) -> Optional[str]:
    """ "<channel>:<person>", "followers" for the article, None when nothing may or can be sent to them."""
    audience = content.audience
    own = [door for door in person.doors if "/" not in door.person and ":" not in door.person]
    own = sorted((door for door in own if not audience.channels or door.channel in audience.channels), key=last_used)
    if person.opted_out or not is_meant(person, own, audience):
        return None
    doors = [door for door in own if door.channel in CHANNELS and door.refused is None]
    if not audience.topics:
        doors = [door for door in doors if door.channel != "zalo" or door.follows]
    is_everybody = Audience(channels=audience.channels) == audience
    if content.article and is_everybody and any(door.channel == "zalo" and door.follows for door in doors):
        return "followers"
    for door in doors:
        in_window = door.hours_ago is not None and door.hours_ago <= WEEK
        if door.channel != "zalo" or in_window or content.template:
            return f"{door.channel}:{door.person}"
    return None


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('towns')}/town.db"
    migrate(url)
    return url


@given(
    town=people(),
    audience=audiences,
    template=st.sampled_from(["", "77"]),
    article=st.booleans(),
    at_once=st.integers(1, 4),
)
def test_planned_is_who_must_be_told_each_once_and_the_forecast_says_the_same(
    url: str, town: list[Person], audience: Audience, template: str, article: bool, at_once: int
) -> None:
    content = Content(
        title="Họp tổ dân phố",
        body={"vi": "Mời ông/bà đến họp."},
        audience=audience,
        template=template,
        template_facts={"ten": "Quý vị"},
        article=article,
    )
    asyncio.run(check(url, town, content, at_once))


async def check(url: str, town: list[Person], content: Content, at_once: int) -> None:
    database = Database(url)
    await database.run(clear)
    await settle(database, town)
    office = Office(database, RULES, at_once)
    forecast = await office.forecast(content)
    planned, reach = await office.plan(content)
    await database.close()
    expected = {person.id: must_be_told_at(person, content) for person in town}
    told = {row.citizen_id: f"{row.channel}:{row.person}" for row in planned if row.vehicle != "article"}
    assert told == {id: place for id, place in expected.items() if place not in (None, "followers")}
    assert [row.person for row in planned if row.vehicle == "article"] == ["followers:"] * (
        "followers" in expected.values()
    )
    assert len(planned) == len({row.citizen_id for row in planned})
    assert reach.people == sum(place is not None for place in expected.values())
    for figure in ("reached", "unreachable", "cost", "charged"):
        assert getattr(forecast, figure) == getattr(reach, figure)
