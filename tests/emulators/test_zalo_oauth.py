"""OAuth v4 of the emulated Zalo: codes and refresh tokens once, string lifetimes, errors with HTTP 200."""

from __future__ import annotations

import aiohttp
import pytest
from yarl import URL

from emulators.zalo import Fault, ZaloEmulator
from emulators.zalo_gate import proof_of
from emulators.zalo_oauth import challenge_of
from tests.emulators.zalo_bench import AN, CS, Api, reply

VERIFIER = "0123456789abcdefghijABCDEFGHIJ0123456789xyz"
CHALLENGE = "3tVsQnEb71QIfMtd2ot1lsXQcKRPMRVJ6H8GcRKnzOA"


def test_published_vectors() -> None:
    assert challenge_of(VERIFIER) == CHALLENGE
    proof = "aed6826bfacdf6c46c9b96c4dc4634d148ee2c2fd274a9976d9ef754c800814d"
    assert proof_of("demo-app-secret", "demo-access-token") == proof


async def test_a_code_gives_tokens_once(api: Api, zalo: ZaloEmulator) -> None:
    code = zalo.authorise()
    tokens = await api.token(grant_type="authorization_code", code=code)
    assert tokens["expires_in"] == "90000"
    assert set(tokens) == {"access_token", "refresh_token", "expires_in"}
    again = await api.token(grant_type="authorization_code", code=code)
    assert again["error"] == -14005
    assert set(again) == {"error", "error_name", "error_description", "error_reason", "ref_doc", "message"}


async def test_a_code_lives_ten_minutes(api: Api, zalo: ZaloEmulator) -> None:
    code = zalo.authorise()
    zalo.advance(600)
    assert (await api.token(grant_type="authorization_code", code=code))["error"] == -14005


@pytest.mark.parametrize(("verifier", "fits"), [(VERIFIER, True), ("another", False), ("", False)])
async def test_the_verifier_of_a_challenge(api: Api, zalo: ZaloEmulator, verifier: str, fits: bool) -> None:
    code = zalo.authorise(CHALLENGE)
    answer = await api.token(grant_type="authorization_code", code=code, code_verifier=verifier)
    assert ("access_token" in answer) == fits


async def test_a_challenge_saved_in_the_console_is_the_one_that_counts(api: Api, zalo: ZaloEmulator) -> None:
    zalo.grants.console_challenge = CHALLENGE
    code = zalo.authorise(challenge_of("of this request"))
    answer = await api.token(grant_type="authorization_code", code=code, code_verifier="of this request")
    assert answer["error"] == -14005


async def test_a_refresh_token_works_once_and_the_old_access_token_dies(api: Api) -> None:
    await api.authorise()
    tokens = await api.authorise()
    renewed = await api.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert renewed["refresh_token"] != tokens["refresh_token"]
    assert (await api.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]))["error"] == -14014
    assert (await api.get("/v2.0/oa/getoa"))["error"] == -216
    api.headers = {"access_token": renewed["access_token"]}
    assert (await api.get("/v2.0/oa/getoa"))["error"] == 0


async def test_the_old_access_token_may_live_on(api: Api, zalo: ZaloEmulator) -> None:
    zalo.switches.old_token_dies = False
    await api.token(grant_type="authorization_code", code=zalo.authorise())
    assert (await api.get("/v2.0/oa/getoa"))["error"] == 0


async def test_an_answer_without_a_new_refresh_token(api: Api, zalo: ZaloEmulator) -> None:
    tokens = await api.authorise()
    zalo.switches.refresh_token_rotates = False
    for _ in range(2):
        renewed = await api.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
        assert set(renewed) == {"access_token", "expires_in"}


async def test_tokens_end(api: Api, zalo: ZaloEmulator) -> None:
    tokens = await api.authorise()
    zalo.advance(90_000)
    assert (await api.get("/v2.0/oa/getoa"))["error"] == -220
    zalo.advance(90 * 86_400)
    assert (await api.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]))["error"] == -14014


async def test_a_lost_answer_costs_the_refresh_token(api: Api, zalo: ZaloEmulator) -> None:
    tokens = await api.authorise()
    zalo.faults.switch_on(Fault.LOST_ANSWER, 1, "/access_token")
    await api.get("/v2.0/oa/getoa")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await api.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert (await api.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]))["error"] == -14014


@pytest.mark.parametrize(
    ("change", "headers", "error"),
    [
        ({"app_id": "1"}, {"secret_key": "demo-app-secret"}, -14002),
        ({}, {"secret_key": "demo-oa-secret-key"}, -14004),
        ({}, {}, -14004),
        ({"grant_type": "password"}, {"secret_key": "demo-app-secret"}, -14018),
        ({"code": "never given"}, {"secret_key": "demo-app-secret"}, -14005),
    ],
)
async def test_refusals(
    api: Api, zalo: ZaloEmulator, change: dict[str, str], headers: dict[str, str], error: int
) -> None:
    form = {"grant_type": "authorization_code", "code": zalo.authorise(), **change}
    assert (await api.token(headers, **form))["error"] == error


async def test_json_is_no_form(api: Api) -> None:
    body = {"app_id": "1002003004005006007", "grant_type": "refresh_token"}
    async with api.http.post("/v4/oa/access_token", json=body, headers={"secret_key": "demo-app-secret"}) as answer:
        assert (await answer.json())["error"] == -14018


async def test_the_permission_page_leads_back_with_code_account_and_state(api: Api, zalo: ZaloEmulator) -> None:
    asked = {
        "app_id": zalo.identity.app_id,
        "redirect_uri": "https://motcua.example/zalo?a=1",
        "code_challenge": CHALLENGE,
        "state": "s&1",
    }
    async with api.http.get("/v4/oa/permission", params=asked) as page:
        assert "Cho phép" in await page.text()
    async with api.http.post("/v4/oa/permission", params=asked, allow_redirects=False) as answer:
        assert answer.status == 302
        back = URL(answer.headers["Location"])
    assert back.with_query(None) == URL("https://motcua.example/zalo")
    assert (back.query["a"], back.query["state"], back.query["oa_id"]) == ("1", "s&1", zalo.identity.oa_id)
    tokens = await api.token(grant_type="authorization_code", code=back.query["code"], code_verifier=VERIFIER)
    assert "access_token" in tokens


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("app_id", "redirect", "error"),
    [
        ("1", "https://motcua.example/zalo", -14002),
        ("1002003004005006007", "https://elsewhere.example/", -14003),
        ("1002003004005006007", "javascript:alert(1)", -14003),
    ],
)
async def test_the_permission_page_refuses(
    api: Api, zalo: ZaloEmulator, method: str, app_id: str, redirect: str, error: int
) -> None:
    zalo.grants.callback = "https://motcua.example/zalo"
    asked = {"app_id": app_id, "redirect_uri": redirect}
    async with api.http.request(method, "/v4/oa/permission", params=asked) as answer:
        assert (await answer.json())["error"] == error


async def test_a_revoked_permission(api: Api, zalo: ZaloEmulator) -> None:
    tokens = await api.authorise()
    zalo.revoke()
    assert await api.code(CS, reply("Chào", AN)) == -216
    assert (await api.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]))["error"] == -14014
