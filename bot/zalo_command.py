"""``python -m bot zalo authorise|status``: let the assistant into the official account, and see whether it still is."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import getpass
import hmac
import secrets
import sys
from dataclasses import dataclass
from typing import Any, AsyncIterator, Awaitable, Callable
from urllib.parse import parse_qs, urlsplit

import aiohttp

from bot.alerts import REVOKED, Alerts
from bot.follower_sync import sync_followers
from bot.grants import SqlGrantStore
from bot.records import now
from bot.secret_key import secret_of
from bot.settings import Settings
from bot.storage import Database, migrate
from connectors.errors import ChannelError, Misconfigured
from connectors.zalo.account import Account, OfficialAccount
from connectors.zalo.client import ZaloClient
from connectors.zalo.followers import Followers
from connectors.zalo.grants import DEAD, UNSAVED
from connectors.zalo.oauth import Grant, ZaloOAuth, challenge_of, new_verifier
from connectors.zalo.settings import ZaloSettings
from knowledge.calendar import VIETNAM_TIME

NOT_CONFIGURED = (
    "Chưa cấu hình Zalo: hãy đặt ZALO_APP_ID và các biến ZALO_… khác / "
    "Zalo is not configured: set ZALO_APP_ID and the other ZALO_… variables"
)
NO_CALLBACK = (
    "Cần --callback (địa chỉ Callback đã lưu ở trang quản lý ứng dụng Zalo) hoặc PUBLIC_ORIGIN / "
    "--callback (the callback saved in Zalo's console) or PUBLIC_ORIGIN is needed"
)
NOT_AUTHORISED = "Chưa được cấp quyền / Not authorised yet: python -m bot zalo authorise"


class Refusal(Exception):
    """Tell the sentence and end with the code."""

    def __init__(self, sentence: str, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True)
class Redirect:
    """What Zalo gave back; a bare code names no account."""

    code: str
    oa_id: str = ""
    state: str = ""


@dataclass(frozen=True)
class _Zalo:
    settings: ZaloSettings
    http: aiohttp.ClientSession
    oauth: ZaloOAuth
    store: SqlGrantStore
    alerts: Alerts
    database: Database


class _OneToken:
    """An access token as it is (connectors.zalo.client.Access): these commands renew nothing behind a server's back."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def access_token(self) -> str:
        return self._token

    async def renewed(self, rejected: str) -> str:
        raise Misconfigured("Zalo không nhận mã truy cập này / Zalo does not take this access token")


def add_zalo_command(commands: Any) -> None:
    """Add ``zalo`` to the command line; its ``run(options, settings)`` gives the exit code."""
    zalo = commands.add_parser("zalo", help="let the assistant into the Zalo official account, see how it stands")
    what = zalo.add_subparsers(title="what", required=True, metavar="WHAT")
    allowing = what.add_parser("authorise", help="an administrator of the account allows the assistant in")
    ways = allowing.add_mutually_exclusive_group()
    ways.add_argument("--code", metavar="CODE", help="the code, or the whole address that Zalo led back to")
    ways.add_argument("--paste", action="store_true", help="read both tokens of Zalo's API Explorer from the terminal")
    allowing.add_argument(
        "--callback", metavar="URL", help="the callback saved in the console, default: PUBLIC_ORIGIN/"
    )
    allowing.set_defaults(run=authorise)
    status = what.add_parser("status", help="age and end of the tokens, and what Zalo says about the account")
    status.set_defaults(run=show_status)
    following = what.add_parser("followers", help="read from Zalo who follows the account, as the server does daily")
    following.set_defaults(run=sync)


def authorise(options: argparse.Namespace, settings: Settings) -> int:
    return _run(settings, lambda zalo: _authorise(zalo, options, settings))


def show_status(_: argparse.Namespace, settings: Settings) -> int:
    return _run(settings, _show_status)


def sync(_: argparse.Namespace, settings: Settings) -> int:
    return _run(settings, _sync)


def _run(settings: Settings, work: Callable[[_Zalo], Awaitable[None]]) -> int:
    async def all_of_it() -> None:
        async with _opened(settings) as zalo:
            await work(zalo)

    try:
        asyncio.run(all_of_it())
    except Refusal as refusal:
        sys.stderr.write(f"{refusal}\n")
        return refusal.code
    except ChannelError as error:
        sys.stderr.write(f"Chưa được / Not done: {error}\n")
        return 1
    return 0


@contextlib.asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[_Zalo]:
    if settings.zalo is None:
        raise Refusal(NOT_CONFIGURED)
    migrate(settings.database_url)
    database = Database(settings.database_url)
    try:
        store = SqlGrantStore(database, secret_of(settings), settings.zalo.oa_id, now)
        alerts = Alerts(database, to=(), enqueue=lambda connection, address, sentence: None)
        async with aiohttp.ClientSession() as http:
            yield _Zalo(settings.zalo, http, ZaloOAuth(settings.zalo, http, now), store, alerts, database)
    finally:
        await database.close()


async def _authorise(zalo: _Zalo, options: argparse.Namespace, settings: Settings) -> None:
    if options.paste:
        grant = await _pasted(zalo)
    elif options.code:
        grant = await _exchanged(zalo, read_redirect(options.code), zalo.settings.code_verifier)
    else:
        grant = await _asked_for(zalo, _callback(options, settings))
    await zalo.store.save(grant)
    for name in (DEAD[0], UNSAVED[0], REVOKED):
        await zalo.alerts.over(name)
    sys.stdout.write(
        "Đã lưu quyền truy cập; máy chủ đang chạy sẽ tự dùng. Xem: python -m bot zalo status\n"
        "The access is stored; a running server takes it by itself. See: python -m bot zalo status\n"
    )


def _callback(options: argparse.Namespace, settings: Settings) -> str:
    if options.callback:
        return str(options.callback)
    if settings.public_origin is None:
        raise Refusal(NO_CALLBACK, 2)
    return f"{settings.public_origin}/"


async def _asked_for(zalo: _Zalo, callback: str) -> Grant:
    verifier = zalo.settings.code_verifier or new_verifier()
    state = secrets.token_urlsafe(16)
    url = zalo.oauth.authorisation_url(callback, state, challenge_of(verifier))
    sys.stdout.write(
        "Quản trị viên OA mở địa chỉ này, bấm đồng ý, rồi dán địa chỉ mà Zalo dẫn về:\n"
        "An administrator of the account opens this address, allows, and pastes the address that Zalo leads back to:\n"
        f"{url}\n"
    )
    sys.stdout.flush()
    redirect = read_redirect(_line())
    if redirect.state and not hmac.compare_digest(redirect.state.encode(), state.encode()):
        raise Refusal("Địa chỉ này thuộc một lần cấp quyền khác / This address belongs to another authorisation")
    return await _exchanged(zalo, redirect, verifier)


async def _exchanged(zalo: _Zalo, redirect: Redirect, verifier: str) -> Grant:
    grant = await zalo.oauth.exchange(redirect.code, verifier, redirect.oa_id)
    if not redirect.oa_id:
        await _refuse_another_account(zalo, grant.access_token)
    return grant


async def _pasted(zalo: _Zalo) -> Grant:
    """Renewed at once: nobody knows how old pasted tokens are, and so both are known to work."""
    access_token = _hidden_line("Access token: ")
    refresh_token = _hidden_line("Refresh token: ")
    await _refuse_another_account(zalo, access_token)
    at = now()
    return await zalo.oauth.refresh(Grant(access_token, refresh_token, at, at, authorised_at=at))


async def _refuse_another_account(zalo: _Zalo, access_token: str) -> None:
    if (await _about(zalo, access_token)).id != zalo.settings.oa_id:
        raise Refusal("Mã này thuộc một OA khác với ZALO_OA_ID / This belongs to another account than ZALO_OA_ID")


async def _about(zalo: _Zalo, access_token: str) -> OfficialAccount:
    return await Account(ZaloClient(zalo.settings, _OneToken(access_token), zalo.http)).about()


def _line() -> str:
    line = sys.stdin.readline().strip()
    if not line:
        raise Refusal("Chưa nhận được gì / Nothing was given")
    return line


def _hidden_line(prompt: str) -> str:
    return getpass.getpass(prompt).strip() if sys.stdin.isatty() else _line()


def read_redirect(said: str) -> Redirect:
    """A bare code, or the address with ``code``, ``oa_id`` and ``state``. Raises Refusal."""
    if "?" not in said:
        return Redirect(said)
    values = {name: given[0] for name, given in parse_qs(urlsplit(said).query).items()}
    if "code" not in values:
        raise Refusal("Địa chỉ này không có mã / This address holds no code")
    return Redirect(values["code"], values.get("oa_id", ""), values.get("state", ""))


async def _granted(zalo: _Zalo) -> Grant:
    stored = await zalo.store.load()
    if stored is None:
        raise Refusal(NOT_AUTHORISED)
    return stored.grant


async def _sync(zalo: _Zalo) -> None:
    grant = await _granted(zalo)
    client = ZaloClient(zalo.settings, _OneToken(grant.access_token), zalo.http)
    synced = await sync_followers(zalo.database, Followers(client))
    gone = "?" if synced.gone is None else synced.gone
    sys.stdout.write(f"{synced.following} người quan tâm / followers; {gone} đã thôi / left\n")


async def _show_status(zalo: _Zalo) -> None:
    grant = await _granted(zalo)
    lines = [
        f"Cấp quyền / Authorised: {_day(grant.authorised_at)} ({(now() - grant.authorised_at).days} ngày / days)",
        f"Làm mới gần nhất / Last renewed: {_day(grant.obtained_at)}",
        f"Mã truy cập hết hạn / Access token ends: {_day(grant.expires_at)}",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    if grant.dead:
        raise Refusal(DEAD[1])
    sys.stdout.write(_shown(await _about(zalo, grant.access_token)))


def _shown(account: OfficialAccount) -> str:
    verified = "đã xác minh / verified" if account.verified else "chưa xác minh / not verified"
    return (
        f"Quyền truy cập còn hiệu lực / The access is alive\n"
        f"{account.name} ({account.id}), {verified}, gói / package {account.package or '?'}, "
        f"{'?' if account.followers is None else account.followers} người quan tâm / followers\n"
    )


def _day(at: dt.datetime) -> str:
    return at.astimezone(VIETNAM_TIME).strftime("%d/%m/%Y %H:%M")
