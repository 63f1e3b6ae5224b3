"""What every call of Zalo's API passes first: faults, the token, the proof, the rate; refusals leave with HTTP 200."""

from __future__ import annotations

import hashlib
import hmac
from typing import Awaitable, Callable

from aiohttp import web

from emulators.zalo_faults import Fault, Switches, ZaloFaults, cut
from emulators.zalo_oauth import Grants
from emulators.zalo_wire import Refusal
from emulators.zalo_world import Identity, World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_OAUTH = "/v4/oa/access_token"
_OA = ("/v2.0/", "/v3.0/")
_BUSINESS = ("/message/", "/template/", "/quality")


def proof_of(app_secret: str, access_token: str) -> str:
    return hmac.new(app_secret.encode(), access_token.encode(), hashlib.sha256).hexdigest()


class Gate:
    """``passing`` is a middleware; ``calls`` counts what came, by path."""

    def __init__(
        self, identity: Identity, grants: Grants, faults: ZaloFaults, switches: Switches, world: World
    ) -> None:
        self._identity = identity
        self._grants = grants
        self._faults = faults
        self._switches = switches
        self._world = world
        self._minute = 0
        self._in_minute = 0
        self.calls: dict[str, int] = {}

    @web.middleware
    async def passing(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self._world.catch_up()
        if not request.path.startswith((_OAUTH, *_OA, *_BUSINESS)):
            return await handler(request)
        self.calls[request.path] = self.calls.get(request.path, 0) + 1
        await self._faults.before_work(request)
        response = await self._worked(request, handler)
        if self._faults.strikes(Fault.LOST_ANSWER, request.path):
            cut(request)
        return response

    async def _worked(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path == _OAUTH:
            return await handler(request)
        left = self._count()
        try:
            if left < 0 or self._faults.strikes(Fault.FLOOD, request.path):
                raise Refusal(-32, "The application exceeded the number of calls per minute")
            self._admit(request)
            response = await handler(request)
        except Refusal as refused:
            response = refused.response()
        except web.HTTPNotFound:
            response = Refusal(-209, "API is not supported").response()
        response.headers["X-RateLimit-Limit"] = str(self._switches.calls_per_minute)
        response.headers["X-RateLimit-Remain"] = str(max(left, 0))
        return response

    def _admit(self, request: web.Request) -> None:
        if self._faults.strikes(Fault.TOKEN_EXPIRED, request.path):
            self._grants.access.clear()
        business = request.path.startswith(_BUSINESS)
        token = request.headers.get("access_token", "")
        try:
            self._grants.check(token)
        except Refusal as refused:
            raise Refusal(-124, "Access token invalid") if business else refused from None
        proof = request.headers.get("appsecret_proof", "")
        right = hmac.compare_digest(proof.encode(), proof_of(self._identity.app_secret, token).encode())
        if not right and (proof or self._switches.proof_needed):
            raise Refusal(-1241 if business else -242, "appsecret_proof is invalid")

    def _count(self) -> int:
        """How many calls are left in this minute; below 0 it is one too many."""
        minute = int(self._world.clock.now().timestamp()) // 60
        if minute != self._minute:
            self._minute, self._in_minute = minute, 0
        self._in_minute += 1
        left = self._switches.calls_per_minute - self._in_minute
        return left if self._switches.rate_limits else max(left, 0)
