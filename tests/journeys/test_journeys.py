"""Plays the dialogue tables against the whole assistant: store, model, actions, emulated portal, wording."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from pathlib import Path
from typing import Any, AsyncIterator, Iterator

import pytest
import pytest_asyncio
import yaml

from bot.app import House, open_house
from bot.settings import Settings
from bot.storage import migrate
from bot.wording.wording import NONE_OF_THESE
from connectors.channel import Entry
from connectors.messages import Address, Choice, IncomingMessage, Reply
from connectors.telegram_settings import TelegramSettings
from connectors.zalo.settings import ZaloSettings
from emulators.portal import Fault
from knowledge.calendar import VIETNAM_TIME

TABLES = sorted(Path(__file__).parent.glob("*.yml"))
MOST_CHOICES = 4


def journeys() -> Iterator[Any]:
    for table in TABLES:
        for journey in yaml.safe_load(table.read_text(encoding="utf-8")):
            yield pytest.param(journey["turns"], id=f"{table.stem}: {journey['journey']}")


class World:
    """The house with a clock that can be moved and a portal that can be switched off."""

    def __init__(self) -> None:
        self.shift = dt.timedelta()
        self.house: House

    def now(self) -> dt.datetime:
        return dt.datetime(2026, 11, 20, 10, 30, tzinfo=VIETNAM_TIME) + self.shift


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def world(model: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    world = World()
    url = f"sqlite:///{tmp_path_factory.mktemp('journeys')}/mot-cua.db"
    migrate(url)
    telegram = TelegramSettings("110000001:nobody-is-asked-for-anything", api_url="http://127.0.0.1:1")
    zalo = ZaloSettings("1002003004005006007", "7001112223334445556", "app secret", "account key")
    settings = Settings(database_url=url, telegram=telegram, zalo=zalo)
    world.house = await open_house(settings, model, world.now)
    yield world
    await world.house.close()


class Citizen:
    """Someone at doors: types, presses, and remembers what was offered and which linking code was given."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._person = uuid.uuid4().hex
        self._link = ""
        self._replies: list[Reply] = []
        self._last = ""
        self.own_words = ""

    async def take(self, turn: dict[str, Any]) -> list[Reply]:
        if "press" in turn:
            choices = [choice for reply in self._replies for choice in reply.choices]
            self._last = choices[turn["press"] - 1].payload
        elif "say" in turn:
            self._last = self._filled(str(turn["say"]))
        address = self._address(turn.get("door", "rest"))
        message = IncomingMessage(uuid.uuid4().hex, address, self._last, self._world.now())
        entries: list[Entry] = list(await self._world.house.conversation.handle(message))
        self.own_words = entries[0].text
        self._replies = [entry.reply for entry in entries if entry.reply]
        given = [reply.custom["code"] for reply in self._replies if reply.custom["utterance"] == "link_code"]
        self._link = given[0] if given else self._link
        return self._replies

    def _address(self, door: str) -> Address:
        return Address("telegram", f"-1/{self._person}") if door == "group" else Address(door, self._person)

    def _filled(self, text: str) -> str:
        emulator = self._world.house.portal.emulator
        assert emulator is not None
        codes = emulator.example_codes()
        text = re.sub(r"\{code:(\d+)\}", lambda m: codes[int(m[1])], text)
        text = re.sub(r"\{last_four:(\d+)\}", lambda m: emulator.dossiers[codes[int(m[1])]].phone[-4:], text)
        text = text.replace("{link}", self._link).replace("{link:careless}", self._link.lower().replace("-", " "))
        return text.replace("{late}", emulator.late_code())


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("turns", journeys())
async def test_journey(turns: list[dict[str, Any]], world: World) -> None:
    citizen = Citizen(world)
    emulator = world.house.portal.emulator
    assert emulator is not None
    try:
        for number, turn in enumerate(turns, 1):
            if turn.get("portal"):
                _switch(emulator, turn["portal"])
            world.shift += dt.timedelta(**turn.get("clock", {}))
            if "say" in turn or "press" in turn:
                replies = await citizen.take(turn)
                _check(f"turn {number} {turn.get('say', turn.get('press'))!r}", turn, replies, citizen)
    finally:
        emulator.faults.switch_off()


def _switch(emulator: Any, state: str) -> None:
    if state == "down":
        emulator.faults.switch_on(Fault.SERVER_ERROR)
    else:
        emulator.faults.switch_off()


def _check(where: str, turn: dict[str, Any], replies: list[Reply], citizen: Citizen) -> None:
    said = [dict(reply.custom) for reply in replies]
    assert all(len(offered(reply)) <= MOST_CHOICES for reply in replies), where
    for expected, reply in zip(turn["expect"], replies):
        for name, value in expected.items():
            if name == "choices":
                assert len(offered(reply)) == value, f"{where}: {said}"
            elif name == "choices_have":
                payloads = " ".join(choice.payload for choice in reply.choices)
                assert [code for code in value if code not in payloads] == [], f"{where}: {said}"
            elif name == "choices_lack":
                payloads = " ".join(choice.payload for choice in reply.choices)
                assert [code for code in value if code in payloads] == [], f"{where}: {said}"
            elif name == "language":
                assert reply.language == value, f"{where}: {said}"
            else:
                assert reply.custom.get(name) == value, f"{where}: {said}"
    assert len(replies) == len(turn["expect"]), f"{where}: {said}"
    text = "\n".join(reply.text for reply in replies)
    assert [words for words in _listed(turn, "text_has") if words not in text] == [], f"{where}: {text}"
    assert [words for words in _listed(turn, "text_lacks") if words in text] == [], f"{where}: {text}"
    assert [words for words in _listed(turn, "stored_lacks") if words in citizen.own_words] == [], where


def offered(reply: Reply) -> list[Choice]:
    """The choices without the one that says that none is meant."""
    return [choice for choice in reply.choices if choice.payload != NONE_OF_THESE]


def _listed(turn: dict[str, Any], name: str) -> list[str]:
    value = turn.get(name, [])
    return [value] if isinstance(value, str) else value


