"""Zalo's articles: made in the background, hidden unless said otherwise, and their videos."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping

from aiohttp import web

from emulators.zalo_uploads import read_upload
from emulators.zalo_wire import (
    Refusal,
    invalid,
    list_of,
    number_of,
    object_of,
    public_address_of,
    read_body,
    success,
    text_of,
    too_long,
)
from emulators.zalo_world import World

_LARGEST_VIDEO = 50 * 1024 * 1024
_PER_SLICE = 10
# What a block of the body must have, by its type.
_BLOCKS = {"text": "content", "image": "url", "video": "url", "product": "id"}


@dataclass(frozen=True)
class _Job:
    article: Mapping[str, Any]
    polls_left: int


class Articles:
    """Answers /v2.0/article/*."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._jobs: dict[str, _Job] = {}
        self._videos: dict[str, str] = {}
        self.live: dict[str, Mapping[str, Any]] = {}

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/v2.0/article/create", self._create)
        router.add_post("/v2.0/article/update", self._update)
        router.add_post("/v2.0/article/verify", self._verify)
        router.add_post("/v2.0/article/remove", self._remove)
        router.add_get("/v2.0/article/getdetail", self._detail)
        router.add_get("/v2.0/article/getslice", self._slice)
        router.add_post("/v2.0/article/upload_video/preparevideo", self._prepare_video)
        router.add_get("/v2.0/article/upload_video/verify", self._verify_video)

    def title(self, article_id: Any) -> str:
        """Raises Refusal for an article that is not there."""
        return str(self._article(article_id)["title"])

    async def _create(self, request: web.Request) -> web.Response:
        return self._begin(_read(await read_body(request)), self._world.new_id("art_"), self._world.stamp())

    async def _update(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        known = self._article(body.get("id"))
        return self._begin(_read(body), known["id"], known["create_date"])

    def _begin(self, article: Mapping[str, Any], article_id: str, created: str) -> web.Response:
        dates = {"create_date": created, "update_date": self._world.stamp()}
        views = {"total_view": 0, "total_share": 0}
        token = self._world.new_id("job_")
        job = _Job({**article, "id": article_id, **dates, **views}, self._world.switches.article_polls)
        self._jobs[token] = job
        return success({"token": token})

    async def _verify(self, request: web.Request) -> web.Response:
        token = text_of(await read_body(request), "token")
        job = self._jobs.get(token)
        if job is None:
            raise invalid("token")
        if job.polls_left > 0:
            self._jobs[token] = _Job(job.article, job.polls_left - 1)
            raise Refusal(-214, "Article is being processed")
        self.live[job.article["id"]] = job.article
        return success({"id": job.article["id"]})

    async def _remove(self, request: web.Request) -> web.Response:
        article = self._article((await read_body(request)).get("id"))
        del self.live[article["id"]]
        return success()

    async def _detail(self, request: web.Request) -> web.Response:
        return success(self._article(request.query.get("id")))

    async def _slice(self, request: web.Request) -> web.Response:
        offset, limit = number_of(request.query, "offset", 0), number_of(request.query, "limit", _PER_SLICE, _PER_SLICE)
        kind = request.query.get("type", "normal")
        names = ("id", "type", "title", "status", "create_date", "update_date", "total_view", "total_share")
        listed = [{name: one[name] for name in names} for one in self.live.values() if one["type"] == kind]
        return success({"medias": listed[offset : offset + limit], "total": len(listed)})

    def _article(self, article_id: Any) -> Mapping[str, Any]:
        article = self.live.get(article_id) if isinstance(article_id, str) else None
        if article is None:
            raise invalid("id")
        return article

    async def _prepare_video(self, request: web.Request) -> web.Response:
        name, content, _ = await read_upload(request)
        if len(content) > _LARGEST_VIDEO:
            raise too_long("file")
        if not name.lower().endswith((".mp4", ".avi")):
            raise invalid("file")
        token = self._world.new_id("vt_")
        self._videos[token] = self._world.new_id("vid_")
        return success({"token": token})

    async def _verify_video(self, request: web.Request) -> web.Response:
        video = self._videos.get(request.headers.get("token") or request.query.get("token", ""))
        if video is None:
            raise invalid("token")
        return success({"status": 1, "video_id": video, "convert_percent": 100, "video_name": "video"})


def _read(body: Mapping[str, Any]) -> dict[str, Any]:
    """An article as it is stored. Raises Refusal."""
    kind = text_of(body, "type")
    if kind not in ("normal", "video"):
        raise invalid("type")
    article: dict[str, Any] = {
        "type": kind,
        "title": text_of(body, "title", 150),
        "description": text_of(body, "description", 300),
        "status": body.get("status", "hide"),
        "comment": body.get("comment", "show"),
    }
    if article["status"] not in ("show", "hide") or article["comment"] not in ("show", "hide"):
        raise invalid("status or comment")
    if kind == "video":
        return {**article, "video_id": text_of(body, "video_id"), "avatar": public_address_of(body, "avatar")}
    blocks = [_block(one) for one in list_of(body.get("body"), "body", 200)]
    return {**article, "author": text_of(body, "author", 50), "cover": _cover(body.get("cover")), "body": blocks}


def _cover(value: Any) -> dict[str, Any]:
    cover = object_of(value, "cover")
    if cover.get("cover_type") == "photo":
        public_address_of(cover, "photo_url")
    elif cover.get("cover_type") == "video":
        text_of(cover, "video_id")
    else:
        raise invalid("cover_type")
    return cover


def _block(value: Any) -> dict[str, Any]:
    block = object_of(value, "body")
    kind = block.get("type")
    if kind not in _BLOCKS:
        raise invalid("body type")
    if kind == "image":
        public_address_of(block, "url")
    elif kind != "video" or "video_id" not in block:
        text_of(block, _BLOCKS[kind])
    return block
