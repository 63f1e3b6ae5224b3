"""Articles: made, waited for, broadcast; what is refused is told before anything is sent."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import replace
from typing import Sequence

import pytest

from connectors.errors import Refused, RefusedReason, Unreachable
from connectors.zalo.articles import (
    POLLS,
    Article,
    Articles,
    ArticleSummary,
    ImageBlock,
    TextBlock,
    drawn,
)
from connectors.zalo.client import ZaloClient
from connectors.zalo.reactions import StillProcessing
from connectors.zalo.windows import VIETNAM_TIME
from tests.connectors.zalo.scripted_zalo import NOON, MovedClock, ScriptedZalo

ARTICLE = Article(
    title="Hướng dẫn đăng ký khai sinh liên thông",
    author="Sở Tư pháp",
    description="Thủ tục, giấy tờ, thời hạn",
    cover_url="https://cdn.example.gov.vn/c.jpg",
    body=(TextBlock("Bước 1 …"), ImageBlock("https://cdn.example.gov.vn/1.jpg", "Mẫu tờ khai")),
)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def articles(client: ZaloClient, clock: MovedClock) -> Articles:
    return Articles(client, clock, clock.sleep)


def test_an_article_as_zalo_wants_it() -> None:
    assert drawn(ARTICLE) == {
        "type": "normal",
        "title": "Hướng dẫn đăng ký khai sinh liên thông",
        "author": "Sở Tư pháp",
        "description": "Thủ tục, giấy tờ, thời hạn",
        "status": "show",
        "comment": "hide",
        "cover": {"cover_type": "photo", "photo_url": "https://cdn.example.gov.vn/c.jpg", "status": "show"},
        "body": [
            {"type": "text", "content": "Bước 1 …"},
            {"type": "image", "url": "https://cdn.example.gov.vn/1.jpg", "caption": "Mẫu tờ khai"},
        ],
    }


def test_length_is_counted_after_composing() -> None:
    title = "ế" * 150
    assert drawn(replace(ARTICLE, title=unicodedata.normalize("NFD", title)))["title"] == title


@pytest.mark.parametrize(
    "article",
    [
        replace(ARTICLE, title="a" * 151),
        replace(ARTICLE, author="a" * 51),
        replace(ARTICLE, description="a" * 301),
        replace(ARTICLE, title="  "),
        replace(ARTICLE, body=()),
    ],
)
async def test_an_article_that_does_not_fit_is_not_sent(
    zalo: ScriptedZalo, articles: Articles, article: Article
) -> None:
    with pytest.raises(Refused, match="article") as refused:
        await articles.create(article)
    assert refused.value.why is RefusedReason.WRONG_MESSAGE
    assert zalo.asked == []


async def test_an_article_is_waited_for(zalo: ScriptedZalo, articles: Articles, clock: MovedClock) -> None:
    zalo.success({"token": "t1"})
    zalo.failure(-214)
    zalo.failure(-214)
    zalo.success({"id": "art_1"})
    token = await articles.create(ARTICLE)
    assert await articles.wait_for(token) == "art_1"
    assert [asked.path.rpartition("/")[2] for asked in zalo.asked] == ["create", "verify", "verify", "verify"]
    assert zalo.asked[1].json == {"token": "t1"}
    assert clock() - NOON == dt.timedelta(seconds=60)


async def test_waiting_has_an_end(zalo: ScriptedZalo, articles: Articles) -> None:
    for _ in range(POLLS):
        zalo.failure(-214)
    with pytest.raises(StillProcessing):
        await articles.wait_for("t1")
    assert len(zalo.asked) == POLLS


async def test_an_answer_without_a_token_may_have_made_an_article(zalo: ScriptedZalo, articles: Articles) -> None:
    zalo.success({})
    with pytest.raises(Unreachable) as lost:
        await articles.update("art_1", ARTICLE)
    assert lost.value.maybe_sent
    assert zalo.asked[0].json["id"] == "art_1"


async def test_articles_are_listed_shown_and_removed(zalo: ScriptedZalo, articles: Articles) -> None:
    row = {"id": "art_1", "title": "A", "status": "hide", "create_date": "1772427600000", "total_view": "5"}
    expected = ArticleSummary("art_1", "A", False, NOON, 5, None)
    zalo.success({"medias": [row], "total": 1})
    assert await articles.page(offset=10, limit=5) == [expected]
    assert zalo.asked[0].query == {"offset": "10", "limit": "5", "type": "normal"}
    zalo.success(row)
    assert await articles.get("art_1") == expected
    assert zalo.asked[1].query == {"id": "art_1"}
    zalo.success()
    await articles.remove("art_1")
    assert zalo.asked[2].json == {"id": "art_1"}


async def test_a_broadcast(zalo: ScriptedZalo, articles: Articles) -> None:
    zalo.success({"message_id": "b1"})
    assert await articles.broadcast(["art_1", "art_2"], {"ages": [2, 3, 4], "cities": [12]}) == "b1"
    assert zalo.asked[0].path == "/api/v2.0/oa/message"
    elements = [{"media_type": "article", "attachment_id": id} for id in ("art_1", "art_2")]
    assert zalo.asked[0].json == {
        "recipient": {"target": {"ages": "2,3,4", "cities": "12"}},
        "message": {"attachment": {"type": "template", "payload": {"template_type": "media", "elements": elements}}},
    }


@pytest.mark.parametrize(
    ("ids", "target", "named"),
    [
        ([], {}, "1 to 5"),
        (["a"] * 6, {}, "1 to 5"),
        (["a"], {"ages": [8]}, "ages"),
        (["a"], {"cities": []}, "cities"),
        (["a"], {"planet": [1]}, "platform"),
    ],
)
async def test_a_broadcast_that_zalo_would_not_take(
    zalo: ScriptedZalo, articles: Articles, ids: Sequence[str], target: dict[str, Sequence[int]], named: str
) -> None:
    with pytest.raises(Refused, match=named) as refused:
        await articles.broadcast(ids, target)
    assert refused.value.why is RefusedReason.WRONG_MESSAGE
    assert zalo.asked == []


@pytest.mark.parametrize(
    ("time", "sent"), [("05:59", False), ("06:00", True), ("21:59", True), ("22:00", False), ("00:00", False)]
)
async def test_nobody_is_woken(
    zalo: ScriptedZalo, articles: Articles, clock: MovedClock, time: str, sent: bool
) -> None:
    clock.at = dt.datetime.combine(NOON.date(), dt.time.fromisoformat(time), VIETNAM_TIME)
    zalo.success({"message_id": "b1"})
    if sent:
        assert await articles.broadcast(["a"]) == "b1"
        return
    with pytest.raises(Refused) as refused:
        await articles.broadcast(["a"])
    assert refused.value.why is RefusedReason.QUIET_HOURS
    assert zalo.asked == []
