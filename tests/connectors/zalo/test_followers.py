"""Followers page by page, one in detail, and what Zalo tells about the account."""

from __future__ import annotations

import json

import pytest

from connectors.errors import Refused
from connectors.zalo.account import Account, MessageQuota, OfficialAccount
from connectors.zalo.client import ZaloClient
from connectors.zalo.followers import Follower, Followers
from tests.connectors.zalo.scripted_zalo import NOON, ScriptedZalo


def page(zalo: ScriptedZalo, first: int, last: int, total: object) -> None:
    users = [{"user_id": f"8{number:018}"} for number in range(first, last)]
    zalo.success({"total": total, "count": 50, "users": users})


async def test_pages_are_read_to_the_end(zalo: ScriptedZalo, client: ZaloClient) -> None:
    page(zalo, 0, 50, "120")
    page(zalo, 49, 99, "120")  # somebody came meanwhile: the last one is told again
    page(zalo, 99, 120, 120)
    found = [user_id async for user_id in Followers(client).ids(period="L7D", tag="quan tâm")]
    assert found == [f"8{number:018}" for number in range(120)]
    queries = [json.loads(asked.query["data"]) for asked in zalo.asked]
    assert [query.pop("offset") for query in queries] == [0, 50, 100]
    assert queries[0] == {
        "count": 50,
        "is_follower": "true",
        "last_interaction_period": "L7D",
        "tag_name": "quan tâm",
    }


async def test_nobody_follows(zalo: ScriptedZalo, client: ZaloClient) -> None:
    zalo.success({"total": 0})
    assert [user_id async for user_id in Followers(client).ids()] == []
    assert json.loads(zalo.asked[0].query["data"]) == {"count": 50, "is_follower": "true", "offset": 0}


async def test_what_cannot_be_listed_is_told(zalo: ScriptedZalo, client: ZaloClient) -> None:
    for first in range(0, 10_000, 50):
        page(zalo, first, first + 50, 10_001)
    everybody = Followers(client).ids()
    found = [await everybody.__anext__() for _ in range(10_000)]
    with pytest.raises(Refused, match="10000 of 10001"):
        await everybody.__anext__()
    assert len(set(found)) == 10_000


async def test_one_follower(zalo: ScriptedZalo, client: ZaloClient) -> None:
    zalo.success(
        {
            "user_id": "8123450000000000001",
            "display_name": "Trần Thị B",
            "user_is_follower": True,
            "user_last_interaction_date": "02/03/2026",
            "tags_and_notes_info": {"notes": [], "tag_names": ["hộ tịch"]},
            "shared_info": {"phone": 84912000123},
        }
    )
    follower = await Followers(client).detail("8123450000000000001")
    assert follower == Follower("8123450000000000001", "Trần Thị B", True, "02/03/2026", ("hộ tịch",))
    zalo.success({"tags_and_notes_info": None})
    assert await Followers(client).detail("8123") == Follower("8123", "", False, "", ())


async def test_the_account(zalo: ScriptedZalo, client: ZaloClient) -> None:
    zalo.success(
        {"oaid": "7001", "name": "TTHCC", "is_verified": True, "package_name": "Nâng cao", "num_follower": "9"}
    )
    assert await Account(client).about() == OfficialAccount("7001", "TTHCC", "Nâng cao", True, 9)
    zalo.success({"oa_id": 7001})
    assert await Account(client).about() == OfficialAccount("7001", "", "", False, None)


async def test_what_may_still_be_sent_to_somebody(zalo: ScriptedZalo, client: ZaloClient) -> None:
    zalo.success(
        {
            "last_interaction": "1772427600000",
            "cs_reply": {"remain": 8, "total": 8},
            "promotion": {"daily_remain": "1", "monthly_remain": 4},
        }
    )
    assert await Account(client).quota("8123") == MessageQuota(NOON, 8, 1, 4)
    assert zalo.asked[0].json == {"user_id": "8123"}
    zalo.success({"last_interaction": "99999999999999999999"})
    assert await Account(client).quota("8123") == MessageQuota(None, None, None, None)
