"""Fetches what a citizen sent, from public addresses only: nobody reads our own network through us."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import NoReturn

import aiohttp
from yarl import URL

from connectors.errors import Refused, RefusedReason, Unreachable

SECONDS = 10.0
_CHUNK = 64 * 1024
_PDF = "application/pdf"
# Addresses in use; what lies outside has no public host, or hides an IPv4 address of any kind.
_PUBLIC_IPV6 = ipaddress.IPv6Network("2000::/3")
_IPV4_INSIDE = ipaddress.IPv6Network("2002::/16")


async def fetch_media(address: str, most_bytes: int, local: bool = False) -> bytes:
    """The bytes of an image or PDF. ``local``: this machine may be asked too, without encryption (the emulator).

    Raises Refused (WRONG_MESSAGE) for what will never be fetched, Unreachable when it may go better later.
    """
    url = _allowed(address, local)

    def open_socket(where: aiohttp.AddrInfoType) -> socket.socket:
        # The address that is looked at is the one that is connected to: a name cannot change its mind in between.
        family, kind, protocol, _, (host, *_port) = where
        if not is_public(host) and not (local and ipaddress.ip_address(host).is_loopback):
            _refuse("it lies in a private network")
        return socket.socket(family, kind, protocol)

    # One after another: aiohttp's race between addresses would swallow the refusal.
    connector = aiohttp.TCPConnector(socket_factory=open_socket, happy_eyeballs_delay=None)
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    try:
        # Not unpacked: the limit counts what comes over the line.
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout, auto_decompress=False) as http,
            http.get(url, allow_redirects=False, headers={"Accept-Encoding": "identity"}) as response,
        ):
            _check(response, most_bytes)
            return await _read(response, most_bytes)
    except aiohttp.InvalidURL as error:
        raise Refused(RefusedReason.WRONG_MESSAGE, "the address of the file is none") from error
    except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
        raise Unreachable(f"a citizen's file could not be fetched: {type(error).__name__}") from error


def is_local(url: str) -> bool:
    """Whether a server's address, as a setting names it, is this machine without encryption: the emulator."""
    parsed = URL(url)
    try:
        on_loopback = ipaddress.ip_address(parsed.host or "").is_loopback
    except ValueError:
        on_loopback = parsed.host == "localhost"
    return parsed.scheme == "http" and on_loopback


def is_public(host: str) -> bool:
    address = ipaddress.ip_address(host)
    if isinstance(address, ipaddress.IPv6Address):
        return address.is_global and address in _PUBLIC_IPV6 and address not in _IPV4_INSIDE
    return address.is_global and not address.is_multicast


def _allowed(address: str, local: bool) -> URL:
    try:
        url = URL(address)
    except ValueError as error:
        raise Refused(RefusedReason.WRONG_MESSAGE, "the address of the file is none") from error
    if url.scheme not in (("https", "http") if local else ("https",)) or not url.host or url.user or url.password:
        _refuse("its address is not of the kind that Zalo gives")
    return url


def _check(response: aiohttp.ClientResponse, most_bytes: int) -> None:
    if response.status == 429 or response.status >= 500:
        raise Unreachable(f"a citizen's file could not be fetched: status {response.status}")
    if response.status != 200:
        _refuse(f"status {response.status}")
    if not response.content_type.startswith("image/") and response.content_type != _PDF:
        _refuse("it is neither an image nor a PDF")
    if (response.content_length or 0) > most_bytes:
        _refuse("it is too large")


async def _read(response: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    content = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        content += chunk
        if len(content) > most_bytes:
            _refuse("it is too large")
    return bytes(content)


def _refuse(reason: str) -> NoReturn:
    raise Refused(RefusedReason.WRONG_MESSAGE, f"a citizen's file: {reason}")
