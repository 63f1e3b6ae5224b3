"""The hours in which nobody is told anything unasked."""

from __future__ import annotations

import datetime as dt
from typing import Optional

from bot.house_rules import Rules
from knowledge.calendar import VIETNAM_TIME


def quiet_until(rules: Rules, now: dt.datetime) -> Optional[dt.datetime]:
    """When the quiet hours end in which ``now`` lies (with a zone); None when it lies in none.

    They may go over midnight; equal times mean that there are none.
    """
    here = now.astimezone(VIETNAM_TIME)
    over_midnight = rules.quiet_from > rules.quiet_until
    is_late, is_early = here.time() >= rules.quiet_from, here.time() < rules.quiet_until
    if not (is_late or is_early if over_midnight else is_late and is_early):
        return None
    day = here.date() + dt.timedelta(days=1 if over_midnight and is_late else 0)
    return dt.datetime.combine(day, rules.quiet_until, VIETNAM_TIME)
