"""One call of a method as it arrives: query, form, multipart or JSON read into typed fields, and the refusals."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Mapping, Optional, Sequence

from aiohttp import web

from emulators.telegram_world import Button, Keyboard

_LONGEST_DATA = 64
_MOST_BUTTONS = 100


class Refusal(Exception):
    """An answer with ``ok`` false."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad_request(words: str) -> Refusal:
    return Refusal(400, f"Bad Request: {words}")


@dataclass(frozen=True)
class Upload:
    name: str
    content: bytes
    mime_type: str


class Fields:
    """The parameters of one call. In a form everything is text, and what has a structure is JSON in text."""

    def __init__(self, values: Mapping[str, Any], files: Mapping[str, Upload]) -> None:
        self._values = values
        self._files = files

    def has(self, name: str) -> bool:
        return self._values.get(name) is not None

    def text(self, name: str) -> str:
        value = self._values.get(name)
        return value if isinstance(value, str) else "" if value is None else json.dumps(value)

    def number(self, name: str, default: int = 0) -> int:
        text = self.text(name)
        try:
            return int(text) if text else default
        except ValueError:
            raise bad_request(f"{name.replace('_', ' ')} must be an integer") from None

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in ("true", "yes", "1")

    def mapping(self, name: str) -> Mapping[str, Any]:
        value = self._structure(name, {})
        if not isinstance(value, dict):
            raise bad_request("object expected as " + name.replace("_", " "))
        return value

    def sequence(self, name: str) -> Optional[Sequence[Any]]:
        """None when it is not given."""
        value = self._structure(name, None)
        if value is not None and not isinstance(value, list):
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object")
        return value

    def upload(self, name: str) -> Optional[Upload]:
        """The file itself, or the one that ``attach://`` names."""
        attached = self.text(name).removeprefix("attach://")
        return self._files.get(name) or self._files.get(attached)

    def _structure(self, name: str, default: Any) -> Any:
        value = self._values.get(name)
        if not isinstance(value, str):
            return default if value is None else value
        return _parsed(value, name.replace("_", " ")) if value else default


def _parsed(source: str | bytes, what: str) -> Any:
    try:
        value = json.loads(source)
    except (ValueError, RecursionError):
        raise bad_request(f"can't parse {what} JSON object") from None
    try:
        # JSON can name half a character, which no text may hold.
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise bad_request("strings must be encoded in UTF-8") from None
    return value


async def read_fields(request: web.Request) -> Fields:
    """Raises Refusal for a body that is not what its type says."""
    values: dict[str, Any] = dict(request.query)
    files: dict[str, Upload] = {}
    if request.content_type == "application/json":
        body = _parsed(await request.read() or b"{}", "request")
        if not isinstance(body, dict):
            raise bad_request("can't parse request JSON object")
        values.update(body)
    else:
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                files[name] = Upload(value.filename, value.file.read(), value.content_type)
            else:
                values[name] = value
    return Fields(values, files)


def read_keyboard(fields: Fields) -> Keyboard:
    """The inline keyboard of ``reply_markup``; other keyboards are no part of a message and give none."""
    rows = fields.mapping("reply_markup").get("inline_keyboard", [])
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(
            'can\'t parse reply keyboard markup JSON object: Field "inline_keyboard" must be of type Array'
        )
    keyboard = tuple(tuple(map(_button, row)) for row in rows if row)
    if sum(map(len, keyboard)) > _MOST_BUTTONS:
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    return keyboard


def _button(raw: Any) -> Button:
    if not isinstance(raw, dict) or not isinstance(raw.get("text"), str):
        raise bad_request('can\'t parse inline keyboard button: Field "text" must be of type String')
    text, data, url = raw["text"].strip(), raw.get("callback_data"), raw.get("url")
    if not text:
        raise bad_request("inline keyboard button text must be non-empty")
    if isinstance(url, str) and url:
        if not url.startswith(("http://", "https://", "tg://")):
            raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
        return Button(text, url=url)
    if not isinstance(data, str):
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if not 1 <= len(data.encode()) <= _LONGEST_DATA:
        raise bad_request("BUTTON_DATA_INVALID")
    return Button(text, data)
