"""Draws a reply as Telegram messages: pieces of text in Telegram's HTML, and an inline keyboard under the last one."""

from __future__ import annotations

import html
import unicodedata
from typing import Any, Mapping, Optional, Sequence

from connectors.channel import Limits, Part
from connectors.fitting import numbered, shortened, split_text, utf16_length
from connectors.messages import Choice, Reply

# ``text_characters`` in UTF-16 units, after Telegram has read the markup. Telegram would take longer titles, but a
# telephone shows about so much of one.
LIMITS = Limits(text_characters=4096, choices=10, choice_title=60, caption_characters=1024)
# In a part: the number of one of our pictures, whose caption is the text.
PICTURE = "picture"
# Language ("vi", "en"): name: sentence. bot.wording.channels lists them.
Texts = Mapping[str, Mapping[str, str]]


def draw(reply: Reply, mark: str, quoted: Optional[str], texts: Texts) -> Sequence[Part]:
    """Parts {"text": HTML, "buttons": [[title, data], ...], "reply_to": message id, "picture": number}; all but the
    text only when needed, the picture with the first.
    """
    buttons = [_button(choice, number, mark) for number, choice in enumerate(reply.choices[: LIMITS.choices])]
    # The plain text is cut, then escaped: no tag and no entity can be cut through.
    pieces = _pieces(_whole_text(reply, texts), has_picture=reply.picture is not None)
    titles = [unicodedata.normalize("NFC", card.title) for card in reply.cards if card.title.strip()]
    parts: list[dict[str, Any]] = [{"text": _marked_up(piece, titles)} for piece in pieces]
    if reply.picture is not None and parts:
        parts[0][PICTURE] = reply.picture.id
    if buttons and parts:
        parts[-1]["buttons"] = buttons
    if quoted is not None:
        for part in parts:
            part["reply_to"] = quoted
    return parts


def _pieces(text: str, has_picture: bool) -> Sequence[str]:
    if not has_picture:
        return split_text(text, LIMITS.text_characters, utf16_length)
    text = unicodedata.normalize("NFC", text).strip()
    caption = split_text(text, LIMITS.caption_characters, utf16_length)[:1]
    return [*caption, *split_text(text[len("".join(caption)) :], LIMITS.text_characters, utf16_length)]


def _whole_text(reply: Reply, texts: Texts) -> str:
    """The text, and the choices in full where the buttons cannot show them: they are answered by their number."""
    words = texts.get(reply.language) or texts["vi"]
    lines = [_encodable(reply.text)] if reply.text.strip() else []
    cut = len(reply.choices) > LIMITS.choices or any(_title(choice) != _in_one_line(choice) for choice in reply.choices)
    if reply.choices and (cut or not lines):
        in_lines = [Choice(_in_one_line(choice), choice.payload) for choice in reply.choices]
        lines.append(numbered(in_lines, words["answer_by_number"]))
    return "\n\n".join(lines)


def _button(choice: Choice, number: int, mark: str) -> list[str]:
    return [_title(choice) or str(number + 1), f"{mark}.{number}"]


def _title(choice: Choice) -> str:
    return shortened(_in_one_line(choice), LIMITS.choice_title, utf16_length)


def _in_one_line(choice: Choice) -> str:
    return unicodedata.normalize("NFC", " ".join(_encodable(choice.title).split()))


def _encodable(text: str) -> str:
    """Half a surrogate pair cannot be sent, and nothing that is said contains NUL."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def _marked_up(piece: str, titles: Sequence[str]) -> str:
    """Escaped, with the lines in bold that are the title of a card."""
    lines = ((line.removesuffix(":") in titles, html.escape(line, quote=False)) for line in piece.split("\n"))
    return "\n".join(f"<b>{line}</b>" if is_title else line for is_title, line in lines)
