"""What Zalo still lets the official account send, by what Zalo says and by what our own ledger has sent."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Awaitable, Callable, Optional, TypeVar

import sqlalchemy as sa

from bot.broadcasts.campaign import DeliveryState, Vehicle
from bot.broadcasts.reach import QuotaLeft
from bot.broadcasts.tables import deliveries
from bot.storage import Database
from connectors.errors import ChannelError
from connectors.zalo.account import Account
from connectors.zalo.templates import Templates
from connectors.zalo.windows import BROADCASTS_A_DAY, BROADCASTS_A_MONTH
from knowledge.calendar import VIETNAM_TIME

Answer = TypeVar("Answer")
# What may have gone out counts as gone: to promise too little is the smaller harm.
SPENT = [state.value for state in DeliveryState if state not in (DeliveryState.WAITING, DeliveryState.FAILED)]
_ARTICLES = sa.select(sa.func.count()).where(
    deliveries.c.vehicle == Vehicle.ARTICLE.value,
    deliveries.c.state.in_(SPENT),
    deliveries.c.began_at >= sa.bindparam("since"),
)
logger = logging.getLogger(__name__)


class ZaloQuotas:
    """bot.broadcasts.forecasting.Quotas"""

    def __init__(
        self, database: Database, account: Account, templates: Templates, clock: Callable[[], dt.datetime]
    ) -> None:
        self._database, self._account, self._templates, self._clock = database, account, templates, clock

    async def left(self) -> QuotaLeft:
        """Never raises: what Zalo does not say is None."""
        about, phones = await _asked(self._account.about()), await _asked(self._templates.daily_quota())
        today = dt.datetime.combine(self._clock().astimezone(VIETNAM_TIME).date(), dt.time(), VIETNAM_TIME)
        package = about.package.lower() if about else None
        monthly = BROADCASTS_A_MONTH.get(package or "")
        sent_today, sent_this_month = await self._sent_since(today), await self._sent_since(today.replace(day=1))
        return QuotaLeft(
            package=package,
            articles_today=max(0, BROADCASTS_A_DAY - sent_today),
            articles_this_month=None if monthly is None else max(0, monthly - sent_this_month),
            phone_templates_today=phones.left if phones else None,
        )

    async def _sent_since(self, since: dt.datetime) -> int:
        values = {"since": since.astimezone(dt.timezone.utc)}
        count: int = await self._database.run(lambda connection: connection.execute(_ARTICLES, values).scalar())
        return count


async def _asked(question: Awaitable[Answer]) -> Optional[Answer]:
    try:
        return await question
    except ChannelError as error:
        logger.warning("Zalo does not say what it still lets us send: %s", error)
        return None
