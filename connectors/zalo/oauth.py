"""Zalo's OAuth v4: the page where an administrator allows us in, and the tokens that follow from it."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass, field, replace
from typing import Callable
from urllib.parse import urlencode

import aiohttp

from connectors.errors import Misconfigured, Unreachable
from connectors.zalo.answers import ask, text, whole_number
from connectors.zalo.reactions import Host
from connectors.zalo.settings import ZaloSettings

TOKEN_SECONDS = 30.0
USUAL_LIFETIME = 90_000  # seconds: 25 hours
Clock = Callable[[], dt.datetime]


@dataclass(frozen=True)
class Grant:
    """What lets us into the account. The refresh token works once and lives three months.

    ``authorised_at``: when a person allowed us in, ``obtained_at``: when these tokens came. ``dead``: Zalo no longer
    takes the refresh token.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: dt.datetime
    obtained_at: dt.datetime
    authorised_at: dt.datetime
    dead: bool = False


def new_verifier() -> str:
    return secrets.token_urlsafe(32)


def challenge_of(verifier: str) -> str:
    """PKCE: what may be seen by everybody of a verifier that only we know."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


class ZaloOAuth:
    """Whoever gets a Grant from here must store it before using it: the tokens before it are worth nothing now."""

    def __init__(self, settings: ZaloSettings, http: aiohttp.ClientSession, clock: Clock) -> None:
        self._settings, self._http, self._clock = settings, http, clock

    def authorisation_url(self, callback: str, state: str, challenge: str = "") -> str:
        """Where an administrator of the account allows us in; ``callback`` must be the one saved in the console."""
        query = {"app_id": self._settings.app_id, "redirect_uri": callback, "state": state}
        if challenge:
            query["code_challenge"] = challenge
        return f"{self._settings.oauth_url}/v4/oa/permission?{urlencode(query)}"

    async def exchange(self, code: str, verifier: str = "", oa_id: str = "") -> Grant:
        """The first tokens, for the code (ten minutes, once) and the account that the redirect names. ChannelError."""
        if oa_id and oa_id != self._settings.oa_id:
            raise Misconfigured("another official account was authorised than the one of the settings")
        form = {"grant_type": "authorization_code", "code": code}
        if verifier:
            form["code_verifier"] = verifier
        now = self._clock()
        return await self._obtain(form, Grant("", "", now, now, authorised_at=now))

    async def refresh(self, grant: Grant) -> Grant:
        """The next tokens; ``grant``'s are spent then. Raises GrantDead and other ChannelErrors."""
        return await self._obtain({"grant_type": "refresh_token", "refresh_token": grant.refresh_token}, grant)

    async def _obtain(self, form: dict[str, str], before: Grant) -> Grant:
        answer, _ = await ask(
            self._http,
            Host.OAUTH,
            "POST",
            f"{self._settings.oauth_url}/v4/oa/access_token",
            TOKEN_SECONDS,
            headers={"secret_key": self._settings.app_secret},
            data={"app_id": self._settings.app_id, **form},
        )
        # Zalo tells errors with status 200: an answer without tokens must never take the place of good ones.
        access_token = text(answer.get("access_token"))
        refresh_token = text(answer.get("refresh_token")) or before.refresh_token
        if not access_token or not refresh_token:
            raise Unreachable("Zalo (oauth) answered without tokens", maybe_sent=True)
        now = self._clock()
        lifetime = dt.timedelta(seconds=min(whole_number(answer.get("expires_in")) or USUAL_LIFETIME, USUAL_LIFETIME))
        return replace(
            before,
            access_token=access_token,
            refresh_token=refresh_token,
            expires_at=now + lifetime,
            obtained_at=now,
        )
