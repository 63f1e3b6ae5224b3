"""The emulated Zalo on one side, our door and channel on the other."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import Any, AsyncIterator, Callable

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from connectors.messages import Address, Receipt, Reply
from connectors.pacing import Pace
from connectors.zalo.channel import ZaloChannel
from connectors.zalo.client import ZaloClient
from connectors.zalo.door import ZaloDoor
from connectors.zalo.settings import ZaloSettings
from emulators.zalo import ZaloEmulator
from tests.connectors.kept_pictures import KeptPictures
from tests.connectors.zalo.kept_inbox import KeptInbox

AN = Address("zalo", "8123450000000000001")
CS = "/v3.0/oa/message/cs"
TEXTS = {"vi": {"answer_by_number": "Trả lời bằng số:"}}


@dataclass(frozen=True)
class Street:
    """``reopened`` gives the channel as it is after a restart."""

    zalo: ZaloEmulator
    inbox: KeptInbox
    channel: ZaloChannel
    pictures: KeptPictures
    reopened: Callable[[], ZaloChannel]

    async def told(self) -> list[Any]:
        """What has come in, receipts aside; every delivery was accepted in the end."""
        await self.zalo.settle(5)
        assert not self.zalo.webhook_disabled
        return [one for one in self.inbox.kept if not isinstance(one, Receipt)]

    async def receipts(self) -> list[Receipt]:
        await self.zalo.settle(5)
        return [one for one in self.inbox.kept if isinstance(one, Receipt)]

    async def send(self, reply: Reply, to: Address = AN) -> str:
        (part,) = self.channel.draw(reply, "7")
        return await self.channel.send(to, part)


class OneToken:
    def __init__(self, token: str) -> None:
        self._token = token

    async def access_token(self) -> str:
        return self._token

    async def renewed(self, rejected: str) -> str:
        raise AssertionError("the token was good")


async def authorise(zalo: ZaloEmulator, http: aiohttp.ClientSession) -> OneToken:
    form = {"app_id": zalo.identity.app_id, "grant_type": "authorization_code", "code": zalo.authorise()}
    url, headers = f"{zalo.url}/v4/oa/access_token", {"secret_key": zalo.identity.app_secret}
    async with http.post(url, data=form, headers=headers) as response:
        return OneToken((await response.json(content_type=None))["access_token"])


@contextlib.asynccontextmanager
async def open_street(**emulated: Any) -> AsyncIterator[Street]:
    zalo, inbox, app = ZaloEmulator(ladder_scale=0.001, **emulated), KeptInbox(), web.Application()
    settings = ZaloSettings(zalo.identity.app_id, zalo.identity.oa_id, "demo-app-secret", "demo-oa-secret-key")
    zalo.switches.token_seconds = 365 * 24 * 3600
    url = await zalo.start()
    settings = replace(settings, buttons=True, api_url=url, business_url=url)
    ZaloDoor(inbox, settings, inbox.page, zalo.now).add_routes(app)
    door = TestServer(app)
    await door.start_server()
    zalo.webhook_url = str(door.make_url("/webhooks/zalo"))
    pictures = KeptPictures()
    async with aiohttp.ClientSession() as http:
        client = ZaloClient(settings, await authorise(zalo, http), http)

        def opened() -> ZaloChannel:
            return ZaloChannel(client, settings, Pace(), TEXTS, pictures, zalo.now)

        yield Street(zalo, inbox, opened(), pictures, opened)
    await zalo.stop()
    await door.close()
