"""What each of Zalo's error codes asks us to do, in one table."""

from __future__ import annotations

import logging
import random
import re
from dataclasses import dataclass
from enum import Enum
from typing import Callable, Mapping, NoReturn, Sequence, Union

from connectors.errors import Misconfigured, NotTaken, Refused, RefusedReason, TooFast, Unreachable

logger = logging.getLogger(__name__)

NEXT_MINUTE = 60.0  # Zalo counts calls by the minute
JITTER = 10.0
NEXT_POLL = 30.0
NEXT_LOOK = 3600.0  # a day's or a month's allowance is used up: when it is renewed nobody tells


class Host(Enum):
    """Zalo's three servers: the same number means something else on each."""

    OAUTH = "oauth"
    API = "api"
    BUSINESS = "business"


class TokenRejected(Misconfigured):
    """The access token is not taken: renew it once and ask once more."""


class GrantDead(Misconfigured):
    """The refresh token is used, expired or revoked: a person must authorise again."""


class PaymentNeeded(Misconfigured):
    """Stop what costs money and tell a person; what is free still goes."""

    only_this = True


class LookAtThis(Misconfigured):
    """A person must look at this message, its template, its feature or its allowance; others still go."""

    only_this = True


class AssetExpired(Refused):
    """An uploaded file was forgotten after seven days: upload it again and send it with its new id."""

    def __init__(self, reason: str) -> None:
        super().__init__(RefusedReason.WRONG_MESSAGE, reason)


class StillProcessing(TooFast):
    """Zalo has not finished with an article: ask again after ``retry_after`` seconds."""


# An error named for the caller, or why the recipient or the message is refused.
Reaction = Union[Callable[[str], Exception], RefusedReason]


@dataclass(frozen=True)
class Rule:
    """``codes`` as in Zalo's tables, separated by blanks. ``when`` must be found in Zalo's message, if given."""

    host: Host
    codes: str
    reaction: Reaction
    meaning: str
    when: str = ""


def _too_fast(reason: str) -> TooFast:
    return TooFast(reason, NEXT_MINUTE + random.uniform(0, JITTER))  # noqa: S311 - not all at the same moment


def _allowance_used(reason: str) -> TooFast:
    return TooFast(reason, NEXT_LOOK)


def _still_processing(reason: str) -> StillProcessing:
    return StillProcessing(reason, NEXT_POLL)


API, BUSINESS, OAUTH = Host.API, Host.BUSINESS, Host.OAUTH
# The first rule that fits decides.
RULES: Sequence[Rule] = (
    Rule(OAUTH, "-14002", Misconfigured, "the app id is wrong or the app is not active"),
    Rule(OAUTH, "-14003", Misconfigured, "the callback is not the one saved in the console"),
    Rule(OAUTH, "-14004", Misconfigured, "the app secret is wrong"),
    Rule(OAUTH, "-14005", Misconfigured, "the code is wrong, older than ten minutes or used: authorise again"),
    Rule(OAUTH, "-14014 -118", GrantDead, "the refresh token is used, expired or revoked"),
    Rule(OAUTH, "-14018", Misconfigured, "the kind of grant is wrong"),
    Rule(API, "-32", _too_fast, "too many calls in this minute"),
    Rule(API, "-100", AssetExpired, "an uploaded file is older than seven days"),
    Rule(API, "-200", NotTaken, "sending failed"),
    Rule(API, "-201 -233", RefusedReason.WRONG_MESSAGE, "a field or the kind of message is invalid"),
    Rule(API, "-210", RefusedReason.WRONG_MESSAGE, "something is longer or larger than allowed"),
    Rule(API, "-202 -215", Misconfigured, "the app id or the signature is wrong"),
    Rule(API, "-204 -205", Misconfigured, "the official account does not exist or is disabled"),
    Rule(API, "-206", Misconfigured, "the app is not linked to the official account"),
    Rule(API, "-207", RefusedReason.NO_SUCH_PERSON, "the user id is invalid", when=r"\buser"),
    Rule(API, "-207", Misconfigured, "the official account is not registered as a third party"),
    Rule(API, "-208", Misconfigured, "the official account has no secret key"),
    Rule(API, "-209 -219", Misconfigured, "the app is not active, disabled or removed"),
    Rule(API, "-103", Misconfigured, "the app is not active"),
    Rule(API, "-211", LookAtThis, "the official account has used up its allowance of this feature"),
    Rule(API, "-212", Misconfigured, "the app has not registered this part of the API"),
    Rule(API, "-213", RefusedReason.LEFT, "does not follow the official account"),
    Rule(API, "-214", _still_processing, "the article is still being processed"),
    Rule(API, "-124 -216 -220 216 401 -401 -1001", TokenRejected, "the access token is not valid"),
    Rule(API, "-217", RefusedReason.LEFT, "has blocked the invitation"),
    Rule(API, "-218", RefusedReason.QUOTA_USED, "has received all that is allowed in this period"),
    Rule(API, "-221", Misconfigured, "the official account is not verified"),
    Rule(API, "-223", _allowance_used, "the allowance of new articles is used up", when=r"quota|limit|exceed"),
    Rule(API, "-223", Misconfigured, "the official account has not allowed the app to do this"),
    Rule(API, "-224", Misconfigured, "the official account needs a larger package"),
    Rule(API, "-227", RefusedReason.NO_SUCH_PERSON, "the account is banned or was not used for 45 days"),
    Rule(API, "-230 -232 -305", RefusedReason.WINDOW_CLOSED, "has not written to us lately"),
    Rule(API, "-311", RefusedReason.WINDOW_CLOSED, "has got all answers that their last message allows"),
    Rule(API, "-234", RefusedReason.QUIET_HOURS, "not between 22:00 and 06:00"),
    Rule(API, "-235", Misconfigured, "not for this kind of official account"),
    Rule(API, "-237 -238 -241 -403", Misconfigured, "the group or the package bought for it cannot be used"),
    Rule(API, "-240", Misconfigured, "this version of the API was shut down"),
    Rule(API, "-242", Misconfigured, "the proof of the app secret is missing or wrong"),
    Rule(API, "-244", RefusedReason.RESTRICTED, "does not want messages of this kind"),
    Rule(API, "-248", LookAtThis, "the message breaks the rules of the platform: a person must look at it"),
    Rule(API, "-249", LookAtThis, "this template cannot be sent by user id"),
    Rule(API, "-320 -321", PaymentNeeded, "the account that pays is not linked or empty"),
    Rule(BUSINESS, "-100", Unreachable, "an error that Zalo does not name"),
    Rule(BUSINESS, "-124 -216 -220 216 401 -401 -1001", TokenRejected, "the access token is not valid"),
    Rule(BUSINESS, "-1241", Misconfigured, "the proof of the app secret is missing or wrong"),
    Rule(
        BUSINESS,
        "-101 -102 -103 -104 -105 -106 -120 -1202 -125 -127 -135 -1351 -138 -1381 -145",
        Misconfigured,
        "the app or the official account is not set up or not allowed to do this",
    ),
    Rule(BUSINESS, "-115 -126 -136 -137", PaymentNeeded, "the account that pays is not linked or empty"),
    Rule(BUSINESS, "-108 -114 -118 -119", RefusedReason.NO_SUCH_PERSON, "no account that can receive has this number"),
    Rule(BUSINESS, "-139 -140 -141", RefusedReason.RESTRICTED, "does not want messages of this kind"),
    Rule(
        BUSINESS,
        "-109 -111 -112 -1121 -1122 -1123 -1124 -113 -1131 -116 -117 -121 -122 -130 -131 -132 -146 -153",
        RefusedReason.WRONG_MESSAGE,
        "the template or what is filled into it does not fit",
    ),
    Rule(BUSINESS, "-133", RefusedReason.QUIET_HOURS, "not between 22:00 and 06:00"),
    Rule(BUSINESS, "-144 -147 -1441 -1471 -1472 -160", _allowance_used, "the allowance of the day or month is used up"),
    Rule(BUSINESS, "-142 -143 -123 -128 -129", Misconfigured, "the key for encrypted messages is wrong"),
    Rule(BUSINESS, "-148 -149 -1491 -150", RefusedReason.WRONG_MESSAGE, "the token of the journey has ended"),
    Rule(BUSINESS, "-161 -162", RefusedReason.WRONG_MESSAGE, "the way of sending is not allowed"),
)


def _by_code(rules: Sequence[Rule]) -> Mapping[tuple[Host, int], Sequence[Rule]]:
    found: dict[tuple[Host, int], list[Rule]] = {}
    for rule in rules:
        for code in rule.codes.split():
            found.setdefault((rule.host, int(code)), []).append(rule)
    return found


BY_CODE = _by_code(RULES)


def raise_for(code: int, message: str, host: Host) -> NoReturn:
    """Raise the ChannelError that the code asks for; Zalo's ``message`` only decides and is not repeated."""
    for rule in BY_CODE.get((host, code), ()):
        if re.search(rule.when, message, re.IGNORECASE):
            reason = f"Zalo ({host.value}) {code}: {rule.meaning}"
            raise Refused(rule.reaction, reason) if isinstance(rule.reaction, RefusedReason) else rule.reaction(reason)
    logger.warning("Zalo (%s) gave the unknown error code %s", host.value, code)
    raise NotTaken(f"Zalo ({host.value}) {code}: unknown to us")
