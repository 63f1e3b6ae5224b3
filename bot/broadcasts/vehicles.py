"""How a notice travels to one recipient: to which of their addresses, as what, in which words; or why it does not."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Mapping, Optional, Union

import msgspec

from bot.broadcasts.campaign import Audience, Content, Vehicle
from bot.broadcasts.criteria import asks_nothing_personal
from bot.broadcasts.notice import Unfilled, fill, house_facts, placeholders, text_of
from bot.broadcasts.reasons import Reason
from bot.broadcasts.recipients import ZALO, Candidate, Recipient
from bot.house_rules import Rules
from bot.wording.speaker import SOURCE_LANGUAGE
from bot.wording.talk import Agency
from connectors.messages import Address
from connectors.zalo.vehicles import FOLLOWERS, PHONE
from connectors.zalo.windows import Openness, Standing, window

TO_FOLLOWERS = Address(ZALO, FOLLOWERS)
_BY_TEMPLATE = frozenset({Vehicle.TEMPLATE, Vehicle.PHONE})


@dataclass(frozen=True)
class Choice:
    """``text`` is frozen: what is read, or for a template the JSON object that fills its names. ``price`` in đồng;
    ``charged``: Zalo wants money too, how much depends on the account's package.
    """

    address: Address
    vehicle: Vehicle
    text: str
    price: int = 0
    charged: bool = False


class Vehicles:
    """For one content, by the rules of this moment."""

    def __init__(self, content: Content, rules: Rules, agency: Agency) -> None:
        self._template = next((one for one in rules.templates if one.id == content.template), None)
        self._by_article = content.article and is_for_followers(content.audience)
        self._texts = _Texts(content, rules, agency)

    def choose(self, recipient: Recipient, now: dt.datetime) -> Union[Choice, Reason]:
        """The first of their addresses that can be written to; else why the one used last cannot."""
        if self._by_article and any(one.address.channel == ZALO and one.follows for one in recipient.addresses):
            return Choice(TO_FOLLOWERS, Vehicle.ARTICLE, self._texts.of(Vehicle.ARTICLE, SOURCE_LANGUAGE, {}))
        first: Optional[Reason] = None
        for candidate in recipient.addresses:
            tried = self._try(candidate, recipient, now)
            if isinstance(tried, Choice):
                return tried
            first = first or tried
        return first or Reason.NO_CHANNEL

    def _try(self, candidate: Candidate, recipient: Recipient, now: dt.datetime) -> Union[Choice, Reason]:
        address = candidate.address
        if address.channel != ZALO:
            return self._written(recipient, address, Vehicle.MESSAGE)
        to_phone = address.id.startswith(PHONE)
        openness = Openness.CLOSED if to_phone else _openness(candidate, now)
        if openness is not Openness.CLOSED:
            return self._written(recipient, address, Vehicle.MESSAGE, charged=openness is Openness.CHARGED)
        if self._template is None:
            return Reason.PHONE_WITHOUT_TEMPLATE if to_phone else Reason.WINDOW_CLOSED
        if to_phone:
            return self._written(recipient, address, Vehicle.PHONE, self._template.price_phone)
        return self._written(recipient, address, Vehicle.TEMPLATE, self._template.price_user)

    def _written(
        self, recipient: Recipient, address: Address, vehicle: Vehicle, price: int = 0, charged: bool = False
    ) -> Union[Choice, Reason]:
        try:
            text = self._texts.of(vehicle, recipient.language, recipient.facts)
        except Unfilled:
            return Reason.MISSING_VALUE
        return Choice(address, vehicle, text, price, charged)


class _Texts:
    """Makes each text once that is the same for everybody."""

    def __init__(self, content: Content, rules: Rules, agency: Agency) -> None:
        self._content, self._rules, self._agency = content, rules, agency
        written = (*content.body.values(), *content.link_title.values(), *content.template_facts.values())
        self._names = placeholders("\n".join([content.title, content.link, *written]))
        self._same: dict[tuple[bool, str], str] = {}

    def of(self, vehicle: Vehicle, language: str, facts: Mapping[str, str]) -> str:
        """Raises Unfilled."""
        own = {name: facts[name] for name in self._names if name in facts}
        key = (vehicle in _BY_TEMPLATE, language)
        if own:
            return self._make(*key, own)
        if key not in self._same:
            self._same[key] = self._make(*key, own)
        return self._same[key]

    def _make(self, by_template: bool, language: str, own: Mapping[str, str]) -> str:
        facts = {**own, **house_facts(self._agency, self._rules, language)}
        if not by_template:
            return text_of(self._content, language, facts)
        filled = {name: fill(text, facts) for name, text in self._content.template_facts.items()}
        return msgspec.json.encode(filled).decode()


def is_for_followers(audience: Audience) -> bool:
    """Whether an article, which every follower of the Zalo account can read, goes to nobody who is not meant."""
    return asks_nothing_personal(audience) and not audience.languages


def _openness(candidate: Candidate, now: dt.datetime) -> Openness:
    return window(Standing(candidate.follows, candidate.last_interaction_at), now).openness
