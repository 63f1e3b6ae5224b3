"""A citizen's photo is fetched; what points into our own network, elsewhere or to something large is not."""

from __future__ import annotations

import asyncio
import gzip

import pytest
from aiohttp import web
from pytest_aiohttp.plugin import AiohttpServer

from connectors.errors import Refused, RefusedReason, Unreachable
from connectors.zalo.media import fetch_media, is_local, is_public

PHOTO = b"\x89PNG" + bytes(100_000)


@pytest.fixture
async def here(aiohttp_server: AiohttpServer) -> str:
    """A server on this machine that counts nothing and gives what its paths say."""

    async def give(request: web.Request) -> web.StreamResponse:
        what = request.match_info["what"]
        if what == "stream":
            response = web.StreamResponse(headers={"Content-Type": "image/png"})
            await response.prepare(request)
            await response.write(PHOTO)
            return response
        if what == "elsewhere":
            raise web.HTTPFound("/photo")
        if what == "packed":
            headers = {"Content-Encoding": "gzip"}
            return web.Response(body=gzip.compress(PHOTO), content_type="image/png", headers=headers)
        if what.isdigit():
            return web.Response(status=int(what))
        kinds = {"photo": "image/png", "paper": "application/pdf", "page": "text/html"}
        return web.Response(body=PHOTO, content_type=kinds[what])

    app = web.Application()
    app.router.add_get("/{what}", give)
    server = await aiohttp_server(app)
    return str(server.make_url("/"))


@pytest.mark.parametrize("what", ["photo", "paper", "stream"])
async def test_images_and_papers_are_fetched(here: str, what: str) -> None:
    assert await fetch_media(here + what, len(PHOTO), local=True) == PHOTO


@pytest.mark.parametrize("what", ["photo", "stream"])
async def test_what_is_too_large_is_refused(here: str, what: str) -> None:
    with pytest.raises(Refused, match="too large") as refused:
        await fetch_media(here + what, len(PHOTO) - 1, local=True)
    assert refused.value.why is RefusedReason.WRONG_MESSAGE


async def test_what_is_packed_is_not_unpacked(here: str) -> None:
    assert len(await fetch_media(here + "packed", 5_000, local=True)) < 5_000


@pytest.mark.parametrize(
    ("what", "reason"), [("page", "neither"), ("elsewhere", "302"), ("404", "404"), ("403", "403")]
)
async def test_other_answers_are_refused(here: str, what: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        await fetch_media(here + what, len(PHOTO), local=True)


@pytest.mark.parametrize("what", ["500", "503", "429"])
async def test_a_server_in_trouble_may_be_asked_again(here: str, what: str) -> None:
    with pytest.raises(Unreachable):
        await fetch_media(here + what, len(PHOTO), local=True)


async def test_nobody_there_may_be_asked_again(unused_tcp_port: int) -> None:
    with pytest.raises(Unreachable):
        await fetch_media(f"http://127.0.0.1:{unused_tcp_port}/photo", 10, local=True)


@pytest.mark.parametrize(
    "address",
    ["", "photo.png", "http://p.example/f.jpg", "ftp://p.example/f.jpg", "file:///etc/passwd", "https://",
     "https://user:password@p.example/", "https://[::1", "https://p.example:99999/", "https://2130706433/",
     "https://127.1/", "https://0x7f.1/"],
)  # fmt: skip
async def test_only_addresses_as_zalo_gives_them(address: str) -> None:
    with pytest.raises(Refused):
        await fetch_media(address, 10)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254", "[::ffff:7f00:1]"])
async def test_our_own_network_is_not_read(host: str) -> None:
    """By number and by a name that leads there; refused before a connection is made."""
    touched = asyncio.Event()

    def touch(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        touched.set()
        writer.close()

    async with await asyncio.start_server(touch, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Refused, match="private network"):
            await fetch_media(f"https://{host}:{port}/photo", 10)
    assert not touched.is_set()


async def test_the_emulators_machine_is_no_door_to_the_network_around_it() -> None:
    with pytest.raises(Refused, match="private network"):
        await fetch_media("http://10.0.0.1/photo", 10, local=True)


@pytest.mark.parametrize("host", ["8.8.8.8", "2001:4860:4860::8888"])
def test_public_addresses(host: str) -> None:
    assert is_public(host)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1", "::ffff:10.0.0.1",
     "::127.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "2001:0:1::"],
)  # fmt: skip
def test_addresses_of_networks(host: str) -> None:
    assert not is_public(host)


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8091", True),
        ("http://localhost:8091", True),
        ("http://[::1]:8091", True),
        ("https://127.0.0.1:8091", False),
        ("http://10.0.0.1:8091", False),
        ("http://emulator.example", False),
        ("https://openapi.zalo.me", False),
    ],
)
def test_only_an_emulator_on_this_machine_is_local(url: str, local: bool) -> None:
    assert is_local(url) is local
