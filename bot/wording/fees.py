"""Words what a procedure costs today: fees of the past and of the future are left out, amounts stand in every fee."""

from __future__ import annotations

import datetime as dt
import re

from bot.wording.speaker import Speaker
from knowledge.procedures import Fee, Procedure

LONGEST_IN_SHORT = 200


def fees_today(say: Speaker, fees: tuple[Fee, ...], today: dt.date) -> str:
    """All fees of one way of handing in; says so plainly where none is known."""
    words = [_fee(say, fee) for fee in fees if fee.is_valid_on(today)]
    if words:
        return ". ".join(words)
    if fees:
        return say("chưa rõ mức đang áp dụng; xin hỏi nơi nộp")
    return say("nguồn không nói; xin hỏi nơi nộp")


def fees_in_short(say: Speaker, fees: tuple[Fee, ...], today: dt.date) -> str:
    """The same, or where it is long the first fee and a hint that there are others."""
    words = fees_today(say, fees, today)
    valid = [fee for fee in fees if fee.is_valid_on(today)]
    if len(words) <= LONGEST_IN_SHORT or len(valid) < 2:
        return words
    return _fee(say, valid[0]) + ". " + say("Còn mức khác, xin hỏi “lệ phí”")


def fee_rules(procedure: Procedure, today: dt.date) -> list[str]:
    """The texts that set the fees of today, each once."""
    fees = (fee for channel in procedure.channels for fee in channel.fees if fee.is_valid_on(today))
    return list(dict.fromkeys(fee.rule for fee in fees if fee.rule))


def _fee(say: Speaker, fee: Fee) -> str:
    """The catalogue's own words; the amount and the last day are added where the words do not give them."""
    words = say.text(fee.text).rstrip(" .;")
    if fee.amount and not _names(words, fee.amount):
        words = f"{words}: {say.money(fee.amount)}"
    if fee.valid_to and str(fee.valid_to.year) not in words:
        words += " " + say("(áp dụng đến hết ngày {date})", date=say.date(fee.valid_to))
    return words


def _names(words: str, amount: int) -> bool:
    """Whether the words hold the amount, however its thousands are set apart."""
    numbers = re.findall(r"\d+", re.sub(r"(?<=\d)[.,\s](?=\d{3}(?!\d))", "", words))
    return str(amount) in numbers
