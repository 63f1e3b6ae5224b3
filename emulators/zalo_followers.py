"""Who follows the account, what is known of them, their tags, and what was said: Zalo's reading endpoints."""

from __future__ import annotations

import datetime as dt
from typing import Any, Mapping

from aiohttp import web

from emulators.portal_world import VIETNAM_TIME
from emulators.zalo_wire import Refusal, invalid, millis, number_of, object_of, read_body, read_data, success, text_of
from emulators.zalo_world import OA_NAME, Person, Sent, World

_PAGE = 50
_LAST_OFFSET = 9951
_LINES = 10
_PERIODS = {"TODAY": (0, 0), "YESTERDAY": (1, 1), "L7D": (7, 0), "L30D": (30, 0)}
# Words of the conversation endpoint for what is not a text.
_TYPES = {"image": "photo", "gif": "GIF", "audio": "voice", "list": "links", "article": "links"}


class Followers:
    """Answers getlist, detail, update, tags, listrecentchat, conversation and getoa."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/v3.0/oa/user/getlist", self._list)
        router.add_get("/v3.0/oa/user/detail", self._detail)
        router.add_post("/v3.0/oa/user/update", self._update)
        router.add_get("/v2.0/oa/listrecentchat", self._recent)
        router.add_get("/v2.0/oa/conversation", self._conversation)
        router.add_get("/v2.0/oa/getoa", self._account)
        router.add_get("/v2.0/oa/tag/gettagsofoa", self._tags)
        router.add_post("/v2.0/oa/tag/tagfollower", self._tag)
        router.add_post("/v2.0/oa/tag/rmfollowerfromtag", self._untag)
        router.add_post("/v2.0/oa/tag/rmtag", self._remove_tag)

    async def _list(self, request: web.Request) -> web.Response:
        asked = read_data(request)
        offset, count = number_of(asked, "offset", 0), number_of(asked, "count", _PAGE)
        if offset > _LAST_OFFSET or not 0 < count <= _PAGE:
            raise Refusal(-210, "offset or count exceeds the limit")
        people = [person for person in self._world.people.values() if self._fits(person, asked)]
        users = [{"user_id": person.id} for person in people[offset : offset + count]]
        return success({"total": len(people), "count": len(users), "offset": offset, "users": users})

    def _fits(self, person: Person, asked: Mapping[str, Any]) -> bool:
        if person.last_interaction is None:
            return False
        follows = asked.get("is_follower")
        if follows is not None and person.follows != (follows in (True, "true")):
            return False
        if "tag_name" in asked and asked["tag_name"] not in person.tags:
            return False
        if "last_interaction_period" not in asked:
            return True
        first, last = self._period(asked["last_interaction_period"])
        return first <= person.last_interaction.astimezone(VIETNAM_TIME).date() <= last

    def _period(self, period: Any) -> tuple[dt.date, dt.date]:
        today = self._world.clock.now().astimezone(VIETNAM_TIME).date()
        if period in _PERIODS:
            first, last = (today - dt.timedelta(days=days) for days in _PERIODS[period])
            return first, last
        try:
            first, last = (dt.datetime.strptime(day, "%Y_%m_%d").date() for day in str(period).split(":"))
        except ValueError:
            raise invalid("last_interaction_period") from None
        return first, last

    async def _detail(self, request: web.Request) -> web.Response:
        person = self._world.find(read_data(request).get("user_id"))
        if person.last_interaction is None:
            raise Refusal(-213, "User has not followed the OA")
        details: dict[str, Any] = {
            "user_id": person.id,
            "user_id_by_app": person.id_by_app,
            "user_external_id": "",
            "display_name": person.name,
            "user_alias": person.alias or person.name,
            "is_sensitive": False,
            "user_last_interaction_date": person.last_interaction.astimezone(VIETNAM_TIME).strftime("%d/%m/%Y"),
            "user_is_follower": person.follows,
            "avatar": "",
            "avatars": {"120": "", "240": ""},
            "dynamic_param": "",
            "tags_and_notes_info": {"notes": [], "tag_names": person.tags},
        }
        if person.shared:
            details["shared_info"] = person.shared
        return success(details)

    async def _update(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        person = self._world.find(body.get("user_id"))
        if "user_alias" in body:
            person.alias = text_of(body, "user_alias", 100)
        if "shared_info" in body:
            person.shared = {**person.shared, **object_of(body["shared_info"], "shared_info")}
        return success()

    async def _recent(self, request: web.Request) -> web.Response:
        newest = [talk[-1] for talk in self._world.conversations.values() if talk]
        newest.sort(key=lambda sent: sent.at, reverse=True)
        return success(self._lines(newest, read_data(request)))

    async def _conversation(self, request: web.Request) -> web.Response:
        asked = read_data(request)
        person = self._world.find(asked.get("user_id"))
        return success(self._lines(self._world.conversations[person.id][::-1], asked))

    def _lines(self, newest_first: list[Sent], asked: Mapping[str, Any]) -> list[dict[str, Any]]:
        offset, count = number_of(asked, "offset", 0), number_of(asked, "count", _LINES)
        if not 0 < count <= _LINES:
            raise Refusal(-210, "count exceeds the limit")
        return [self._line(sent) for sent in newest_first[offset : offset + count]]

    def _line(self, sent: Sent) -> dict[str, Any]:
        oa_id = self._world.identity.oa_id
        ends = (sent.user_id, oa_id) if sent.from_citizen else (oa_id, sent.user_id)
        person = self._world.people.get(sent.user_id)
        names = (person.name if person else "", OA_NAME)[:: 1 if sent.from_citizen else -1]
        line = {
            "src": int(sent.from_citizen),
            "time": int(millis(sent.at)),
            "type": _TYPES.get(sent.kind, sent.kind if sent.kind in ("sticker", "location", "link") else "text"),
            "message": sent.text,
            "message_id": sent.message_id,
            "from_id": ends[0],
            "to_id": ends[1],
            "from_display_name": names[0],
            "to_display_name": names[1],
        }
        return {**line, "url": sent.content.url} if sent.content.url else line

    async def _account(self, _: web.Request) -> web.Response:
        followers = sum(person.follows for person in self._world.people.values())
        return success(
            {
                "oa_id": self._world.identity.oa_id,
                "name": OA_NAME,
                "description": "Trang minh hoạ của máy giả lập",
                "is_verified": True,
                "oa_type": 2,
                "cate_name": "Cơ quan nhà nước",
                "num_follower": followers,
                "package_name": "Nâng cao",
                "package_valid_through_date": "31/12/2030",
                "linked_ZCA": "demo-zbs-account",
            }
        )

    async def _tags(self, _: web.Request) -> web.Response:
        return success(sorted({tag for person in self._world.people.values() for tag in person.tags}))

    async def _tag(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        person, tag = self._world.find(body.get("user_id")), text_of(body, "tag_name")
        if tag not in person.tags:
            person.tags.append(tag)
        return success()

    async def _untag(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        person, tag = self._world.find(body.get("user_id")), text_of(body, "tag_name")
        if tag not in person.tags:
            raise invalid("tag_name")
        person.tags.remove(tag)
        return success()

    async def _remove_tag(self, request: web.Request) -> web.Response:
        tag = text_of(await read_body(request), "tag_name")
        tagged = [person for person in self._world.people.values() if tag in person.tags]
        if not tagged:
            raise invalid("tag_name")
        for person in tagged:
            person.tags.remove(tag)
        return success()
