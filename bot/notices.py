"""Tells a citizen what they asked to be told: once, on the messenger that they used last and that lets us."""

from __future__ import annotations

import datetime as dt
from typing import Any, Callable, Collection, Optional

import sqlalchemy as sa

from bot.contacts import is_shared
from bot.outbox import Outbox
from bot.records import add_replies, now, with_zone
from bot.tables import addresses, contacts
from bot.wording.statuses import STATUSES
from connectors.channel import Purpose
from connectors.messages import Address, Reply
from connectors.zalo.vehicles import draw_template
from connectors.zalo.windows import Openness, Standing, window
from knowledge.calendar import VIETNAM_TIME
from knowledge.dossiers import DossierStatus
from nlu.assistant import Utterance

Word = Callable[[Utterance, str], Reply]


class Notices:
    """``word`` makes a reply of an utterance in a language; ``template`` is Zalo's for a closed window, if any."""

    def __init__(
        self,
        outbox: Outbox,
        channels: Collection[str],
        word: Word,
        clock: Callable[[], dt.datetime] = now,
        template: str = "",
    ) -> None:
        self._outbox, self._channels = outbox, channels
        self._word, self._clock, self._template = word, clock, template

    def enqueue(self, connection: sa.engine.Connection, citizen_id: str, utterance: Utterance) -> Optional[Address]:
        """Within a database work: put a notice on its way. None when nothing reaches this citizen at present.

        When the work is committed, ``Outbox.ready`` of the address makes it go at once.
        """
        row = self._find(connection, citizen_id, has_template=bool(self._template and "code" in utterance.facts))
        if row is None:
            return None
        address = Address(row.channel, row.person)
        entries = add_replies(connection, address, None, [self._word(utterance, row.language)])
        if self._is_closed(row):
            part = draw_template(self._template, self._facts_of(utterance))
            self._outbox.enqueue_part(connection, address, part, entries[0].seq)
        else:
            self._outbox.enqueue(connection, address, entries, Purpose.NOTICE)
        return address

    def _find(self, connection: sa.engine.Connection, citizen_id: str, has_template: bool) -> Any:
        """The row of the address to write to."""
        joined = addresses.outerjoin(
            contacts, sa.and_(contacts.c.channel == addresses.c.channel, contacts.c.person == addresses.c.person)
        )
        query = (
            sa.select(addresses, contacts.c.last_interaction_at)
            .select_from(joined)
            .where(
                addresses.c.citizen_id == citizen_id,
                addresses.c.channel.in_(list(self._channels)),
                contacts.c.refused.is_(None),
                contacts.c.last_interaction_at.is_not(None),
            )
            .order_by(contacts.c.last_interaction_at.desc())
        )
        rows = [row for row in connection.execute(query) if not is_shared(Address(row.channel, row.person))]
        open_first = sorted(rows, key=self._is_closed)
        return next((row for row in open_first if has_template or not self._is_closed(row)), None)

    def _is_closed(self, row: Any) -> bool:
        """Too long ago for Zalo to take anything but a template."""
        standing = Standing(last_interaction_at=with_zone(row.last_interaction_at))
        return bool(row.channel == "zalo" and window(standing, self._clock()).openness is Openness.CLOSED)

    def _facts_of(self, utterance: Utterance) -> dict[str, str]:
        """What the agency's template shows; the names are those of ``ZaloSettings.dossier_template``."""
        facts = utterance.facts
        status = STATUSES[DossierStatus(facts["status"])].name if "status" in facts else "Không còn trên cổng"
        day = self._clock().astimezone(VIETNAM_TIME).strftime("%d/%m/%Y")
        return {"ma_ho_so": facts["code"], "trang_thai": status, "ngay": day}
