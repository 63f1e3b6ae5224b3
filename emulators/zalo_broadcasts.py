"""Broadcasts of articles: for whom, at which hours, and only after the moderators have looked."""

from __future__ import annotations

from typing import Any, Mapping

from emulators.zalo_articles import Articles
from emulators.zalo_faults import Fault, ZaloFaults
from emulators.zalo_policy import Policy
from emulators.zalo_wire import invalid, list_of, object_of, text_of
from emulators.zalo_world import Content, Person, World

_MOST = 5
# What can be aimed at, and the values that mean everybody.
_TARGETS: Mapping[str, tuple[range, tuple[int, ...]]] = {
    "ages": (range(8), ()),
    "gender": (range(3), (0,)),
    "locations": (range(3), ()),
    "cities": (range(64), ()),
    "platform": (range(1, 4), ()),
}


class Broadcasts:
    def __init__(self, world: World, policy: Policy, articles: Articles, faults: ZaloFaults) -> None:
        self._world = world
        self._policy = policy
        self._articles = articles
        self._faults = faults

    def start(self, target: Any, message: Any) -> str:
        """Gives the message's id; it is delivered when the moderators have looked. Raises Refusal."""
        wanted = _target(object_of(target, "target"))
        titles = self._titles(object_of(message, "message"))
        self._policy.allow_hour()
        message_id = self._world.new_id()
        rejected = self._faults.strikes(Fault.ARTICLE_REJECTED)
        if not rejected:
            content = Content("article", "\n".join(titles))
            self._world.plan(self._world.switches.moderation_seconds, lambda: self._deliver(wanted, content))
        return message_id

    def _deliver(self, wanted: Mapping[str, frozenset[int]], content: Content) -> None:
        for person in list(self._world.people.values()):
            if _fits(person, wanted) and self._policy.may_get_broadcast(person):
                person.broadcasts.append(self._world.clock.now())
                self._world.send(person.id, content)

    def _titles(self, message: Mapping[str, Any]) -> list[str]:
        if set(message) != {"attachment"}:
            raise invalid("message")
        attachment = object_of(message["attachment"], "attachment")
        payload = object_of(attachment.get("payload"), "payload")
        if attachment.get("type") != "template" or payload.get("template_type") != "media":
            raise invalid("attachment")
        titles = []
        for one in list_of(payload.get("elements"), "elements", _MOST):
            element = object_of(one, "elements")
            if element.get("media_type") != "article":
                raise invalid("media_type")
            titles.append(self._articles.title(text_of(element, "attachment_id")))
        return titles


def _target(target: Mapping[str, Any]) -> dict[str, frozenset[int]]:
    """Each value comes as a text with commas, a list or a number."""
    wanted = {}
    for name, value in target.items():
        if name not in _TARGETS:
            raise invalid(name)
        allowed, everybody = _TARGETS[name]
        parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
        try:
            numbers = frozenset(int(part) for part in parts)
        except (TypeError, ValueError):
            raise invalid(name) from None
        if not numbers <= set(allowed):
            raise invalid(name)
        if not numbers.intersection(everybody):
            wanted[name] = numbers
    if "cities" in wanted:
        wanted.pop("locations", None)
    return wanted


def _fits(person: Person, wanted: Mapping[str, frozenset[int]]) -> bool:
    return all(getattr(person, name) in numbers for name, numbers in wanted.items())
