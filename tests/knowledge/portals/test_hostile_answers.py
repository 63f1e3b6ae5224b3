"""Whatever a portal answers, the caller gets a dossier or an error it knows."""

from __future__ import annotations

from typing import Any, AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from emulators.portal import PortalEmulator
from knowledge.dossiers import (
    Dossier,
    DossierCode,
    DossierUnknown,
    PortalError,
    PortalMisconfigured,
    PortalUnreachable,
)

CODE = DossierCode.parse("H57.132-260805-0005")
JUNK: tuple[Any, ...] = (
    *(None, "", "x", 5, -1, True, [], {}, [5], [[]], [{}]),
    *({"name": {"name": 5}}, "9" * 5_000, "\x00", "²", "\ud800", "01/01/0001"),
)
PATHS = {
    "dvcqg": "/mapi/g",
    "igate": "/pa/dossier/search",
    "onestop": "/api/hoso/tracuuhoso",
}


class Liar:
    """A portal that lets everybody in and answers every look-up with ``says``."""

    def __init__(self) -> None:
        self.says: Any = None
        self.url = ""

    async def look_up(self, _: web.Request) -> web.Response:
        return web.json_response(self.says)

    async def login(self, _: web.Request) -> web.Response:
        return web.json_response({"session": "s", "error_code": 0, "access_token": "t", "expires_in": 300})


@pytest.fixture
async def liar() -> AsyncIterator[Liar]:
    liar = Liar()
    application = web.Application()
    for path in PATHS.values():
        application.router.add_route("*", path, liar.look_up)
    application.router.add_post("/mapi/login", liar.login)
    application.router.add_post("/auth/realms/digo/protocol/openid-connect/token", liar.login)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    liar.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield liar
    await runner.cleanup()


async def true_answer(vendor: str, emulator: PortalEmulator, http: aiohttp.ClientSession) -> Any:
    """What the emulator says about CODE, unwrapped down to the dossier's own object."""
    if vendor == "dvcqg":
        login = {"username": "mot-cua", "password": "only-for-the-emulator"}
        headers = {"dstcode": "x"}
        async with http.post(emulator.url + "/mapi/login", json=login, headers=headers) as answer:
            session = (await answer.json())["session"]
        body = {"session": session, "madonvi": "x", "service": "TraCuuHoSo", "mahoso": str(CODE)}
        async with http.post(emulator.url + PATHS[vendor], json=body) as answer:
            return (await answer.json())["result"][0]
    if vendor == "igate":
        form = {"client_id": "web-onegate", "grant_type": "client_credentials"}
        path = "/auth/realms/digo/protocol/openid-connect/token"
        async with http.post(emulator.url + path, data=form) as answer:
            token = (await answer.json())["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        async with http.get(emulator.url + PATHS[vendor], params={"code": str(CODE)}, headers=headers) as answer:
            return (await answer.json())["content"][0]
    async with http.get(emulator.url + PATHS[vendor], params={"tukhoa": str(CODE)}) as answer:
        return await answer.json()


def packed(vendor: str, item: Any) -> Any:
    return {"dvcqg": {"error_code": "00", "result": [item]}, "igate": {"content": [item]}}.get(vendor, item)


async def test_junk_in_every_field(
    vendor: str, open_portal: Any, emulator: PortalEmulator, liar: Liar, http: aiohttp.ClientSession
) -> None:
    truth = await true_answer(vendor, emulator, http)
    portal = open_portal(vendor, url=liar.url)
    dossiers = 0
    for key in truth:
        for junk in JUNK:
            liar.says = packed(vendor, {**truth, key: junk})
            try:
                dossier = await portal.fetch(CODE)
            except PortalError:
                continue
            dossiers += 1
            assert Dossier.from_json(dossier.to_json()) == dossier
    assert dossiers > len(truth) * len(JUNK) / 2


@pytest.mark.parametrize("says", [5, "x", [5], True])
async def test_answers_of_another_shape(vendor: str, open_portal: Any, liar: Liar, says: Any) -> None:
    portal = open_portal(vendor, url=liar.url)
    liar.says = says
    with pytest.raises(PortalUnreachable):
        await portal.fetch(CODE)


@pytest.mark.parametrize("item", [{}, {"tinhtrang_hoso": None, "tccn_ten": None}])
async def test_an_empty_answer_is_an_unknown_dossier(vendor: str, open_portal: Any, liar: Liar, item: Any) -> None:
    liar.says = packed(vendor, item)
    with pytest.raises(DossierUnknown):
        await open_portal(vendor, url=liar.url).fetch(CODE)


@pytest.mark.parametrize("vendor", ["dvcqg", "igate"])
async def test_somebody_elses_dossier_is_not_shown(
    vendor: str, open_portal: Any, emulator: PortalEmulator, liar: Liar, http: aiohttp.ClientSession
) -> None:
    liar.says = packed(vendor, await true_answer(vendor, emulator, http))
    with pytest.raises(DossierUnknown):
        await open_portal(vendor, url=liar.url).fetch(DossierCode.parse("H57.132-260805-0006"))


async def test_several_people_under_one_search_word(open_portal: Any, liar: Liar) -> None:
    rows = [{"tccn_ten": name, "tinhtrang_hoso": "Đang xử lý"} for name in ("Nguyễn Văn An", "Lê Thị Bình")]
    liar.says = rows
    with pytest.raises(PortalUnreachable, match="several people"):
        await open_portal("onestop", url=liar.url).fetch(CODE)


async def test_an_address_that_is_none_is_our_fault(vendor: str, open_portal: Any) -> None:
    with pytest.raises(PortalMisconfigured):
        await open_portal(vendor, url="http://").fetch(CODE)
