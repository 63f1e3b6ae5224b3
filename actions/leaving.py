"""Tells by the words alone that somebody wants to be sent no more notices: also while nothing is to be understood."""

from __future__ import annotations

import re

_LEAVES = re.compile(
    r"\b(?:(?:ngung|dung|thoi|huy|bo|tu choi|(?:khong|ko|k)(?: con)? (?:muon|can)) (?:nhan|gui)|(?:huy|bo) dang ky nhan"
    r"|(?:khong|ko|k) (?:nhan|gui)(?=.*\bnua\b)|tat|chan) (?:[\w,]+ ){0,2}(?:tin|thong bao)\b"
    r"|\bdung nhan (?:cho |nua\b)|\bunsubscribe\b|\bstop (?:sending|messag|notif|news)"
)


def wants_to_leave(folded: str) -> bool:
    """``folded`` is in lower case without marks. Of all news or of some: that is for the understanding to tell."""
    return _LEAVES.search(" ".join(folded.split())) is not None
