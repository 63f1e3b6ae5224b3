"""Decides when a campaign may go out, when it must pause, and whom to tell; ``sending.py`` does the work."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import itertools
from collections import deque
from typing import Awaitable, Callable, Protocol

from bot.audit import SYSTEM, Actor
from bot.broadcasts.attempts import Attempts
from bot.broadcasts.campaign import CampaignState, DeliveryState
from bot.broadcasts.campaigns import Campaign
from bot.broadcasts.delivery import Outcome
from bot.broadcasts.ledger import Ledger
from bot.broadcasts.quiet import quiet_until
from bot.broadcasts.refusals import CampaignRefused
from bot.broadcasts.sending import Sending
from bot.house_rules import Rules
from bot.reactions import is_for_a_person, is_misconfigured, is_our_fault
from bot.records import now
from bot.wording.speaker import SOURCE_LANGUAGE, speaker
from connectors.errors import Refused, RefusedReason, TooFast, Unreachable

AT_ONCE = 100
LOOK_SECONDS = 0.5  # between two looks at whether it must stop
JUDGED = 200  # the last deliveries: so many of them may fail by our fault or for unknown reasons, and no more
MOST_BAD = 20
LONG = 600.0  # seconds: who is to wait so long has used up an allowance
AWAY = 50  # deliveries in a row that did not reach their platform


class Running(Protocol):
    """bot.broadcasts.campaigns.Campaigns."""

    async def get(self, id: int) -> Campaign: ...

    async def pause(self, id: int, by: Actor, why: str) -> Campaign: ...


class Alarm(Protocol):
    """bot.alerts.Alerts."""

    async def page(self, name: str, sentence: str) -> None: ...

    async def over(self, name: str) -> None: ...


class Sender:
    """``rules`` gives the house rules of the moment."""

    def __init__(
        self,
        ledger: Ledger,
        attempts: Attempts,
        campaigns: Running,
        rules: Callable[[], Rules],
        alarm: Alarm,
        clock: Callable[[], dt.datetime] = now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        at_once: int = AT_ONCE,
    ) -> None:
        self._ledger, self._attempts, self._campaigns = ledger, attempts, campaigns
        self._rules, self._alarm, self._clock, self._sleep = rules, alarm, clock, sleep
        self._at_once = at_once
        self._stopping = False

    async def send(self, campaign: int) -> None:
        """Until nothing of it is left to send, then it is finished; or until it must not go on at this moment: stopped
        by a person or by itself, quiet hours, a platform that is away, ``stop``. Then it is to be called again later.
        What others left behind is looked up in any case.
        """
        its = await self._campaigns.get(campaign)
        judge = _Judge()

        async def settled(outcome: Outcome) -> None:
            why = judge.hear(outcome)
            if sending.is_held or not (why or judge.is_in_vain()):
                return
            sending.hold()
            if why:
                await self._pause(its, why)

        sending = Sending(self._ledger, self._attempts, its, settled, self._sleep, self._at_once)
        self._apply(its, sending)
        if not sending.is_held:
            await self._alarm.over(_alert(its))
        watching = asyncio.create_task(self._watch(campaign, sending))
        try:
            await sending.run()
        finally:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching

    def stop(self) -> None:
        """The process ends: what is in flight is brought to its end, all else waits for another."""
        self._stopping = True

    async def _watch(self, campaign: int, sending: Sending) -> None:
        looks_a_lease = max(1, int(self._ledger.lease.total_seconds() / 3 / LOOK_SECONDS))
        for look in itertools.count(1):
            await self._sleep(LOOK_SECONDS)
            try:
                self._apply(await self._campaigns.get(campaign), sending)
                if look % looks_a_lease == 0:
                    await sending.keep()
            except Exception as error:
                return sending.fail(error)

    def _apply(self, campaign: Campaign, sending: Sending) -> None:
        rules = self._rules()
        is_quiet = not campaign.alarm and quiet_until(rules, self._clock()) is not None
        if self._stopping:
            sending.close()
        elif campaign.state is not CampaignState.SENDING or rules.broadcasts_stopped or is_quiet:
            sending.hold()

    async def _pause(self, campaign: Campaign, why: str) -> None:
        try:
            await self._campaigns.pause(campaign.id, SYSTEM, why)
        except CampaignRefused:  # a person did, or another worker
            return
        say, title = speaker(SOURCE_LANGUAGE), campaign.content.title
        sentence = say("Thông báo {id} “{title}” đã tạm dừng: {why}", id=campaign.id, title=title, why=why)
        await self._alarm.page(_alert(campaign), sentence)


def _alert(campaign: Campaign) -> str:
    return f"campaign-{campaign.id}"


class _Judge:
    """Better to stop and ask than to fail for everybody."""

    def __init__(self) -> None:
        self._last: deque[bool] = deque(maxlen=JUDGED)
        self._away = 0

    def hear(self, outcome: Outcome) -> str:
        """Why the campaign must pause; "" when it need not."""
        error, say = outcome.error, speaker(SOURCE_LANGUAGE)
        is_away = isinstance(error, Unreachable) and not isinstance(error, TooFast)
        is_asleep = isinstance(error, Refused) and error.why is RefusedReason.QUIET_HOURS
        self._away = self._away + 1 if is_away or is_asleep else 0
        if is_misconfigured(error):
            channel = outcome.delivery.address.channel
            return say("kênh {channel} chưa dùng được ({error})", channel=channel, error=str(error))
        is_put_off = outcome.state in (DeliveryState.WAITING, DeliveryState.SENDING)
        needs_a_person = is_for_a_person(error) or (isinstance(error, TooFast) and error.retry_after >= LONG)
        if is_put_off and not needs_a_person:
            return ""
        # Neither the citizen nor the platform's rules explain it.
        is_refusal = isinstance(error, Refused) and not is_our_fault(error)
        self._last.append(error is not None and not is_refusal)
        bad, count = sum(self._last), len(self._last)
        if bad < MOST_BAD:
            return ""
        return say("{bad} trong {count} tin gần nhất bị lỗi ({error})", bad=bad, count=count, error=str(error))

    def is_in_vain(self) -> bool:
        """The platform seems to be away, or takes nothing at this hour: nobody needs to be told, and trying all the
        others now is of no use.
        """
        return self._away >= AWAY
