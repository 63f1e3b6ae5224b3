"""Zalo's world as the shared chat page shows it, and the pictures that travel through it."""

from __future__ import annotations

from collections import defaultdict

from aiohttp import web

from emulators.chat_page import ChatButton, ChatMessage, ChatState, Photo, iso
from emulators.portal_world import VIETNAM_TIME
from emulators.zalo_faults import Switches
from emulators.zalo_world import Button, Content, Sent, World

_MENU = (
    ChatButton("Thủ tục", "#thutuc"),
    ChatButton("Tra cứu", "#tracuu"),
    ChatButton("Trợ giúp", "#trogiup"),
    ChatButton("Gặp cán bộ", "#gapcanbo"),
)
_ICONS = {":>": "😄", "--b": "😭", ":-((": "😢", "/-strong": "👍", "/-heart": "❤️", ":-h": "😡", ":o": "😮"}
_SHARE = "oa.share.info"


class ZaloChat:
    """What a citizen does with a phone; the page and programs do it alike."""

    def __init__(self, world: World, switches: Switches) -> None:
        self._world = world
        self._switches = switches
        self._seen: dict[str, int] = defaultdict(int)

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/_media/{key}", self._media)

    def look(self, person: str, after: int) -> ChatState:
        talk = [sent for sent in self._world.conversations[person] if sent.seq > after]
        self._see(person, talk)
        return ChatState(
            now=iso(self._world.clock.now()),
            messages=tuple(map(_shown, talk)),
            follows=self._world.people[person].follows,
            menu=_MENU,
        )

    async def say(self, person: str, text: str) -> str:
        self._world.hear(person, Content("text", text))
        return ""

    async def press(self, person: str, payload: str, message_id: str) -> str:
        button = self._button(message_id, payload)
        if button is not None and button.type == _SHARE:
            self.share_details(person)
            return "Đã cung cấp thông tin"
        self.press_payload(person, payload, hidden=button is None or button.type == "oa.query.hide")
        return ""

    async def send_photo(self, person: str, photo: Photo, caption: str) -> None:
        payload = self._world.keep_media(photo.content, photo.content_type, photo.name)
        self._world.hear(person, Content("image", caption, url=payload["url"], payload=payload))

    async def follow(self, person: str, on: bool) -> None:
        self._world.follow(person, on)

    def advance(self, seconds: float) -> None:
        self._world.advance(seconds)

    def press_payload(self, person: str, payload: str, *, hidden: bool) -> str:
        """A query comes as a text of the citizen; gives the message's id."""
        text = f"query:{self._world.stamp()}:0:{payload}" if self._switches.query_wrapped else payload
        return self._world.hear(person, Content("text", text), hidden=hidden)

    def share_details(self, user_id: str) -> None:
        person = self._world.meet(user_id)
        address = {"user_city": "Thành phố Mẫu", "user_ward": "Phường Mẫu", "user_address": "12 đường Mẫu"}
        info = {"name": person.name, "phone": person.phone, "user_dob": "02/09/1990", "full_address": address}
        self._world.event("user_submit_info", user_id, {"info": info})

    def _button(self, message_id: str, payload: str) -> Button | None:
        sent = self._world.messages.get(message_id)
        return next((one for one in sent.buttons if one.value == payload), None) if sent else None

    def _see(self, person: str, talk: list[Sent]) -> None:
        unseen = [sent for sent in talk if not sent.from_citizen and sent.seq > self._seen[person]]
        if unseen:
            self._seen[person] = max(sent.seq for sent in unseen)
            if self._switches.receipts:
                self._world.sees(person, [sent.message_id for sent in unseen])

    async def _media(self, request: web.Request) -> web.Response:
        content, content_type = self._world.media.get(request.match_info["key"], (b"", ""))
        if not content_type:
            raise web.HTTPNotFound
        # A citizen may name anything as the type: nothing of it is to run in the page.
        headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
        return web.Response(body=content, headers={**headers, "Content-Type": content_type})


def _shown(sent: Sent) -> ChatMessage:
    local = sent.content.url if "/_media/" in sent.content.url else ""
    picture = sent.kind in ("image", "gif")
    # Only what this server holds is drawn: the page loads nothing from elsewhere.
    text = sent.text or ("" if picture and local else f"[{sent.kind}] {sent.content.url}".strip())
    return ChatMessage(
        seq=sent.seq,
        id=sent.message_id,
        mine=sent.from_citizen,
        at=iso(sent.at.astimezone(VIETNAM_TIME)),
        text=text,
        image=f"/_media/{local.rpartition('/')[2]}" if picture and local else "",
        file=str(sent.content.payload.get("name", "")) if sent.kind == "file" else "",
        rows=tuple((_drawn(button),) for button in sent.buttons),
        note=_ICONS.get(sent.reaction, ""),
    )


def _drawn(button: Button) -> ChatButton:
    schemes = {"oa.open.url": "", "oa.open.phone": "tel:", "oa.open.sms": "sms:"}
    if button.type in schemes:
        return ChatButton(button.title, url=schemes[button.type] + button.value)
    return ChatButton(button.title, payload=button.value)
