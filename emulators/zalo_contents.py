"""What Zalo accepts as a message of the account, and what it says to anything else."""

from __future__ import annotations

from typing import Any, Mapping, Protocol

from emulators.zalo_faults import Switches
from emulators.zalo_wire import (
    Refusal,
    address_of,
    invalid,
    list_of,
    number_of,
    object_of,
    public_address_of,
    text_of,
    too_long,
)
from emulators.zalo_world import Button, Content

_TEXT = 2000
_TITLE = 100
_SUBTITLE = 500
_PAYLOAD = 1000
_SMS = 160
_MOST = 5


class Assets(Protocol):
    """What was uploaded."""

    def image(self, attachment_id: Any) -> str:
        """Its address. Raises Refusal."""

    def file(self, token: Any) -> str:
        """Its name. Raises Refusal."""


class Contents:
    def __init__(self, assets: Assets, switches: Switches) -> None:
        self._assets = assets
        self._switches = switches

    def read(self, message: Any) -> Content:
        """Raises Refusal. Whether ``quote_message_id`` exists is for the caller to say."""
        message = object_of(message, "message")
        for name in message:
            if name not in ("text", "attachment", "quote_message_id"):
                raise invalid(name)
        text = text_of(message, "text", _TEXT) if "text" in message else ""
        if "attachment" not in message:
            if not text:
                raise invalid("text")
            return Content("text", text)
        attachment = object_of(message["attachment"], "attachment")
        payload = object_of(attachment.get("payload"), "payload")
        if attachment.get("type") == "file":
            name = self._assets.file(payload.get("token"))
            return Content("file", text or name, payload={"name": name})
        if attachment.get("type") != "template":
            raise invalid("attachment type")
        return self._template(payload, text)

    def _template(self, payload: Mapping[str, Any], text: str) -> Content:
        kind = payload.get("template_type")
        if kind is None:
            return self._with_buttons(payload, text)
        if kind == "media":
            return self._media(payload, text)
        if kind == "request_user_info":
            return _request_for_details(payload)
        if kind == "list" and self._switches.list_allowed:
            return _list(payload)
        raise Refusal(-233, "Message type is not supported") if kind == "list" else invalid("template_type")

    def _with_buttons(self, payload: Mapping[str, Any], text: str) -> Content:
        if not text:
            raise invalid("text")
        if not self._switches.buttons_allowed:
            raise invalid("attachment")
        return Content("text", text, _buttons(payload))

    def _media(self, payload: Mapping[str, Any], text: str) -> Content:
        (element,) = list_of(payload.get("elements"), "elements", 1)
        element = object_of(element, "elements")
        kind = element.get("media_type")
        if kind not in ("image", "gif", "sticker"):
            raise invalid("media_type")
        if ("url" in element) == ("attachment_id" in element) or (kind == "sticker" and "url" in element):
            raise invalid("url or attachment_id")
        if kind == "gif" and not (number_of(element, "width", 0) and number_of(element, "height", 0)):
            raise invalid("width and height")
        if "url" in element:
            url = public_address_of(element, "url")
        elif kind == "sticker":
            url = text_of(element, "attachment_id", _TITLE)
        else:
            url = self._assets.image(element["attachment_id"])
        buttons = _buttons(payload) if "buttons" in payload else ()
        return Content(kind, text, buttons, url, {"url": url, "thumbnail": url})


def _request_for_details(payload: Mapping[str, Any]) -> Content:
    (element,) = list_of(payload.get("elements"), "elements", 1)
    element = object_of(element, "elements")
    title, subtitle = text_of(element, "title", _TITLE), text_of(element, "subtitle", _SUBTITLE)
    url = public_address_of(element, "image_url")
    share = Button("Cung cấp thông tin", "oa.share.info", "share")
    return Content("request_user_info", f"{title}\n{subtitle}", (share,), url)


def _list(payload: Mapping[str, Any]) -> Content:
    elements = [object_of(one, "elements") for one in list_of(payload.get("elements"), "elements", _MOST)]
    text_of(elements[0], "subtitle", _SUBTITLE)
    buttons = []
    for element in elements:
        title = text_of(element, "title", _TITLE)
        action = element.get("default_action")
        if action is not None:
            # Here the address lies flat, under buttons it lies in the payload.
            action = object_of(action, "default_action")
            flat = {**action, "title": title}
            buttons.append(_button({**flat, "payload": action} if action.get("type") == "oa.open.url" else flat))
    return Content("list", "\n".join(element["title"] for element in elements), tuple(buttons))


def _buttons(payload: Mapping[str, Any]) -> tuple[Button, ...]:
    return tuple(_button(object_of(one, "buttons")) for one in list_of(payload.get("buttons"), "buttons", _MOST))


def _button(button: Mapping[str, Any]) -> Button:
    title, kind = text_of(button, "title", _TITLE), button.get("type")
    if kind in ("oa.query.show", "oa.query.hide"):
        return Button(title, kind, text_of(button, "payload", _PAYLOAD))
    payload = object_of(button.get("payload"), "payload")
    if kind == "oa.open.url":
        return Button(title, kind, address_of(payload, "url"))
    if kind == "oa.open.phone":
        return Button(title, kind, text_of(payload, "phone_code", 20))
    if kind == "oa.open.sms":
        if len(text_of(payload, "content")) > _SMS:
            raise too_long("content")
        return Button(title, kind, text_of(payload, "phone_code", 20))
    raise invalid("type")
