"""What a person sends in pieces, while the answer to something earlier is on its way, is read as one message."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import Sequence

from connectors.channel import Incoming
from connectors.messages import IncomingMessage

MOST_WORDS = 12  # two whole questions have more, and each wants its own answer
APART = dt.timedelta(seconds=60)
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True)
class Joined:
    """``incoming`` stands for the first ``count`` of those that waited."""

    incoming: Incoming
    count: int


def joined(waiting: Sequence[Incoming]) -> Joined:
    """The first of those that wait, with what belongs to it; at least one must wait.

    Typed pieces are joined while they are short. Codes, digits and choices answer a question by themselves and stay
    alone. The very same text sent again within a minute counts once.
    """
    first = waiting[0]
    if not isinstance(first, IncomingMessage):
        return Joined(first, 1)
    text, last, count = first.text, first, 1
    for message in waiting[1:]:
        if not isinstance(message, IncomingMessage) or message.received_at - last.received_at > APART:
            break
        if _is_repeat(first, message):
            count += 1
        elif _is_piece(first) and _is_piece(message) and len(f"{text} {message.text}".split()) <= MOST_WORDS:
            text, count = f"{text} {message.text}", count + 1
        else:
            break
        last = message
    return Joined(replace(first, text=text, quoted=last.quoted), count)


def _is_repeat(first: IncomingMessage, message: IncomingMessage) -> bool:
    same = (first.text, first.choice, first.pressed, first.attachments)
    return same == (message.text, message.choice, message.pressed, message.attachments)


def _is_piece(message: IncomingMessage) -> bool:
    is_typed = not (message.attachments or message.choice or message.pressed or message.text.startswith("/"))
    return is_typed and bool(message.text.strip()) and not _DIGIT.search(message.text)
