"""Draws a campaign as one article for all followers of the Zalo account."""

from __future__ import annotations

from bot.broadcasts.campaign import Content
from bot.broadcasts.delivery import Delivery
from bot.broadcasts.pictures import PublicPictures
from bot.wording.speaker import SOURCE_LANGUAGE
from bot.wording.talk import Agency
from connectors.channel import Part
from connectors.fitting import shortened
from connectors.zalo.articles import MOST_CHARACTERS
from connectors.zalo.vehicles import draw_article


class ArticleDrawing:
    """``origin``: where everybody reaches us, "https://..."; Zalo reads the cover there."""

    def __init__(self, pictures: PublicPictures, origin: str, agency: Agency) -> None:
        self._pictures, self._origin, self._agency = pictures, origin, agency

    async def draw(self, delivery: Delivery, content: Content) -> Part:
        """bot.broadcasts.drawing.Draw: the title is the article's, and the body begins with it no more."""
        body = delivery.text.removeprefix(content.title.strip()).strip()
        cover = self._origin + await self._pictures.path(content.picture)
        return draw_article(
            title=content.title.strip(),
            description=shortened(" ".join(body.split()), MOST_CHARACTERS["description"]),
            body=body,
            cover_url=cover,
            author=shortened(self._agency.name[SOURCE_LANGUAGE], MOST_CHARACTERS["author"]),
        )
