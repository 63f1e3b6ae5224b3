"""The pages with which administrators manage officials."""

from __future__ import annotations

from typing import Awaitable, Callable, Mapping, Optional

from aiohttp import web

from bot.console.drawing import address
from bot.console.officials import LastAdministrator, LoginTaken, LoginWrong, Member, NoSuchOfficial, Officials
from bot.console.pages import Page, Visit
from bot.console.roles import Permission, Role
from bot.wording.speaker import marked as _

ROLES: Mapping[Role, str] = {
    Role.AUTHOR: _("Soạn tin"),
    Role.APPROVER: _("Duyệt và gửi tin"),
    Role.AGENT: _("Hỗ trợ người dân"),
    Role.ANALYST: _("Xem số liệu"),
    Role.ADMINISTRATOR: _("Quản trị"),
}


class OfficialsPages:
    """``public_origin``: where browsers reach us, if the settings say so."""

    def __init__(self, officials: Officials, public_origin: Optional[str]) -> None:
        self._officials, self._origin = officials, public_origin

    def pages(self) -> list[Page]:
        managing = Permission.MANAGE_OFFICIALS
        one = "/officials/{id:[0-9]{1,9}}"
        return [
            Page("GET", "/officials", managing, self._show_all),
            Page("POST", "/officials", managing, self._add),
            Page("GET", one, managing, self._answering(self._show)),
            Page("POST", one, managing, self._answering(self._change)),
            Page("POST", f"{one}/reset", managing, self._answering(self._reset)),
            Page("POST", f"{one}/disable", managing, self._answering(self._disable)),
            Page("POST", f"{one}/enable", managing, self._answering(self._enable)),
        ]

    async def _show_all(self, visit: Visit) -> web.Response:
        return visit.page("officials.html", members=await self._officials.all(), roles=ROLES)

    async def _add(self, visit: Visit) -> web.Response:
        form, say = await visit.form(), visit.say
        login, name, roles = form.get("login", "").casefold(), form.get("name", ""), await _roles(visit)
        if not name or not roles:
            return visit.refuse(say("Cần có họ tên và ít nhất một vai trò."), 400)
        try:
            token = await self._officials.add(visit.official.actor, login, name, roles)
        except LoginWrong:
            wrong = say("Tên đăng nhập gồm 2 đến 50 chữ thường không dấu, số, dấu chấm, gạch ngang, gạch dưới.")
            return visit.refuse(wrong, 400)
        except LoginTaken:
            return visit.refuse(say("Tên đăng nhập này đã có người dùng."))
        return self._show_link(visit, name, login, token)

    async def _show(self, visit: Visit, member: Member) -> web.Response:
        return visit.page("official.html", member=member, roles=ROLES)

    async def _change(self, visit: Visit, member: Member) -> web.Response:
        name, roles = (await visit.form()).get("name", ""), await _roles(visit)
        if not name or not roles:
            return visit.refuse(visit.say("Cần có họ tên và ít nhất một vai trò."), 400)
        await self._officials.change(visit.official.actor, member.official.id, name, roles)
        return visit.go("/officials", visit.say("Đã lưu {name}.", name=name))

    async def _reset(self, visit: Visit, member: Member) -> web.Response:
        token = await self._officials.reset(visit.official.actor, member.official.id)
        return self._show_link(visit, member.official.name, member.official.login, token)

    async def _disable(self, visit: Visit, member: Member) -> web.Response:
        await self._officials.disable(visit.official.actor, member.official.id)
        return visit.go("/officials", visit.say("Đã khóa tài khoản của {name}.", name=member.official.name))

    async def _enable(self, visit: Visit, member: Member) -> web.Response:
        await self._officials.enable(visit.official.actor, member.official.id)
        return visit.go("/officials", visit.say("Đã mở lại tài khoản của {name}.", name=member.official.name))

    def _show_link(self, visit: Visit, name: str, login: str, token: str) -> web.Response:
        origin = self._origin or f"{visit.request.scheme}://{visit.request.host}"
        return visit.page("official_link.html", name=name, login=login, link=origin + address(f"/welcome/{token}"))

    def _answering(
        self, handler: Callable[[Visit, Member], Awaitable[web.Response]]
    ) -> Callable[[Visit], Awaitable[web.Response]]:
        async def answer(visit: Visit) -> web.Response:
            try:
                return await handler(visit, await self._officials.get(int(visit.request.match_info["id"])))
            except NoSuchOfficial:
                return visit.refuse(visit.say("Không có cán bộ này."), 404)
            except LastAdministrator:
                last = visit.say("Đây là quản trị viên cuối cùng. Xin giao quyền quản trị cho người khác trước.")
                return visit.refuse(last)

        return answer


async def _roles(visit: Visit) -> frozenset[Role]:
    given = set(await visit.values("roles"))
    return frozenset(role for role in Role if role.value in given)
