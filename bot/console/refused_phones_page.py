"""Phone numbers whose owners want no notices: an official writes down what somebody has asked for."""

from __future__ import annotations

from typing import Sequence

from aiohttp import web

from bot.broadcasts.refused_phones import PhoneWrong, RefusedPhones
from bot.console.pages import Page, Visit
from bot.console.roles import Permission
from bot.wording.speaker import marked as _

REFUSED = _("Từ nay không gửi tin tới số này.")
ALLOWED = _("Số này lại được nhận tin.")
UNKNOWN = _("Số này không có trong danh sách.")


class RefusedPhonesPage:
    def __init__(self, phones: RefusedPhones) -> None:
        self._phones = phones

    def pages(self) -> Sequence[Page]:
        return [
            Page("GET", "/refused-phones", Permission.WRITE_CAMPAIGNS, self._show),
            Page("POST", "/refused-phones", Permission.WRITE_CAMPAIGNS, self._change),
        ]

    async def _show(self, visit: Visit) -> web.StreamResponse:
        return visit.page("refused_phones.html", phone="", wrong="")

    async def _change(self, visit: Visit) -> web.StreamResponse:
        form, by = await visit.form(), visit.official.actor
        phone = form.get("phone", "")
        try:
            if form.get("do") != "allow":
                await self._phones.refuse(phone, by)
                said = REFUSED
            else:
                said = ALLOWED if await self._phones.allow(phone, by) else UNKNOWN
        except PhoneWrong:
            wrong = visit.say("Xin gõ một số di động Việt Nam, ví dụ 0900 000 001.")
            response = visit.page("refused_phones.html", phone=phone, wrong=wrong)
            response.set_status(422)
            return response
        return visit.go("/refused-phones", visit.say(said))
