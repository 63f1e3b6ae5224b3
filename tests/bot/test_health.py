"""Ready or not, and why; probes do not wear the portal out."""

from __future__ import annotations

from aiohttp import web
from pytest_aiohttp.plugin import AiohttpClient

from bot.app import House
from bot.health import Health


class Quiet:
    async def state(self) -> dict[str, object]:
        return {"inbox": {"waiting": 0, "aside": 0}, "alerts": []}


async def test_ready_and_the_portal_is_asked_now_and_then(house: House, aiohttp_client: AiohttpClient) -> None:
    seconds = [100.0]
    app = web.Application()
    Health(lambda: "m", house.database, house.dossiers, Quiet(), lambda: seconds[0]).add_routes(app)
    client = await aiohttp_client(app)
    emulator = house.portal.emulator
    assert emulator is not None
    answer = await client.get("/readyz")
    assert (answer.status, await answer.json()) == (
        200,
        {"ready": True, "model": "m", "database": "ok", "portal": "ok", **await Quiet().state()},
    )
    asked = emulator.requests
    await emulator.stop()
    assert (await (await client.get("/readyz")).json())["portal"] == "ok"
    assert emulator.requests == asked
    seconds[0] += 10
    answer = await client.get("/readyz")
    assert answer.status == 200  # everything but dossiers is still answered
    assert (await answer.json())["portal"] not in ("ok", "")


async def test_without_a_database_it_is_alive_but_not_ready(house: House, aiohttp_client: AiohttpClient) -> None:
    app = web.Application()
    Health(lambda: "m", house.database, house.dossiers, Quiet()).add_routes(app)
    client = await aiohttp_client(app)
    await house.database.close()
    answer = await client.get("/readyz")
    assert answer.status == 503
    assert ((await answer.json())["ready"], (await answer.json())["database"]) == (False, "DatabaseBusy")
    assert (await client.get("/healthz")).status == 200
