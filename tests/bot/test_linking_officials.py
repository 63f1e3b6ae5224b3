"""The code of the chat, typed by an official who wants trial notices there."""

from __future__ import annotations

from actions.services import LinkOutcome
from bot import contacts
from bot.linking import SqlLinks
from bot.records import Citizens
from bot.storage import Database
from connectors.messages import Address
from tests.bot.console.office import Clock

ZALO, TELEGRAM, PAGE = Address("zalo", "z1"), Address("telegram", "100"), Address("webchat", "w1")
ASKING = "official 1"


class World:
    def __init__(self, database: Database) -> None:
        self.database, self.clock = database, Clock()
        self.citizens = Citizens(database)
        self.links = SqlLinks(database, "secret", self.citizens.forget, self.clock)

    async def code(self, address: Address) -> str:
        """As the assistant gives it to whoever writes from there."""
        citizen = await self.citizens.recognise(address)
        await self.database.run(lambda connection: contacts.interacted(connection, address, self.clock()))
        made = await self.links.make(citizen.id)
        assert made is not None
        return made.text


async def test_the_code_leads_to_the_messenger_once(database: Database) -> None:
    world = World(database)
    code = await world.code(ZALO)
    assert await world.links.owner(code.lower(), ASKING) == ZALO
    assert await world.links.owner(code, ASKING) is None


async def test_of_two_messengers_the_one_that_was_used_last(database: Database) -> None:
    world = World(database)
    first = await world.code(ZALO)
    citizen = await world.citizens.recognise(TELEGRAM)
    assert await world.links.redeem(citizen.id, first) is LinkOutcome.LINKED
    world.clock.move(minutes=1)
    assert await world.links.owner(await world.code(TELEGRAM), ASKING) == TELEGRAM
    world.clock.move(minutes=1)
    assert await world.links.owner(await world.code(ZALO), ASKING) == ZALO


async def test_a_web_page_and_an_old_code_lead_nowhere(database: Database) -> None:
    world = World(database)
    assert await world.links.owner(await world.code(PAGE), ASKING) is None
    code = await world.code(ZALO)
    world.clock.move(minutes=10)
    assert await world.links.owner(code, ASKING) is None


async def test_whoever_guesses_must_wait(database: Database) -> None:
    world = World(database)
    for _ in range(5):
        assert await world.links.owner("LK-2222-2222", ASKING) is None
    code = await world.code(ZALO)
    assert await world.links.owner(code, ASKING) is None
    assert await world.links.owner(code, "official 2") == ZALO
