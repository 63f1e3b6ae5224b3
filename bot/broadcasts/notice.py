"""What one recipient reads: the text with its placeholders filled, the choices, and what a channel would cut off."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Callable, Mapping, Sequence

from actions.choices import Payload
from bot.broadcasts.campaign import Content
from bot.house_rules import Rules
from bot.wording.channels import channel_texts
from bot.wording.speaker import SOURCE_LANGUAGE, speaker
from bot.wording.talk import Agency
from connectors.channel import Limits
from connectors.fitting import numbered, split_text, utf16_length
from connectors.messages import Choice, Reply

AGENCY, HOTLINE = "co_quan", "duong_day_nong"
OF_THE_HOUSE = (AGENCY, HOTLINE)  # placeholders that have a value for everybody
LONGEST_VALUE = 100  # of a placeholder, in UTF-16 units: so it is known beforehand that the notice fits
UNSUBSCRIBE = str(Payload("unsubscribe"))
# A placeholder, or a brace that belongs to none.
BRACES = re.compile(r"\{(?P<name>[^{}\n]*)\}|[{}]")

# How a channel counts, where that is not by characters.
_LENGTHS: Mapping[str, Callable[[str], int]] = {"telegram": utf16_length}
# Channels that write the choices below the text, with buttons or without.
_LISTING = frozenset({"zalo"})


class Unfilled(Exception):
    """This recipient has no value, or one that is too long, for these placeholders: do not send to them."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(", ".join(names))
        self.names = tuple(names)


@dataclass(frozen=True)
class Rendering:
    """What a channel would send as one message: ``characters`` as it counts them, ``overflow`` what would be cut."""

    channel: str
    text: str
    characters: int
    limit: int
    overflow: str


def house_facts(agency: Agency, rules: Rules, language: str) -> dict[str, str]:
    """The values of ``OF_THE_HOUSE``."""
    return {AGENCY: agency.name[language], HOTLINE: rules.hotline or agency.hotline}


def text_of(content: Content, language: str, facts: Mapping[str, str]) -> str:
    """The whole text (NFC) for one recipient; ``facts`` are those of their row and of the house. Raises Unfilled."""
    return fill(_layout(content, language), facts)


def fill(text: str, facts: Mapping[str, str]) -> str:
    """Values are put in as one line of plain text and not looked at again. Raises Unfilled."""
    values = {name: plain(facts.get(name, "")) for name in placeholders(text)}
    wrong = [name for name, value in sorted(values.items()) if not 0 < utf16_length(value) <= LONGEST_VALUE]
    if wrong:
        raise Unfilled(wrong)
    filled = BRACES.sub(lambda match: match[0] if match["name"] is None else values[match["name"].strip()], text)
    return unicodedata.normalize("NFC", filled)


def placeholders(*texts: str) -> frozenset[str]:
    names = (match["name"] for text in texts for match in BRACES.finditer(text))
    return frozenset(name.strip() for name in names if name is not None)


def plain(value: str) -> str:
    """In one line, without characters that are none."""
    return unicodedata.normalize("NFC", " ".join("".join(c for c in value if c.isspace() or _is_shown(c)).split()))


def choices_of(content: Content, language: str) -> tuple[Choice, ...]:
    say = speaker(language)
    see = Choice(say("Xem thủ tục"), str(Payload("find_procedure", procedure=content.procedure)))
    return (*([see] if content.see_procedure else []), Choice(say("Ngừng nhận tin"), UNSUBSCRIBE))


def frozen_reply(content: Content, language: str, text: str) -> Reply:
    """The reply whose text was made by ``text_of`` when the campaign was planned."""
    return Reply(text, language, choices=choices_of(content, language))


def reply_of(content: Content, language: str, facts: Mapping[str, str]) -> Reply:
    """Without the picture, which the sender adds. Raises Unfilled."""
    return frozen_reply(content, language, text_of(content, language, facts))


def preview(
    content: Content, facts: Mapping[str, str], limits: Mapping[str, Limits], language: str
) -> list[Rendering]:
    """For each channel; a placeholder without a value is shown as it was written."""
    names = placeholders(_layout(content, language))
    shown = {name: facts.get(name) or f"{{{name}}}" for name in names}
    reply = reply_of(content, language, shown)
    return [rendering(reply, channel, its, bool(content.picture)) for channel, its in limits.items()]


def rendering(reply: Reply, channel: str, limits: Limits, has_picture: bool) -> Rendering:
    """The reply as one message of this channel."""
    length = _LENGTHS.get(channel, len)
    limit = (has_picture and limits.caption_characters) or limits.text_characters
    whole = unicodedata.normalize("NFC", reply.text.strip())
    if channel in _LISTING and reply.choices:
        heading = channel_texts(speaker(reply.language).gettext)["answer_by_number"]
        whole += "\n\n" + unicodedata.normalize("NFC", numbered(reply.choices, heading))
    first = split_text(whole, limit, length)[0]
    return Rendering(channel, first, length(whole), limit, whole[len(first) :].strip())


def _layout(content: Content, language: str) -> str:
    """The whole text as it was written; in Vietnamese where nobody wrote it in this language."""
    written = language if content.body.get(language) else SOURCE_LANGUAGE
    blocks = [content.title if written == SOURCE_LANGUAGE else "", content.body.get(written, "")]
    if content.link:
        titles = content.link_title
        title = titles.get(written) or titles.get(SOURCE_LANGUAGE) or speaker(written)("Xem thêm")
        blocks.append(f"{title}: {content.link}")
    if AGENCY not in placeholders(*blocks):
        blocks.append(f"{{{AGENCY}}}")  # nobody is told anything without being told by whom
    return "\n\n".join(block.strip() for block in blocks if block.strip())


def _is_shown(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cs")
