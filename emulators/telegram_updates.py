"""What waits for the bot: updates kept until they are confirmed or delivered, and long polling."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import re
from dataclasses import dataclass
from typing import Any, Optional, Sequence

from emulators.movable_clock import MovableClock
from emulators.telegram_calls import Refusal
from emulators.telegram_faults import Fault, Switches, TelegramFaults
from emulators.telegram_webhook import Delivery, Update, Webhook, WebhookSender

_KEPT = dt.timedelta(hours=24)
_OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"
_WEBHOOK_SET = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


@dataclass(frozen=True)
class Trouble:
    """The newest failure of the webhook."""

    at: dt.datetime
    words: str


class Updates:
    """The queue of one bot. Either one poller takes from it or a webhook is given what comes."""

    def __init__(self, clock: MovableClock, faults: TelegramFaults, switches: Switches) -> None:
        self.pending: dict[int, Update] = {}
        self.deliveries: list[Delivery] = []
        self.allowed: tuple[str, ...] = ()
        self.webhook: Optional[Webhook] = None
        self.trouble: Optional[Trouble] = None
        self.clock = clock
        self.switches = switches
        self._faults = faults
        self._ids = itertools.count(100_000_001)
        self._poller: Optional[asyncio.Future[None]] = None
        self._sender: Optional[WebhookSender] = None
        self._emptied = asyncio.Event()

    def put(self, kind: str, chat_id: int, body: dict[str, Any]) -> None:
        """Updates of one chat stay in order."""
        if self.allowed and kind not in self.allowed:
            return
        self._forget_old()
        number = next(self._ids)
        update = Update(number, chat_id, self.clock.now(), {"update_id": number, kind: body})
        self.pending[number] = update
        if self._sender is not None:
            self._sender.add(update)
        if self._poller is not None and not self._poller.done():
            self._poller.set_result(None)

    async def settle(self, timeout: float) -> None:
        """Waits until nothing is left to deliver or to confirm. Raises asyncio.TimeoutError."""
        if self.pending:
            self._emptied.clear()
            await asyncio.wait_for(self._emptied.wait(), timeout)

    async def poll(self, offset: int, limit: int, timeout: float) -> list[dict[str, Any]]:
        """Confirms what is below ``offset`` and gives what waits. Raises Refusal when another poller comes."""
        if self.webhook is not None:
            raise Refusal(409, f"Conflict: {_WEBHOOK_SET}")
        self._end_poller(_OTHER_POLLER)
        self._forget_old()
        first = offset if offset >= 0 else min([*self.pending][offset:], default=0)
        for number in [*itertools.takewhile(lambda number: number < first, self.pending)]:
            self._done(number)
        if not self.pending and timeout > 0:
            await self._wait(timeout)
        batch = [update.body for update in itertools.islice(self.pending.values(), limit)]
        if len(batch) > 1 and self._faults.strikes(Fault.OUT_OF_ORDER):
            batch[:2] = reversed(batch[:2])
        if batch and self._faults.strikes(Fault.DUPLICATE):
            batch.append(batch[-1])
        return batch

    async def set_webhook(self, webhook: Optional[Webhook]) -> None:
        """From now on updates are sent there; None: they wait for a poller."""
        if webhook is not None and not re.match(r"https://|http://(?:127\.0\.0\.1|localhost)[:/]", webhook.url):
            raise Refusal(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        await self.close()
        self.webhook, self.trouble = webhook, None
        if webhook is not None:
            self._end_poller("terminated by setWebhook request")
            self._sender = WebhookSender(webhook, self, self._faults, self.pending.values())

    def drop_pending(self) -> None:
        for number in [*self.pending]:
            self._done(number)

    async def close(self) -> None:
        if self._sender is not None:
            sender, self._sender = self._sender, None
            await sender.close()

    def is_waiting(self, update: Update) -> bool:
        return update.update_id in self.pending

    def record(self, delivery: Delivery, words: str) -> None:
        """One attempt of the webhook's sender; ``words`` tell what was wrong with it, if anything."""
        self.deliveries.append(delivery)
        if words:
            self.trouble = Trouble(self.clock.now(), words)

    def finish(self, update: Update) -> None:
        self._done(update.update_id)

    def allow(self, kinds: Optional[Sequence[str]]) -> None:
        """Which kinds come from now on; empty: all, None: as before."""
        if kinds is not None:
            self.allowed = tuple(kinds)

    async def _wait(self, timeout: float) -> None:
        poller = self._poller = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait_for(poller, timeout)
        except asyncio.TimeoutError:
            return
        finally:
            if self._poller is poller:
                self._poller = None

    def _end_poller(self, why: str) -> None:
        if self._poller is not None and not self._poller.done():
            self._poller.set_exception(Refusal(409, f"Conflict: {why}"))

    def _forget_old(self) -> None:
        oldest = self.clock.now() - _KEPT
        for update in [*itertools.takewhile(lambda update: update.at < oldest, self.pending.values())]:
            self._done(update.update_id)

    def _done(self, number: int) -> None:
        self.pending.pop(number, None)
        if not self.pending:
            self._emptied.set()
