"""What a channel is given to send: one message with its choices, a template, or what another draws."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from bot.broadcasts.campaign import Content, Vehicle
from bot.broadcasts.delivery import Delivery
from bot.broadcasts.drawing import Drawing
from connectors.channel import Part
from connectors.errors import Refused
from connectors.messages import Address, Picture
from connectors.zalo.drawing import draw_reply
from tests.bot.paper_channel import PaperChannel

CONTENT = Content(title="Lịch tiếp dân", body={"vi": "…"}, template="300001", picture=7)
DELIVERY = Delivery(12, 1, Address("zalo", "8123"), "c", "vi", Vehicle.MESSAGE, "Thứ Bảy nghỉ.", 0, "w")
TEMPLATE = '{"ten":"Nguyễn Văn An","ngay":"28/11/2026"}'
ANH = Picture(7, "anh.png", "image/png")


class Screen(PaperChannel):
    def draw(self, reply, mark, quoted=None):  # type: ignore[no-untyped-def]
        return draw_reply(reply, mark, quoted, {"vi": {"answer_by_number": "Trả lời bằng số:"}}, buttons=True)


async def _picture(id: int) -> Picture:
    assert id == ANH.id
    return ANH


async def _article(delivery: Delivery, content: Content) -> Part:
    return {"article": content.title}


@pytest.fixture
def drawing() -> Drawing:
    return Drawing(_picture, _article)


async def test_a_message_carries_its_choices_under_the_mark_of_the_delivery(drawing: Drawing) -> None:
    part, reply = await drawing.draw(Screen(), DELIVERY, msgspec.structs.replace(CONTENT, picture=0))
    assert reply is not None
    assert (reply.text, reply.picture) == ("Thứ Bảy nghỉ.", None)
    assert [choice.title for choice in reply.choices] == ["Ngừng nhận tin"]
    (button,) = part["attachment"]["payload"]["buttons"]
    assert button["payload"] == "#b12.0"


async def test_a_message_carries_its_picture(drawing: Drawing) -> None:
    part, reply = await drawing.draw(Screen(), DELIVERY, CONTENT)
    assert reply is not None
    assert reply.picture == ANH
    assert part["text"].startswith("Thứ Bảy nghỉ.")


async def test_what_would_be_two_messages_is_refused(drawing: Drawing) -> None:
    with pytest.raises(Refused):
        await drawing.draw(Screen(), replace(DELIVERY, text="dài " * 1000), CONTENT)


async def test_a_template_is_filled_with_what_was_frozen(drawing: Drawing) -> None:
    part, reply = await drawing.draw(Screen(), replace(DELIVERY, vehicle=Vehicle.TEMPLATE, text=TEMPLATE), CONTENT)
    facts = {"ten": "Nguyễn Văn An", "ngay": "28/11/2026"}
    assert part == {"template": {"id": "300001", "facts": facts}}
    assert reply is not None
    assert reply.text == "Nguyễn Văn An\n28/11/2026"
    assert reply.choices == ()


async def test_what_goes_to_a_phone_or_to_all_followers_is_no_line_of_a_conversation(drawing: Drawing) -> None:
    part, reply = await drawing.draw(Screen(), replace(DELIVERY, vehicle=Vehicle.PHONE, text=TEMPLATE), CONTENT)
    assert part["phone_template"]["tracking_id"] == "b12"
    assert reply is None
    part, reply = await drawing.draw(Screen(), replace(DELIVERY, vehicle=Vehicle.ARTICLE), CONTENT)
    assert (part, reply) == ({"article": "Lịch tiếp dân"}, None)
