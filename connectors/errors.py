"""What can go wrong with a channel, named for what the caller should do."""

from __future__ import annotations

import contextlib
from enum import Enum
from typing import Iterator


class ChannelError(Exception):
    """A channel could not do what it was asked to. The text is for the log: no personal data, no secrets."""


class Unreachable(ChannelError):
    """Try again later. ``maybe_sent``: the platform may have got it all the same, so look before sending again."""

    def __init__(self, reason: str, maybe_sent: bool = False) -> None:
        super().__init__(reason)
        self.maybe_sent = maybe_sent


class NotTaken(Unreachable):
    """The platform answered and did not take it, nobody knows why: a few tries more, then tell a person."""


class TooFast(Unreachable):
    """Try again after ``retry_after`` seconds."""

    def __init__(self, reason: str, retry_after: float) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Unknowable(ChannelError):
    """Whether the platform got it cannot be found out, now or later: count it as unknown and do not send it again."""


class RefusedReason(Enum):
    """Why a channel will not take a message; decides what is remembered about the recipient."""

    LEFT = "left"  # blocked us, stopped us, or does not follow us
    WINDOW_CLOSED = "window_closed"  # wrote to us too long ago: possible again after their next message
    QUOTA_USED = "quota_used"  # has had all that the channel allows in this period
    QUIET_HOURS = "quiet_hours"  # not at this time of the day
    RESTRICTED = "restricted"  # does not want messages of this kind
    NO_SUCH_PERSON = "no_such_person"  # no account behind the id or phone number
    WRONG_MESSAGE = "wrong_message"  # the channel does not take this content: our fault, and of this message alone


class Refused(ChannelError):
    """Never for this recipient, or never this message: sending the same again is of no use."""

    def __init__(self, why: RefusedReason, reason: str = "") -> None:
        super().__init__(f"{why.value}: {reason}" if reason else why.value)
        self.why = why


class Misconfigured(ChannelError):
    """Our fault: tell a person, and stop sending on this channel, unless ``only_this`` message is concerned."""

    only_this = False


@contextlib.contextmanager
def nothing_sent_yet() -> Iterator[None]:
    """For what is done before a message is sent: should it have been carried out, it may be done again."""
    try:
        yield
    except Unreachable as error:
        if not error.maybe_sent:
            raise
        raise Unreachable(str(error)) from error
