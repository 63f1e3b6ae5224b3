"""A scripted Zalo and a client that asks it."""

from __future__ import annotations

from typing import AsyncIterator

import pytest

from connectors.zalo.client import ZaloClient
from tests.connectors.zalo.scripted_zalo import ScriptedZalo, Tokens, scripted_zalo


@pytest.fixture
async def served() -> AsyncIterator[tuple[ScriptedZalo, ZaloClient]]:
    async with scripted_zalo() as (zalo, settings, http):
        yield zalo, ZaloClient(settings, Tokens(), http)


@pytest.fixture
def zalo(served: tuple[ScriptedZalo, ZaloClient]) -> ScriptedZalo:
    return served[0]


@pytest.fixture
def client(served: tuple[ScriptedZalo, ZaloClient]) -> ZaloClient:
    return served[1]
