"""Where the official export says something newer than the curated entry, for the officials to look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Iterable, Optional

from knowledge.procedures import PaperUse, Procedure

MANY_PAPERS = 4


@dataclass(frozen=True)
class Difference:
    """One fact of one procedure, as the two sources say it. ``field`` is the name of Procedure's attribute."""

    code: str
    field: str
    curated: str
    imported: str


def differences(curated: Iterable[Procedure], imported: Iterable[Procedure]) -> list[Difference]:
    """Facts that can be compared whatever the wording: levels, ways to apply, time limits, amounts, number of papers.

    Only what the export states is compared, and only where it is not older than the curated entry's last check.
    """
    exported = {procedure.code: procedure for procedure in imported}
    found: list[Difference] = []
    for ours in sorted(curated, key=lambda procedure: procedure.code):
        theirs = exported.get(ours.code)
        if theirs is None or theirs.checked < ours.checked:
            continue
        for name, fact in _FACTS.items():
            mine, other = fact(ours), fact(theirs)
            if mine is not None and other is not None and not other <= mine:
                found.append(Difference(ours.code, name, _said(mine), _said(other)))
        if theirs.levels and set(theirs.levels) != set(ours.levels):
            found.append(Difference(ours.code, "levels", _said(_levels(ours)), _said(_levels(theirs))))
        # Our lists join what the portal cuts into pieces: only a much longer official list is worth a look.
        mine_papers, other_papers = _papers(ours), _papers(theirs)
        if other_papers >= mine_papers + MANY_PAPERS:
            found.append(Difference(ours.code, "papers", str(mine_papers), str(other_papers)))
    return found


def _levels(procedure: Procedure) -> frozenset[str]:
    return frozenset(level.value for level in procedure.levels)


def _channels(procedure: Procedure) -> Optional[frozenset[str]]:
    return frozenset(channel.kind.value for channel in procedure.channels) or None


def _time_limits(procedure: Procedure) -> Optional[frozenset[str]]:
    limits = (channel.time_limit for channel in procedure.channels)
    return frozenset(f"{limit.amount} {limit.unit.value}" for limit in limits if limit.amount and limit.unit) or None


def _amounts(procedure: Procedure) -> Optional[frozenset[str]]:
    fees = (fee for channel in procedure.channels for fee in channel.fees)
    return frozenset(f"{fee.amount:,}".replace(",", ".") for fee in fees if fee.amount) or None


def _papers(procedure: Procedure) -> int:
    """The longest list among the cases: sources cut the same papers into different cases."""
    lists = ([paper for paper in case.papers if paper.use is not PaperUse.NOT_NEEDED] for case in procedure.cases)
    return max(map(len, lists), default=0)


def _said(facts: frozenset[str]) -> str:
    return ", ".join(sorted(facts))


_FACTS: dict[str, Callable[[Procedure], Optional[frozenset[str]]]] = {
    "channels": _channels,
    "time_limit": _time_limits,
    "fees": _amounts,
}
