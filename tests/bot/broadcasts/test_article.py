"""A campaign as an article: what Zalo shows as title, summary, text and cover."""

from __future__ import annotations

import pytest

from bot.broadcasts.article import ArticleDrawing
from bot.broadcasts.campaign import Content, Vehicle
from bot.broadcasts.delivery import Delivery
from bot.broadcasts.pictures import Pictures, PublicPictures
from bot.storage import Database
from bot.wording.talk import Agency
from connectors.messages import Address
from connectors.pictures import NoSuchPicture
from tests.connectors.kept_pictures import png

AGENCY = Agency(name={"vi": "Ủy ban nhân dân phường Mẫu, thành phố Mẫu, tỉnh Mẫu Lớn"}, hotline="", hours={})
BODY = "Từ ngày 01/12/2026, phường làm việc cả sáng thứ bảy. " * 10


def delivery(text: str) -> Delivery:
    return Delivery(1, 1, Address("zalo", "followers:"), None, "vi", Vehicle.ARTICLE, text, 0, "w")


async def test_what_everybody_reads(database: Database) -> None:
    pictures = Pictures(database)
    shown, kept = PublicPictures(pictures), await pictures.keep("a.png", png())
    content = Content(title="Giờ làm việc mới", body={"vi": BODY}, picture=kept.id, article=True)
    drawing = ArticleDrawing(shown, "https://mot-cua.example.gov.vn", AGENCY)
    (article,) = (await drawing.draw(delivery(f"{content.title}\n\n{BODY}"), content)).values()
    assert (article["title"], article["body"]) == ("Giờ làm việc mới", BODY.strip())
    assert article["cover_url"] == "https://mot-cua.example.gov.vn" + await shown.path(kept.id)
    assert len(article["description"]) <= 300
    assert len(article["author"]) <= 50


async def test_without_its_cover_there_is_no_article(database: Database) -> None:
    drawing = ArticleDrawing(PublicPictures(Pictures(database)), "https://mot-cua.example.gov.vn", AGENCY)
    with pytest.raises(NoSuchPicture):
        await drawing.draw(delivery("Nội dung"), Content(title="Tin", body={"vi": "Nội dung"}, article=True))
