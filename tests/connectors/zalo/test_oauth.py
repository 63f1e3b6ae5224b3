"""The permission page's address, the exchange of a code, and answers that hold no tokens."""

from __future__ import annotations

import datetime as dt
from typing import Any, AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.errors import ChannelError, Misconfigured, NotTaken, Unreachable
from connectors.zalo.oauth import Grant, ZaloOAuth, challenge_of, new_verifier
from connectors.zalo.reactions import GrantDead
from tests.connectors.zalo.scripted_zalo import APP_SECRET, NOON, OA_ID, MovedClock, ScriptedZalo, scripted_zalo

GRANT = Grant("AT-0", "RT-0", NOON, NOON, NOON)


@pytest.fixture
async def asking() -> AsyncIterator[tuple[ScriptedZalo, ZaloOAuth]]:
    async with scripted_zalo() as (zalo, settings, http):
        yield zalo, ZaloOAuth(settings, http, MovedClock())


def test_pkce_of_the_reference() -> None:
    assert challenge_of("0123456789abcdefghijABCDEFGHIJ0123456789xyz") == "3tVsQnEb71QIfMtd2ot1lsXQcKRPMRVJ6H8GcRKnzOA"
    assert len(new_verifier()) == 43
    assert new_verifier() != new_verifier()


def test_a_grant_shows_no_token() -> None:
    assert "AT-0" not in repr(GRANT)
    assert "RT-0" not in repr(GRANT)


async def test_the_permission_page(asking: tuple[ScriptedZalo, ZaloOAuth]) -> None:
    url = urlsplit(asking[1].authorisation_url("https://motcua.example/zalo?x=1", "st", "ch"))
    assert url.path == "/oauth/v4/oa/permission"
    assert {name: value for name, (value,) in parse_qs(url.query).items()} == {
        "app_id": "1002003004005006007",
        "redirect_uri": "https://motcua.example/zalo?x=1",
        "state": "st",
        "code_challenge": "ch",
    }
    assert "code_challenge" not in asking[1].authorisation_url("https://motcua.example/", "st")


async def test_a_code_is_exchanged(asking: tuple[ScriptedZalo, ZaloOAuth]) -> None:
    zalo, oauth = asking
    grant = await oauth.exchange("C-1", "V-1", OA_ID)
    assert grant == Grant("AT-1", "RT-1", NOON + dt.timedelta(hours=25), NOON, NOON)
    (asked,) = zalo.asked
    assert asked.headers["secret_key"] == APP_SECRET
    assert asked.json == {
        "app_id": "1002003004005006007",
        "grant_type": "authorization_code",
        "code": "C-1",
        "code_verifier": "V-1",
    }


async def test_without_pkce_no_verifier_is_sent(asking: tuple[ScriptedZalo, ZaloOAuth]) -> None:
    await asking[1].exchange("C-1")
    assert "code_verifier" not in asking[0].asked[0].json


async def test_the_code_of_another_account_is_not_spent(asking: tuple[ScriptedZalo, ZaloOAuth]) -> None:
    with pytest.raises(Misconfigured):
        await asking[1].exchange("C-1", "V-1", "7009999999999999999")
    assert asking[0].asked == []


async def test_the_next_tokens(asking: tuple[ScriptedZalo, ZaloOAuth]) -> None:
    zalo, oauth = asking
    earlier = NOON - dt.timedelta(days=3)
    grant = await oauth.refresh(Grant("AT-0", "RT-0", earlier, earlier, authorised_at=earlier))
    assert grant == Grant("AT-1", "RT-1", NOON + dt.timedelta(hours=25), NOON, authorised_at=earlier)
    assert zalo.asked[0].json == {
        "app_id": "1002003004005006007",
        "grant_type": "refresh_token",
        "refresh_token": "RT-0",
    }


async def test_an_answer_without_a_refresh_token_keeps_the_old_one(asking: tuple[ScriptedZalo, ZaloOAuth]) -> None:
    asking[0].rotates = False
    assert (await asking[1].refresh(GRANT)).refresh_token == "RT-0"
    asking[0].oauth_answer = {"access_token": "AT-9", "refresh_token": "", "expires_in": 3600}
    grant = await asking[1].refresh(GRANT)
    assert (grant.refresh_token, grant.expires_at) == ("RT-0", NOON + dt.timedelta(hours=1))


@pytest.mark.parametrize("lifetime", [None, "soon", "999999999999999999999"])
async def test_an_impossible_lifetime_is_the_usual_one(
    asking: tuple[ScriptedZalo, ZaloOAuth], lifetime: object
) -> None:
    asking[0].oauth_answer = {"access_token": "AT-9", "expires_in": lifetime}
    assert (await asking[1].refresh(GRANT)).expires_at == NOON + dt.timedelta(hours=25)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"error": -14014, "error_name": "Invalid refresh token.", "message": ""}, GrantDead),
        ({"error": "-118", "error_name": "invalid grant"}, GrantDead),
        ({"error": -14004, "error_name": "Invalid secret key", "message": ""}, Misconfigured),
        ({"error": -14005, "error_name": "Invalid code", "message": ""}, Misconfigured),
        ({}, Unreachable),
        ({"access_token": None, "refresh_token": "RT-9"}, Unreachable),
        ({"access_token": ["AT-9"], "refresh_token": "RT-9"}, Unreachable),
        ({"error": "?", "access_token": "AT-9"}, NotTaken),
    ],
)
async def test_errors_come_with_status_200(
    asking: tuple[ScriptedZalo, ZaloOAuth], answer: dict[str, Any], error: type[ChannelError]
) -> None:
    asking[0].oauth_answer = answer
    with pytest.raises(error) as told:
        await asking[1].refresh(GRANT)
    assert type(told.value) is error
    assert "RT-0" not in str(told.value)
