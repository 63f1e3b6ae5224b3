"""Files of recipients: sent up as a stream, read in the background, and each row that cannot be used explained."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from aiohttp import web

from bot.broadcasts.file_faults import FileRefused
from bot.broadcasts.files import AudienceFile, AudienceFiles, BadRow, FileInUse, FileState, NoSuchFile
from bot.console.campaign_pages import whole_number
from bot.console.downloads import Rows, give_csv
from bot.console.pages import Handler, Page, Visit
from bot.console.roles import Permission
from bot.console.uploads import Upload, open_upload
from bot.jobs.protocol import Jobs
from bot.wording.speaker import Speaker
from bot.wording.speaker import marked as _

ON_A_PAGE = 50
SHOWN = 50  # files
STATES: Mapping[FileState, str] = {
    FileState.SENDING_UP: _("Đang gửi lên"),
    FileState.READING: _("Đang đọc"),
    FileState.READY: _("Dùng được"),
    FileState.REFUSED: _("Không dùng được"),
}


class AudiencePages:
    def __init__(self, files: AudienceFiles, jobs: Jobs) -> None:
        self._files, self._jobs = files, jobs

    def pages(self) -> Sequence[Page]:
        path, writing = r"/audiences/{id:\d{1,9}}", Permission.WRITE_CAMPAIGNS
        return [
            Page("GET", "/audiences", writing, self._list),
            Page("POST", "/audiences", writing, self._take, upload=True),
            Page("GET", path, writing, _found(self._show)),
            Page("GET", f"{path}/progress", writing, _found(self._progress)),
            Page("GET", f"{path}/bad-rows.csv", writing, _found(self._bad_rows)),
            Page("POST", f"{path}/remove", writing, _found(self._remove)),
        ]

    async def _list(self, visit: Visit) -> web.StreamResponse:
        return visit.page("audiences.html", files=await self._files.newest(SHOWN), file_states=STATES)

    async def _take(self, visit: Visit) -> web.StreamResponse:
        upload = await open_upload(visit)
        if upload is None:
            return visit.refuse(visit.say("Xin chọn một tệp."), 422)
        file = await self._files.begin(upload.name, visit.official.actor)
        try:
            await self._keep(file, upload)
        except FileRefused as refused:
            return visit.refuse(visit.say(refused.fault.value, detail=refused.detail), 422)
        except BaseException:  # whoever sent it has left, or sent no such form
            await self._files.abandon(file)
            raise
        await self._jobs.put("read_file", str(file), {"file": file})
        return visit.go(f"/audiences/{file}")

    async def _keep(self, file: int, upload: Upload) -> None:
        number = 0
        async for piece in upload.pieces:
            await self._files.add_chunk(file, number, piece)
            number += 1
        await self._files.sent_up(file)

    async def _show(self, visit: Visit) -> web.StreamResponse:
        file = await self._files.get(_id(visit))
        after = whole_number(visit.request.query.get("after", "")) or 0
        bad = await self._files.problems(file.id, after, ON_A_PAGE + 1) if file.bad else []
        return visit.page(
            "audience.html",
            **_facts(visit.say, file),
            rows=[(one.row, _sentence(visit.say, one)) for one in bad[:ON_A_PAGE]],
            further=f"/audiences/{file.id}?after={bad[ON_A_PAGE - 1].row}" if len(bad) > ON_A_PAGE else "",
        )

    async def _progress(self, visit: Visit) -> web.StreamResponse:
        """The part of the page that static/live.js draws anew, as HTML."""
        return visit.page("audience_progress.html", **_facts(visit.say, await self._files.get(_id(visit))))

    async def _bad_rows(self, visit: Visit) -> web.StreamResponse:
        file, say = await self._files.get(_id(visit)), visit.say

        async def rows() -> Rows:
            yield [say("Dòng"), say("Lý do")]
            async for bad in self._files.problem_rows(file.id):
                yield [bad.row, _sentence(say, bad)]

        return await give_csv(visit, f"bad-rows-{file.id}", rows())

    async def _remove(self, visit: Visit) -> web.StreamResponse:
        try:
            await self._files.remove(_id(visit), visit.official.actor)
        except FileInUse as used:
            return visit.refuse(visit.say(used.sentence, campaign=used.campaign))
        return visit.go("/audiences", visit.say("Đã xóa tệp."))


def _found(handler: Handler) -> Handler:
    async def serve(visit: Visit) -> web.StreamResponse:
        try:
            return await handler(visit)
        except NoSuchFile as missing:
            return visit.refuse(visit.say(missing.sentence), 404)

    return serve


def _id(visit: Visit) -> int:
    return int(visit.request.match_info["id"])


def _facts(say: Speaker, file: AudienceFile) -> Mapping[str, Any]:
    remark = say(file.sentence, **file.facts) if file.sentence else ""
    return {"file": file, "file_states": STATES, "state": file.state.value, "remark": remark}


def _sentence(say: Speaker, bad: BadRow) -> str:
    return say(bad.sentence, **bad.facts)
