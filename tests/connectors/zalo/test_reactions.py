"""Every error code of Zalo's tables has a reaction, and the important ones the right one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Iterator, Optional

import pytest

from connectors.errors import ChannelError, Misconfigured, NotTaken, Refused, RefusedReason, TooFast, Unreachable
from connectors.zalo.reactions import (
    BY_CODE,
    AssetExpired,
    GrantDead,
    Host,
    PaymentNeeded,
    StillProcessing,
    TokenRejected,
    raise_for,
)

SHEET = Path(__file__).parents[4] / "shared" / "reference" / "zalo-oa-api.md"
SECTIONS = {"### 1.4": Host.OAUTH, "### 3.6": Host.API, "### 7.5": Host.BUSINESS}


def codes_of(cell: str) -> Iterator[int]:
    """From "-101…-106" all that lie between; "-148…-1491" is a family of which only the ends are known."""
    for first, last in re.findall(r"(-?\d+)(?:…(-\d+))?", cell):
        if last and len(first) == len(last):
            yield from range(int(last), int(first) + 1)
        else:
            yield from (int(code) for code in (first, last) if code)


def codes_of_the_sheet() -> list[tuple[Host, int]]:
    if not SHEET.is_file():
        return []
    found = []
    host: Optional[Host] = None
    for line in SHEET.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            host = next((host for title, host in SECTIONS.items() if line.startswith(title)), None)
        elif host is not None and line.startswith("|"):
            found += [(host, code) for code in codes_of(line.split("|")[1]) if code != 0]
    return found


CODES = codes_of_the_sheet()


@pytest.mark.skipif(not CODES, reason="the reference sheet is not beside this checkout")
def test_the_sheet_is_read() -> None:
    assert {host for host, _ in CODES} == set(Host)
    assert {(Host.API, -230), (Host.API, 216), (Host.BUSINESS, -104), (Host.OAUTH, -14014)} <= set(CODES)


@pytest.mark.parametrize(("host", "code"), CODES)
def test_every_code_of_the_sheet_has_a_reaction(host: Host, code: int) -> None:
    assert (host, code) in BY_CODE
    with pytest.raises(ChannelError) as told:
        raise_for(code, "", host)
    assert f"{code}: " in str(told.value)
    assert "unknown" not in str(told.value)


@pytest.mark.parametrize(("host", "code"), list(BY_CODE))
def test_every_code_ends_in_an_unconditional_rule(host: Host, code: int) -> None:
    assert BY_CODE[host, code][-1].when == ""
    assert all(rule.when for rule in BY_CODE[host, code][:-1])


@pytest.mark.parametrize(
    ("host", "code", "error"),
    [
        (Host.API, -216, TokenRejected),
        (Host.API, -214, StillProcessing),
        (Host.API, -100, AssetExpired),
        (Host.API, -321, PaymentNeeded),
        (Host.API, -204, Misconfigured),
        (Host.API, -200, NotTaken),
        (Host.BUSINESS, -100, Unreachable),
        (Host.BUSINESS, -124, TokenRejected),
        (Host.BUSINESS, -118, Refused),
        (Host.BUSINESS, -144, TooFast),
        (Host.OAUTH, -118, GrantDead),
        (Host.OAUTH, -14014, GrantDead),
        (Host.OAUTH, -14004, Misconfigured),
        (Host.API, -987654, NotTaken),
    ],
)
def test_the_same_number_means_something_else_on_another_host(host: Host, code: int, error: type[Exception]) -> None:
    with pytest.raises(error) as told:
        raise_for(code, "", host)
    assert type(told.value) is error


@pytest.mark.parametrize(
    ("host", "code", "why"),
    [
        (Host.API, -213, RefusedReason.LEFT),
        (Host.API, -218, RefusedReason.QUOTA_USED),
        (Host.API, -227, RefusedReason.NO_SUCH_PERSON),
        (Host.API, -230, RefusedReason.WINDOW_CLOSED),
        (Host.API, -234, RefusedReason.QUIET_HOURS),
        (Host.API, -244, RefusedReason.RESTRICTED),
        (Host.API, -210, RefusedReason.WRONG_MESSAGE),
        (Host.BUSINESS, -108, RefusedReason.NO_SUCH_PERSON),
        (Host.BUSINESS, -133, RefusedReason.QUIET_HOURS),
        (Host.BUSINESS, -139, RefusedReason.RESTRICTED),
    ],
)
def test_why_somebody_is_refused(host: Host, code: int, why: RefusedReason) -> None:
    with pytest.raises(Refused) as refused:
        raise_for(code, "", host)
    assert refused.value.why is why


@pytest.mark.parametrize(
    ("code", "message", "error"),
    [
        (-223, "Article creation quota exceeded", TooFast),
        (-223, "OA has not authorized this API", Misconfigured),
        (-207, "User id is invalid", Refused),
        (-207, "OA is not a third party", Misconfigured),
    ],
)
def test_the_words_decide_where_the_number_does_not(code: int, message: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        raise_for(code, message, Host.API)
