"""Draws replies as Zalo's messages: plain text in pieces, choices as numbered lines and, where allowed, as buttons."""

from __future__ import annotations

import unicodedata
from typing import Any, Mapping, Optional, Sequence

from connectors.channel import Part
from connectors.fitting import numbered, shortened, split_text
from connectors.messages import Choice, Reply

TEXT_CHARACTERS = 2_000
BUTTONS = 5
BUTTON_TITLE = 100
_REQUEST_TITLE = 100
_REQUEST_SUBTITLE = 500

# In a part: the number of one of our pictures, which has another name with Zalo every week.
PICTURE = "picture"

# Language ("vi", "en"): name: sentence; bot.wording.channels lists them.
Texts = Mapping[str, Mapping[str, str]]


def draw_reply(reply: Reply, mark: str, quoted: Optional[str], texts: Texts, buttons: bool) -> list[Part]:
    """The ``message`` of each sending. Choices stand under the last piece; numbers work where no buttons are shown.

    A picture goes with the first piece, which has no buttons then: they are not known to come with one.
    """
    heading = texts.get(reply.language, texts["vi"])["answer_by_number"]
    parts: list[dict[str, Any]] = [{"text": piece} for piece in _pieces(reply, heading)]
    if not parts:
        return []
    if reply.picture is not None:
        parts[0][PICTURE] = reply.picture.id
    if buttons and reply.choices and PICTURE not in parts[-1]:
        drawn = [_button(choice, f"#{mark}.{number}") for number, choice in enumerate(reply.choices[:BUTTONS])]
        parts[-1]["attachment"] = {"type": "template", "payload": {"buttons": drawn}}
    if quoted is not None:
        parts[0]["quote_message_id"] = quoted
    return list(parts)


def with_attachment(part: Part, attachment_id: str) -> Part:
    """The ``message`` of a part with a picture that Zalo knows by this id."""
    element = {"media_type": "image", "attachment_id": attachment_id}
    attachment = {"type": "template", "payload": {"template_type": "media", "elements": [element]}}
    return {**without_picture(part), "attachment": attachment}


def without_picture(part: Part) -> Part:
    return {name: value for name, value in part.items() if name != PICTURE}


def draw_details_request(words: Mapping[str, str], image_url: str) -> Part:
    """Asks a citizen to share name and phone number; Zalo shows it as a card with a button."""
    card = {
        "title": shortened(words["request_info_title"], _REQUEST_TITLE),
        "subtitle": shortened(words["request_info_subtitle"], _REQUEST_SUBTITLE),
        "image_url": image_url,
    }
    payload = {"template_type": "request_user_info", "elements": [card]}
    return {"attachment": {"type": "template", "payload": payload}}


def _pieces(reply: Reply, heading: str) -> Sequence[str]:
    pieces = split_text(reply.text, TEXT_CHARACTERS)
    if not reply.choices:
        return pieces
    lines = unicodedata.normalize("NFC", numbered(reply.choices, heading))
    if pieces and len(pieces[-1]) + 2 + len(lines) <= TEXT_CHARACTERS:
        return [*pieces[:-1], f"{pieces[-1]}\n\n{lines}"]
    return [*pieces, *split_text(lines, TEXT_CHARACTERS)]


def _button(choice: Choice, payload: str) -> Mapping[str, str]:
    return {"title": shortened(choice.title, BUTTON_TITLE), "type": "oa.query.hide", "payload": payload}
