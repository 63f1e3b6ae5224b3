"""Telegram's strict reading of HTML and MarkdownV2: text and entities, or the refusal in Telegram's words.

Known of MarkdownV2: all but expandable quotations. Nothing else is a parse mode here, the legacy "Markdown" neither.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field, replace
from typing import Any, Iterable, Mapping, Optional, Sequence


class BadMarkup(ValueError):
    """The words that follow "Bad Request: "."""


@dataclass(frozen=True)
class Entity:
    """``offset`` and ``length`` count UTF-16 units; ``more`` is what some types have besides, such as ``url``."""

    type: str
    offset: int
    length: int
    more: Mapping[str, Any] = field(default_factory=dict)

    def wire(self) -> dict[str, Any]:
        return {"type": self.type, "offset": self.offset, "length": self.length, **self.more}

    def covered(self, text: str) -> str:
        """The part of the text that it is about."""
        return text.encode("utf-16-le")[2 * self.offset : 2 * (self.offset + self.length)].decode("utf-16-le")


@dataclass(frozen=True)
class Marked:
    text: str
    entities: tuple[Entity, ...] = ()


def units(text: str) -> int:
    """The text's length as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2


def read_marked(text: str, parse_mode: str = "", given: Sequence[Mapping[str, Any]] = ()) -> Marked:
    """What Telegram stores of ``text``: marks read, blanks around it gone, links found. Raises BadMarkup."""
    if not parse_mode:
        plain, spans = text, [_given(text, entity) for entity in given]
    elif parse_mode.lower() == "html":
        plain, spans = _Html(text).read()
    elif parse_mode.lower() == "markdownv2":
        plain, spans = _MarkdownV2(text).read()
    else:
        raise BadMarkup("unsupported parse_mode")
    first, last = len(plain) - len(plain.lstrip()), len(plain.rstrip())
    plain, spans = plain.strip(), [_clipped(span, first, last) for span in spans]
    spans = _without_nested_in_code([span for span in spans if span.length > 0])
    spans += _found(plain, spans)
    spans.sort(key=lambda span: (span.offset, -span.length))
    return Marked(plain, tuple(_in_units(plain, span) for span in spans))


def _given(text: str, entity: Mapping[str, Any]) -> Entity:
    try:
        kind, offset, length = str(entity["type"]), int(entity["offset"]), int(entity["length"])
    except (KeyError, TypeError, ValueError):
        raise BadMarkup("can't parse MessageEntity") from None
    raw = text.encode("utf-16-le")
    start, end = (len(raw[: 2 * place].decode("utf-16-le", "ignore")) for place in (offset, offset + length))
    more = {name: entity[name] for name in ("url", "language", "user", "custom_emoji_id") if name in entity}
    return Entity(kind, start, end - start, more)


def _clipped(span: Entity, first: int, last: int) -> Entity:
    start = max(span.offset, first)
    return replace(span, offset=start - first, length=min(span.offset + span.length, last) - start)


def _without_nested_in_code(spans: Iterable[Entity]) -> list[Entity]:
    kept: list[Entity] = []
    for span in sorted(spans, key=lambda one: (one.offset, -one.length)):
        if not any(_overlap(span, other) for other in kept if other.type in ("code", "pre")):
            kept.append(span)
    return kept


def _overlap(one: Entity, other: Entity) -> bool:
    return one.offset < other.offset + other.length and other.offset < one.offset + one.length


def _in_units(text: str, span: Entity) -> Entity:
    end = span.offset + span.length
    return replace(span, offset=units(text[: span.offset]), length=units(text[span.offset : end]))


_FINDABLE = re.compile(
    r"(?P<url>https?://[^\s<>\"]*[^\s<>\".,;:!?)])"
    r"|(?P<email>[\w.+-]+@[\w-]+\.[\w.-]*\w)"
    r"|(?<![\w@])(?P<mention>@[A-Za-z]\w{3,31})\b"
    r"|(?<![\w&#])(?P<hashtag>#\w*[^\W\d]\w*)"
    r"|(?<![\w/<>])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?)(?![\w/<>])"
)


def _found(text: str, spans: Sequence[Entity]) -> list[Entity]:
    """What Telegram makes touchable by itself."""
    taken = [span for span in spans if span.type in ("code", "pre", "text_link", "custom_emoji")]
    found = [
        Entity(str(match.lastgroup), match.start(), match.end() - match.start()) for match in _FINDABLE.finditer(text)
    ]
    return [span for span in found if not any(_overlap(span, other) for other in taken)]


def _is_link(url: str) -> bool:
    return re.match(r"(?:https?://|tg://|ton://)?[^\s/]+", url) is not None and ("." in url or "tg://" in url)


class _Reader:
    """A text being read: what has been understood, and what is still open."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.text = ""
        self.spans: list[Entity] = []

    def close(self, kind: str, start: int, more: Optional[Mapping[str, Any]] = None) -> None:
        self.spans.append(Entity(kind, start, len(self.text) - start, more or {}))

    def close_link(self, start: int, url: str) -> None:
        """An address that is none leaves plain text, as Telegram does."""
        if _is_link(url):
            self.close("text_link", start, {"url": url})

    def wrong(self, words: str, at: int) -> BadMarkup:
        return BadMarkup(f"can't parse entities: {words} at byte offset {len(self.source[:at].encode())}")


_TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "span": "spoiler", "tg-spoiler": "spoiler",
    "a": "text_link", "code": "code", "pre": "pre", "blockquote": "blockquote", "tg-emoji": "custom_emoji",
}  # fmt: skip
_START = re.compile(r"<([a-z][\w-]*)((?:\s+[\w-]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>\"']+))?)*)\s*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w-]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+)))?")
_CHARACTER = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-f]+);?", re.IGNORECASE)


def _unescaped(text: str) -> str:
    """Only the names Telegram knows; any other ampersand is itself."""
    return _CHARACTER.sub(lambda match: html.unescape(match.group().rstrip(";") + ";"), text)


@dataclass(frozen=True)
class _Open:
    tag: str
    start: int
    attributes: Mapping[str, str]


class _Html(_Reader):
    def read(self) -> tuple[str, list[Entity]]:
        open_tags: list[_Open] = []
        at = 0
        while at < len(self.source):
            if self.source[at] != "<":
                end = self.source.find("<", at)
                end = len(self.source) if end < 0 else end
                self.text += _unescaped(self.source[at:end])
                at = end
            elif self.source.startswith("</", at):
                at = self._end_tag(at, open_tags)
            else:
                at = self._start_tag(at, open_tags)
        if open_tags:
            tag = open_tags[-1].tag
            raise BadMarkup(f"can't parse entities: Can't find end tag corresponding to start tag \"{tag}\"")
        return self.text, self.spans

    def _start_tag(self, at: int, open_tags: list[_Open]) -> int:
        name = re.match(r"[^\s>]*", self.source[at + 1 :])
        tag = name.group().lower() if name else ""
        if ">" not in self.source[at:] and tag in _TAGS:
            raise self.wrong("Unclosed start tag", at)
        if tag not in _TAGS:
            raise self.wrong(f'Unsupported start tag "{tag}"', at)
        match = _START.match(self.source, at)
        if match is None:
            raise self.wrong("Unclosed start tag", at)
        attributes = {
            key.lower(): _unescaped(next(filter(None, values), ""))
            for key, *values in _ATTRIBUTE.findall(match.group(2))
        }
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise self.wrong('Tag "span" must have class "tg-spoiler"', at)
        open_tags.append(_Open(tag, len(self.text), attributes))
        return match.end()

    def _end_tag(self, at: int, open_tags: list[_Open]) -> int:
        end = self.source.find(">", at)
        if end < 0:
            raise self.wrong("Unclosed end tag", at)
        if not open_tags:
            raise self.wrong("Unexpected end tag", at)
        name, opened = self.source[at + 2 : end].strip().lower(), open_tags.pop()
        if name not in ("", opened.tag):
            raise self.wrong(f'Unmatched end tag, expected "</{opened.tag}>", found "</{name}>"', at)
        self._close_tag(opened)
        return end + 1

    def _close_tag(self, opened: _Open) -> None:
        inside = self.text[opened.start :]
        kind = _TAGS[opened.tag]
        if opened.tag == "a":
            self.close_link(opened.start, opened.attributes.get("href", inside))
        elif opened.tag == "blockquote" and "expandable" in opened.attributes:
            self.close("expandable_blockquote", opened.start)
        elif opened.tag == "tg-emoji":
            self.close(kind, opened.start, {"custom_emoji_id": opened.attributes.get("emoji-id", "")})
        elif opened.tag == "code" and opened.attributes.get("class", "").startswith("language-"):
            self.close(kind, opened.start, {"language": opened.attributes["class"][len("language-") :]})
        elif opened.tag == "pre":
            code = self.spans[-1] if self.spans else Entity("", -1, 0)
            whole = (code.type, code.offset, code.length) == ("code", opened.start, len(inside))
            self.close(kind, opened.start, code.more if whole else {})
            if whole:
                self.spans.remove(code)
        else:
            self.close(kind, opened.start)


_RESERVED = "_*[]()~`>#+-=|{}.!"
# Longest first: "__" is never two italics.
_MARKS = {
    "```": "Pre", "`": "Code", "__": "Underline", "_": "Italic", "*": "Bold", "~": "Strikethrough", "||": "Spoiler",
    "![": "CustomEmoji", "[": "TextUrl",
}  # fmt: skip


class _MarkdownV2(_Reader):
    def read(self) -> tuple[str, list[Entity]]:
        open_marks: list[tuple[str, int, int]] = []
        quote: Optional[int] = None
        at = 0
        while at < len(self.source):
            first_in_line = at == 0 or self.source[at - 1] == "\n"
            inside_code = bool(open_marks) and open_marks[-1][0] in ("`", "```")
            character = self.source[at]
            if first_in_line and not open_marks and quote is not None and character != ">":
                self.close("blockquote", quote)
                quote = None
            if character == "\\" and at + 1 < len(self.source) and ord(self.source[at + 1]) < 127:
                self.text += self.source[at + 1]
                at += 2
            elif character not in ("`" if inside_code else _RESERVED):
                self.text += character
                at += 1
            elif first_in_line and not open_marks and character == ">":
                quote = len(self.text) if quote is None else quote
                at += 1
            else:
                at = self._mark(at, open_marks)
        if open_marks:
            mark, _, opened_at = open_marks[-1]
            raise self.wrong(f"Can't find end of {_MARKS[mark]} entity", opened_at)
        if quote is not None:
            self.close("blockquote", quote)
        return self.text, self.spans

    def _mark(self, at: int, open_marks: list[tuple[str, int, int]]) -> int:
        if open_marks:
            mark, start, _ = open_marks[-1]
            closing = "]" if mark.endswith("[") else mark
            ends = self.source.startswith(closing, at) and not (mark == "_" and self.source.startswith("__", at))
            if ends:
                open_marks.pop()
                return self._close_mark(mark, start, at + len(closing))
        opening = next((mark for mark in _MARKS if self.source.startswith(mark, at)), None)
        if opening is None:
            words = f"Character '{self.source[at]}' is reserved and must be escaped with the preceding '\\'"
            raise BadMarkup(f"can't parse entities: {words}")
        open_marks.append((opening, len(self.text), at))
        if opening != "```":
            return at + len(opening)
        # The word behind the mark is the language when a line break follows it.
        language = re.match(r"```[\w+#-]*\n", self.source[at:])
        return at + (language.end() if language else len(opening))

    def _close_mark(self, mark: str, start: int, at: int) -> int:
        if mark == "```":
            opened = self.source.rfind("```", 0, at - 3)
            language = re.match(r"```([\w+#-]+)\n", self.source[opened:])
            self.close("pre", start, {"language": language.group(1)} if language else {})
        elif mark.endswith("["):
            return self._close_address(mark, start, at)
        else:
            self.close(_MARKS[mark].lower(), start)
        return at

    def _close_address(self, mark: str, start: int, at: int) -> int:
        """What follows "[text]": the address in round brackets, or the text itself is the address."""
        match = re.match(r"\(((?:\\.|[^)\\])*)(\)?)", self.source[at:], re.DOTALL)
        if match is not None and not match.group(2):
            raise self.wrong("Can't find end of a URL", at)
        url = re.sub(r"\\(.)", r"\1", match.group(1)) if match else self.text[start:]
        if mark == "[":
            self.close_link(start, url)
        else:
            emoji = re.fullmatch(r"tg://emoji\?id=(\d+)", url)
            if emoji is None:
                raise self.wrong("Custom emoji URL must have an emoji identifier", at)
            self.close("custom_emoji", start, {"custom_emoji_id": emoji.group(1)})
        return at + (match.end() if match else 0)
