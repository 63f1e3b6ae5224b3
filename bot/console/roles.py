"""Who of the agency may do what: one table."""

from __future__ import annotations

from enum import Enum
from typing import Mapping


class Role(Enum):
    AUTHOR = "author"
    APPROVER = "approver"
    AGENT = "agent"
    ANALYST = "analyst"
    ADMINISTRATOR = "administrator"


class Permission(Enum):
    SIGNED_IN = "signed_in"  # every official: the first page, their own account
    READ_CAMPAIGNS = "read_campaigns"
    WRITE_CAMPAIGNS = "write_campaigns"  # draft, preview, test, submit, send up files
    APPROVE_CAMPAIGNS = "approve_campaigns"  # approve, return, exempt from quiet hours
    RUN_CAMPAIGNS = "run_campaigns"  # send, schedule, pause, go on, cancel, decide about unknown
    READ_CITIZENS = "read_citizens"  # masked
    READ_QUESTIONS = "read_questions"  # unanswered ones, masked
    READ_PROCEDURES = "read_procedures"
    IMPORT_PROCEDURES = "import_procedures"
    READ_REPORTS = "read_reports"
    CHANGE_RULES = "change_rules"  # greeting, hours, banner, stops
    STOP_EVERYTHING = "stop_everything"
    MANAGE_OFFICIALS = "manage_officials"
    READ_AUDIT = "read_audit"


_EVERYBODY = frozenset({Permission.SIGNED_IN, Permission.READ_PROCEDURES})
ALLOWED: Mapping[Role, frozenset[Permission]] = {
    Role.AUTHOR: _EVERYBODY | {Permission.READ_CAMPAIGNS, Permission.WRITE_CAMPAIGNS, Permission.READ_REPORTS},
    Role.APPROVER: _EVERYBODY
    | {
        Permission.READ_CAMPAIGNS,
        Permission.APPROVE_CAMPAIGNS,
        Permission.RUN_CAMPAIGNS,
        Permission.READ_REPORTS,
        Permission.STOP_EVERYTHING,
    },
    Role.AGENT: _EVERYBODY | {Permission.READ_CITIZENS, Permission.READ_QUESTIONS},
    Role.ANALYST: _EVERYBODY | {Permission.READ_CAMPAIGNS, Permission.READ_QUESTIONS, Permission.READ_REPORTS},
    Role.ADMINISTRATOR: _EVERYBODY
    | {
        Permission.READ_CAMPAIGNS,
        Permission.READ_REPORTS,
        Permission.READ_QUESTIONS,
        Permission.IMPORT_PROCEDURES,
        Permission.CHANGE_RULES,
        Permission.STOP_EVERYTHING,
        Permission.MANAGE_OFFICIALS,
        Permission.READ_AUDIT,
    },
}


def permissions(roles: frozenset[Role]) -> frozenset[Permission]:
    """All that somebody with these roles may do."""
    return frozenset().union(*(ALLOWED[role] for role in roles))
