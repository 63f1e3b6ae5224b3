"""A dossier as facts for wording: the status for whoever has the code, the rest for its owner."""

from __future__ import annotations

import datetime as dt
from typing import Any, Optional

from actions.choices import Payload
from actions.turn import MAX_CHOICES
from knowledge.calendar import CalendarYearUnknown, WorkingCalendar
from knowledge.dossiers import Dossier, DossierStatus
from knowledge.registry import LookUp

WRONG_PAPERS = {DossierStatus.SUPPLEMENT_REQUIRED, DossierStatus.NOT_ACCEPTED, DossierStatus.STOPPED}
RESULT_IS_THERE = {DossierStatus.DONE, DossierStatus.RETURNED}


def status_facts(look_up: LookUp, calendar: WorkingCalendar, now: dt.datetime) -> dict[str, Any]:
    """What anybody with the code may see. ``days`` are working days: left until the date of return, or late since."""
    dossier = look_up.dossier
    facts = {
        "code": str(dossier.code),
        "status": int(dossier.status),
        "procedure_name": dossier.procedure_name,
        "procedure": dossier.procedure_code,
        "agency": dossier.agency,
        "agency_phone": dossier.agency_phone,
        "received_at": _iso(dossier.received_at),
        "due_at": _iso(dossier.due_at),
        "finished_at": _iso(dossier.finished_at),
        "source": dossier.source,
        "fetched_at": _iso(dossier.fetched_at),
        "is_last_known": look_up.is_last_known,
        "has_details": dossier.can_be_proved,
        "misses_papers": bool(dossier.missing),
    }
    return {**facts, **_days(dossier, calendar, now)}


def detail_facts(dossier: Dossier) -> dict[str, Any]:
    """What only the owner may see, already masked."""
    return {
        "applicant": dossier.applicant,
        "phone": dossier.phone,
        "reason": dossier.reason,
        "missing": list(dossier.missing),
        "fees": [{"name": fee.name, "amount": fee.amount} for fee in dossier.fees],
        "steps": [{"at": _iso(step.at), "office": step.office, "text": step.text} for step in dossier.steps],
    }


def next_steps(facts: dict[str, Any], proved: bool, can_watch: bool) -> list[str]:
    """What is useful to know next, by how the dossier stands."""
    procedure, status = facts["procedure"], DossierStatus(facts["status"])
    choices = [Payload("give_last_four")] if facts["has_details"] and not proved else []
    if procedure and status in WRONG_PAPERS:
        choices.append(Payload("ask_papers", procedure=procedure))
    if status in RESULT_IS_THERE:
        choices.append(Payload("ask_office"))
    if can_watch and not status.is_finished:
        choices.append(Payload("watch_dossier", dossier_code=facts["code"]))
    if procedure:
        choices.append(Payload("find_procedure", procedure=procedure))
    choices.insert(0 if facts.get("late") else len(choices), Payload("talk_to_official"))
    return [str(choice) for choice in choices[:MAX_CHOICES]]


def _days(dossier: Dossier, calendar: WorkingCalendar, now: dt.datetime) -> dict[str, Any]:
    if dossier.due_at is None or not dossier.status.is_running:
        return {}
    try:
        if dossier.is_late(now):
            return {"late": True, "days_late": calendar.days_late(dossier.due_at, now)}
        return {"days_left": calendar.days_left(dossier.due_at, now)}
    except CalendarYearUnknown:
        return {"late": dossier.is_late(now)}  # no holidays known for that year: no count rather than a wrong one


def _iso(moment: Optional[dt.datetime]) -> Optional[str]:
    return moment.isoformat() if moment else None
