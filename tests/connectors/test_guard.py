"""Every answer has its headers; every error is a sentence in both languages."""

from __future__ import annotations

import pytest
from aiohttp import ClientPayloadError, web
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient

from connectors.guard import add_guard
from connectors.limits import DoorLimits, read_body


@pytest.fixture
async def client(aiohttp_client: AiohttpClient) -> TestClient:
    async def fail(_: web.Request) -> web.Response:
        raise RuntimeError("out of order")

    async def break_off(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"the first half")
        raise RuntimeError("out of order")

    async def page(_: web.Request) -> web.Response:
        return web.Response(text="page", headers={"Content-Security-Policy": "default-src 'self'"})

    async def plain(_: web.Request) -> web.Response:
        return web.Response(text="plain")

    async def move(_: web.Request) -> web.Response:
        raise web.HTTPSeeOther("/plain")

    async def read(request: web.Request) -> web.Response:
        return web.Response(body=await read_body(request, DoorLimits()))

    app = web.Application()
    add_guard(app)
    for name, handler in (("fail", fail), ("break-off", break_off), ("page", page), ("plain", plain), ("move", move)):
        app.router.add_get(f"/{name}", handler)
    app.router.add_get("/of/{whom}", fail)
    app.router.add_post("/read", read)
    return await aiohttp_client(app)


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("DELETE", "/plain", 405, "wrong_method"),
        ("GET", "/fail", 500, "failed"),
    ],
)
async def test_errors_are_sentences(client: TestClient, method: str, path: str, status: int, error: str) -> None:
    answer = await client.request(method, path)
    document = await answer.json()
    assert (answer.status, document["error"]) == (status, error)
    assert document["vi"].endswith(".")
    assert document["en"].endswith(".")
    in_a_browser = await client.request(method, path, headers={"Accept": "text/html,*/*"})
    assert await in_a_browser.text() == f"{document['vi']}\n{document['en']}\n"
    assert in_a_browser.content_type == "text/plain"


async def test_a_wrong_method_is_told_the_right_ones(client: TestClient) -> None:
    assert (await client.delete("/plain")).headers["Allow"] == "GET,HEAD"


@pytest.mark.parametrize("path", ["/plain", "/page", "/nowhere", "/fail", "/move"])
async def test_every_answer_has_its_headers(client: TestClient, path: str) -> None:
    headers = (await client.get(path, allow_redirects=False)).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Server" not in headers
    own = path == "/page"
    assert headers["Content-Security-Policy"] == (
        "default-src 'self'" if own else "default-src 'none'; frame-ancestors 'none'"
    )
    assert ("X-Frame-Options" in headers) is not own


async def test_a_fault_is_logged_by_its_route_only(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    await client.get("/of/0900000001?phone=0900000001")
    assert "a request for /of/{whom} failed" in caplog.text
    assert "RuntimeError: out of order" in caplog.text
    assert "0900000001" not in caplog.text


async def test_an_answer_that_has_begun_is_broken_off(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    answer = await client.get("/break-off")
    assert await answer.content.readexactly(14) == b"the first half"
    with pytest.raises(ClientPayloadError):
        await answer.content.read()
    assert "/break-off" in caplog.text


async def test_a_body_that_is_not_packed_as_it_says_is_a_bad_request(client: TestClient) -> None:
    answer = await client.post("/read", data=b"not gzip", headers={"Content-Encoding": "gzip"})
    assert answer.status == 400
