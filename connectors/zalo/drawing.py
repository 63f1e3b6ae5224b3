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

# Language ("vi", "en"): name: sentence; bot.wording.channels lists them.
Texts = Mapping[str, Mapping[str, str]]


def draw_reply(reply: Reply, mark: str, quoted: Optional[str], texts: Texts, buttons: bool) -> list[Part]:
    """The ``message`` of each sending. Choices stand under the last piece; numbers work where no buttons are shown."""
    heading = texts.get(reply.language, texts["vi"])["answer_by_number"]
    parts: list[dict[str, Any]] = [{"text": piece} for piece in _pieces(reply, heading)]
    if not parts:
        return []
    if buttons and reply.choices:
        drawn = [_button(choice, f"#{mark}.{number}") for number, choice in enumerate(reply.choices[:BUTTONS])]
        parts[-1]["attachment"] = {"type": "template", "payload": {"buttons": drawn}}
    if quoted is not None:
        parts[0]["quote_message_id"] = quoted
    return list(parts)


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
