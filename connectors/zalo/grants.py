"""Keeps the account's access token valid: its refresh token works once, and losing the next one shuts us out."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from dataclasses import replace
from typing import Awaitable, Callable, NamedTuple, Optional, Protocol

from connectors.errors import ChannelError, Misconfigured, Unreachable
from connectors.zalo.oauth import TOKEN_SECONDS, Clock, Grant, ZaloOAuth
from connectors.zalo.reactions import GrantDead

logger = logging.getLogger(__name__)

Sleep = Callable[[float], Awaitable[None]]

RENEWED_BEFORE = dt.timedelta(hours=5)
LEASE_SECONDS = 3 * TOKEN_SECONDS  # a lease that ends before the call does lets two spend the same token
LOOK_AGAIN_SECONDS = 0.5
RETRY_AFTER = dt.timedelta(minutes=1)
CHECKED_EVERY_SECONDS = 600.0

DEAD = (
    "zalo_grant_dead",
    "Zalo không còn cho trợ lý truy cập tài khoản OA; quản trị viên OA cần chạy: python -m bot zalo authorise. "
    "Zalo no longer lets the assistant into the official account: an administrator of it must authorise again.",
)
UNSAVED = (
    "zalo_grant_unsaved",
    "Chưa lưu được mã truy cập Zalo mới, chỉ còn trong bộ nhớ: đừng khởi động lại khi cơ sở dữ liệu chưa hoạt động. "
    "The new Zalo tokens could not be stored and live in memory only: do not restart before the database works again.",
)


class Stored(NamedTuple):
    """``version`` rises with every change."""

    grant: Grant
    version: int


class GrantStore(Protocol):
    """Where the grant of one account lies. Everything may raise Unreachable: the store is away."""

    async def load(self) -> Optional[Stored]:
        """None before the first authorisation. Raises Misconfigured when it cannot be decrypted."""

    async def save(self, grant: Grant) -> None:
        """A person has authorised: this one counts, whatever was there; the version rises."""

    async def lease(self, version: int, seconds: float) -> bool:
        """True: nobody else may renew this version for so long."""

    async def replace(self, version: int, grant: Grant) -> bool:
        """Put the grant in the place of this version, as ``version + 1``, and end the lease. False: it is another."""

    async def release(self) -> None:
        """End our own lease, if we still have it."""


class Alarm(Protocol):
    """Tells a person of the agency; the name stays the same for the same trouble."""

    async def page(self, name: str, sentence: str) -> None: ...

    async def over(self, name: str) -> None: ...


class Grants:
    """The access token, renewed by one process at a time (connectors.zalo.client.Access)."""

    def __init__(
        self, oauth: ZaloOAuth, store: GrantStore, alarm: Alarm, clock: Clock, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._oauth, self._store, self._alarm = oauth, store, alarm
        self._clock, self._sleep = clock, sleep
        self._held: Optional[Stored] = None
        self._unsaved = False  # ``_held`` could not be stored yet; its version is the one it will replace
        self._renewal: Optional[asyncio.Task[Stored]] = None
        self._retry_at: Optional[dt.datetime] = None
        self._closing = False

    async def access_token(self) -> str:
        """A token that is valid as far as is known. Raises GrantDead, Misconfigured and Unreachable."""
        held = await self._current()
        now = self._clock()
        valid = now < held.grant.expires_at
        soon_over = held.grant.expires_at - now < RENEWED_BEFORE
        if not soon_over or (valid and self._retry_at is not None and now < self._retry_at):
            return held.grant.access_token
        try:
            return (await self._renew_once(held.version)).grant.access_token
        except GrantDead:
            raise
        except ChannelError as error:
            self._retry_at = now + RETRY_AFTER
            if not valid:
                raise
            logger.warning("Zalo's token could not be renewed in good time, the old one is still used: %s", error)
            return held.grant.access_token

    async def renewed(self, rejected: str) -> str:
        """Another token than the one that Zalo did not take, whatever date is stored for it. Raises as above."""
        held = await self._current()
        if held.grant.access_token == rejected:
            held = await self._renew_once(held.version)
        return held.grant.access_token

    async def keep_fresh(self) -> None:
        """Look after the token for ever, so that it never ends because nobody wrote for a day."""
        while True:
            try:
                await self.access_token()
            except ChannelError as error:
                logger.error("Zalo's token cannot be kept fresh: %s", error)
            await self._sleep(CHECKED_EVERY_SECONDS)

    async def close(self) -> None:
        """Finish what is under way, for half a renewal is a lost grant; wait for no other process."""
        self._closing = True
        if self._renewal is not None:
            await asyncio.wait([self._renewal])
        if self._unsaved:
            await self._current()

    async def _current(self) -> Stored:
        if self._held is None:
            self._held = await self._load_living()
        elif self._unsaved:
            return await self._keep(*self._held)
        return self._held

    async def _renew_once(self, seen: int) -> Stored:
        """All who ask at the same time get the same; who asked may leave, the renewal goes on."""
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._renew(seen))
        return await asyncio.shield(self._renewal)

    async def _renew(self, seen: int) -> Stored:
        """What comes after version ``seen``: made here, or by the process that has the lease."""
        if self._unsaved:  # what is stored was spent already
            raise Unreachable("the newest Zalo tokens could not be stored yet, so none are asked for")
        while True:
            stored = await self._load_living()
            if stored.version != seen:
                self._held = stored
                return stored
            if not await self._store.lease(seen, LEASE_SECONDS):
                if self._closing:
                    raise Unreachable("another process renews Zalo's tokens, and this one is being closed")
                await self._sleep(LOOK_AGAIN_SECONDS)
                continue
            grant = await self._spend(stored)
            if grant is not None:
                return await self._keep(grant, seen)

    async def _spend(self, stored: Stored) -> Optional[Grant]:
        """Under the lease: the next grant, None when this one turned out to be dead or not to be the newest."""
        try:
            return await self._oauth.refresh(stored.grant)
        except GrantDead:
            if await self._store.replace(stored.version, replace(stored.grant, dead=True)):
                logger.error("Zalo no longer takes the refresh token")
                await self._try(self._alarm.page(*DEAD))
            return None
        except Unreachable as error:
            await self._store.release()
            # "May have been sent" would be read as the message for which somebody wants a token.
            raise Unreachable(str(error)) from error
        except ChannelError:
            await self._store.release()
            raise

    async def _keep(self, grant: Grant, version: int) -> Stored:
        """Stored before anybody uses it; kept in memory, used, and stored later when that fails."""
        try:
            while not await self._store.replace(version, grant):
                newer = await self._load()
                if not newer.grant.dead:  # a person authorised meanwhile, or this very grant arrived at last
                    return await self._hold(newer)
                version = newer.version  # another process took the token that we had spent for a dead one
        except ChannelError as error:
            first, self._unsaved = not self._unsaved, True
            self._held = Stored(grant, version)
            if first:
                logger.error("Zalo's new tokens could not be stored: %s", error)
                await self._try(self._alarm.page(*UNSAVED))
            return self._held
        return await self._hold(Stored(grant, version + 1))

    async def _hold(self, stored: Stored) -> Stored:
        was_unsaved, self._unsaved = self._unsaved, False
        self._held = stored
        if was_unsaved:  # it may also have looked dead to others, who could not see it
            for name, _ in (UNSAVED, DEAD):
                await self._try(self._alarm.over(name))
        return stored

    async def _load_living(self) -> Stored:
        stored = await self._load()
        if stored.grant.dead:
            self._held = None  # look again at every call: a person may have authorised
            raise GrantDead("Zalo no longer takes the refresh token: run python -m bot zalo authorise")
        return stored

    async def _load(self) -> Stored:
        stored = await self._store.load()
        if stored is None:
            raise Misconfigured("Zalo has not been authorised yet: run python -m bot zalo authorise")
        return stored

    @staticmethod
    async def _try(telling: Awaitable[None]) -> None:
        try:
            await telling
        except Exception:  # the tokens matter more than who hears of them
            logger.exception("nobody could be told of Zalo's tokens")
