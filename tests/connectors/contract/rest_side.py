"""REST: a program that asks again, with the same message id, until it has an answer."""

from __future__ import annotations

import asyncio
import itertools
import json
from dataclasses import dataclass, field
from typing import Any, Coroutine, Optional, Sequence

import aiohttp
from aiohttp import web

from connectors.channel import Channel
from connectors.messages import Address
from connectors.rest import RestDoor
from emulators.movable_clock import MovableClock
from tests.connectors.contract.office import PATIENT, Office

ASKED: dict[str, Any] = {"sender": "an", "message": "làm khai sinh", "message_id": "900001"}


@dataclass
class _Question:
    """``asking`` is None while nobody waits for the answer; ``replies`` are what the last answer held."""

    person: int
    body: dict[str, Any]
    asking: Optional[asyncio.Task[None]] = None
    replies: list[dict[str, Any]] = field(default_factory=list)


class RestSide:
    name = "rest"
    longest = None
    wrong = (
        {},
        [ASKED],
        {**ASKED, "sender": 7},
        {**ASKED, "sender": ""},
        {**ASKED, "message": {"text": "chào"}},
        {**ASKED, "message": " "},
        {**ASKED, "message_id": 1},
        {**ASKED, "metadata": "vi"},
    )
    too_large = json.dumps({**ASKED, "message": "a" * 17_000}).encode()

    async def open(self, clock: MovableClock) -> None:
        self._clock = clock
        self._http = aiohttp.ClientSession()
        self._numbers = itertools.count(1)
        self._questions: dict[str, _Question] = {}

    async def close(self) -> None:
        for person in {question.person for question in self._questions.values()}:
            await self.hang_up(person)
        await self._http.close()

    async def join(self, office: Office, app: web.Application) -> Optional[Channel]:
        RestDoor(office.inbox, PATIENT, now=self._clock.now).add_routes(app)
        self._door = f"{office.address}/webhooks/rest/webhook"
        return None

    def works(self) -> Sequence[Coroutine[Any, Any, None]]:
        return []

    async def leave(self) -> None:
        pass

    async def say(self, person: int, text: str) -> str:
        number = str(next(self._numbers))
        body = {"sender": self.address(person).id, "message": text, "message_id": number}
        self._questions[number] = _Question(person, body)
        self._ask(self._questions[number])
        return number

    async def again(self, person: int, text: str, said: str) -> None:
        """Whoever asks twice gets the same answer twice."""
        question = self._questions[said]
        await self.settle()
        first = question.replies
        self._ask(question)
        await self.settle()
        assert question.replies == first

    async def press(self, person: int, number: int) -> None:
        replies = [reply for one in self._questions.values() if one.person == person for reply in one.replies]
        buttons = next(reply["buttons"] for reply in reversed(replies) if "buttons" in reply)
        await self.say(person, buttons[number - 1]["payload"])

    async def show(self, document: Any) -> int:
        return await self.post(json.dumps(document).encode())

    def answers(self, person: int) -> list[str]:
        asked = (question for question in self._questions.values() if question.person == person)
        return [reply["text"] for question in asked for reply in question.replies]

    def address(self, person: int) -> Address:
        return Address("rest", f"người dân {person}")

    def was_refused(self, office: Office) -> bool:
        return 503 in office.statuses

    async def settle(self) -> None:
        await asyncio.gather(*(question.asking for question in self._questions.values() if question.asking))

    # What not every side can

    async def post(self, body: bytes) -> int:
        async with self._http.post(self._door, data=body) as response:
            return response.status

    async def hang_up(self, person: int) -> None:
        for question in self._questions.values():
            if question.person == person and question.asking is not None:
                question.asking.cancel()
                await asyncio.gather(question.asking, return_exceptions=True)
                question.asking = None

    async def call_again(self, person: int) -> None:
        for question in self._questions.values():
            if question.person == person and not question.replies:
                self._ask(question)

    def _ask(self, question: _Question) -> None:
        question.asking = asyncio.create_task(self._until_answered(question))

    async def _until_answered(self, question: _Question) -> None:
        while True:
            try:
                async with self._http.post(self._door, json=question.body) as response:
                    if response.status == 200:
                        question.replies = await response.json()
                        return
                    assert response.status == 503
            except aiohttp.ClientError:  # nobody is there at the moment
                pass
            await asyncio.sleep(0.02)
