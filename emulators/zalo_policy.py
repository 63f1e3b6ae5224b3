"""To whom the account may write now, and what of its allowance is left: Zalo's windows, quotas and hours."""

from __future__ import annotations

import datetime as dt
from typing import Any, Optional

from emulators.portal_world import VIETNAM_TIME
from emulators.zalo_wire import Refusal
from emulators.zalo_world import Person, World

_FREE = dt.timedelta(hours=48)
_WINDOW = dt.timedelta(days=7)
_GONE = dt.timedelta(days=45)
_WELCOMES = 3
_CHARGED_REPLY = 55
_TEMPLATE_WINDOW = dt.timedelta(days=365)


class Policy:
    """Raises Refusal for what is not allowed; counts nothing by itself."""

    def __init__(self, world: World) -> None:
        self._world = world

    def allow_reply(self, person: Person) -> None:
        """A message of the "cs" kind to this person."""
        self._allow(person, "cs")
        if not self._world.switches.windows_enforced:
            return
        idle = self._idle(person)
        if idle > _GONE:
            raise Refusal(-227, "User is banned or has been inactive for more than 45 days")
        if idle > _WINDOW:
            raise Refusal(-230, "User has not interacted with the OA in the past 7 days")

    def allow_template(self, person: Person, kind: str) -> None:
        self._allow(person, kind)
        if self._world.switches.windows_enforced and self._idle(person) > _TEMPLATE_WINDOW:
            raise Refusal(-232, "User's interaction with the OA has expired")

    def allow_hour(self, code: int = -234) -> None:
        """06:00 to 21:59 in Vietnam."""
        hour = self._world.clock.now().astimezone(VIETNAM_TIME).hour
        if self._world.switches.windows_enforced and not 6 <= hour < 22:
            raise Refusal(code, "Messages are not allowed at night")

    def spend_reply(self, person: Person) -> Optional[dict[str, Any]]:
        """The ``quota`` of the answer; None for a message that is charged."""
        person.replies += 1
        switches = self._world.switches
        if not switches.quotas_enforced:
            return _quota("reply", 8, 8)
        if not person.chatted:
            return self._spent(person, "welcome_msg", _WELCOMES, -218)
        if self._idle(person) > _FREE:
            self._world.charge(_CHARGED_REPLY)
            return None
        if switches.reply_quota is None:
            return _quota("reply", 8, 8)
        return self._spent(person, "reply", switches.reply_quota, -311)

    def may_get_broadcast(self, person: Person) -> bool:
        """A follower, once a day and a few times a month."""
        today = self._world.clock.now().astimezone(VIETNAM_TIME).date()
        days = [moment.astimezone(VIETNAM_TIME).date() for moment in person.broadcasts]
        month = [day for day in days if (day.year, day.month) == (today.year, today.month)]
        room = today not in days and len(month) < self._world.switches.broadcasts_per_month
        allowed = not person.banned and "broadcast" not in person.refuses
        return person.follows and allowed and (room or not self._world.switches.quotas_enforced)

    def _allow(self, person: Person, kind: str) -> None:
        if person.banned:
            raise Refusal(-227, "User is banned or has been inactive for more than 45 days")
        if kind in person.refuses:
            raise Refusal(-244, "User has restricted this type of message")
        if not self._world.switches.windows_enforced:
            return
        if person.left:
            raise Refusal(-213, "User has not followed the OA")
        if person.last_interaction is None:
            raise Refusal(-232, "User has not interacted with the OA")

    def _idle(self, person: Person) -> dt.timedelta:
        now = self._world.clock.now()
        return now - (person.last_interaction or now)

    def _spent(self, person: Person, name: str, total: int, code: int) -> dict[str, Any]:
        if person.replies > total:
            person.replies = total
            raise Refusal(code, "Out of messages to this user")
        return _quota(name, total - person.replies, total)


def _quota(name: str, remain: int, total: int) -> dict[str, Any]:
    return {"quota_type": name, "remain": str(remain), "total": str(total)}
