"""The iGate protocol: a Keycloak token, then /pa/dossier/search with Spring's pages and names in changing shapes."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any, Callable, Optional

from aiohttp import web

from emulators.portal_faults import Fault, Faults
from emulators.portal_world import STATUS_NAMES, EmulatedDossier, Event, World

CLIENT_ID = "web-onegate"

# iGate's own ids and words, which differ from the national list.
_STATUSES = {1: (0, "Chờ tiếp nhận"), 9: (4, "Có kết quả"), 10: (5, "Đã trả kết quả"), 3: (6, "Từ chối tiếp nhận")}
_OTHER_ID = 2
_ENGLISH = 46
_VIETNAMESE = 228


class IgateProtocol:
    """Answers the token endpoint and the dossier search."""

    def __init__(self, world: World, faults: Faults, now: Callable[[], dt.datetime]) -> None:
        self._world = world
        self._faults = faults
        self._now = now
        self._tokens: set[str] = set()
        self.logins = 0

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/auth/realms/digo/protocol/openid-connect/token", self._token)
        router.add_get("/pa/dossier/search", self._search)

    async def _token(self, request: web.Request) -> web.Response:
        await self._faults.before_answer()
        form = await request.post()
        known = form.get("client_id") == CLIENT_ID and form.get("grant_type") == "client_credentials"
        if not known or self._faults.strikes(Fault.LOGIN_REFUSED):
            return web.json_response({"error": "unauthorized_client"}, status=401)
        self.logins += 1
        token = secrets.token_hex(16)
        self._tokens.add(token)
        return web.json_response({"access_token": token, "expires_in": 300, "token_type": "bearer"})

    async def _search(self, request: web.Request) -> web.Response:
        await self._faults.before_answer()
        if self._faults.strikes(Fault.EXPIRED_SESSION):
            self._tokens.clear()
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self._tokens:
            return web.json_response({"error": "invalid_token"}, status=401)
        dossier = self._world.find(request.query.get("code", ""))
        content = [] if dossier is None else [self._dossier(dossier, self._now())]
        if dossier is not None and self._faults.strikes(Fault.DUPLICATED):
            content.append(self._dossier(dossier, dossier.applied_at))
        page = {"content": content, "number": 0, "size": 10, "numberOfElements": len(content), "last": True}
        return self._faults.answer(page)

    def _dossier(self, dossier: EmulatedDossier, now: dt.datetime) -> dict[str, Any]:
        past = dossier.past(now)
        status = past[-1].status
        status_id, words = _STATUSES.get(status, (_OTHER_ID, STATUS_NAMES[status]))
        return {
            "id": secrets.token_hex(12),
            "code": dossier.code,
            "nationCode": dossier.national_code,
            "dossierStatus": {"id": status_id, "name": self._name(words)},
            "dossierTaskStatus": {"id": status_id, "name": self._name(words)},
            "procedure": {
                "code": dossier.matter.code,
                "translate": self._translated(dossier.matter.name),
                "sector": {"code": dossier.matter.sector_code},
            },
            "applicant": {
                "data": {
                    "fullname": dossier.owner,
                    "ownerFullname": dossier.owner,
                    "identityNumber": dossier.identity,
                    "phoneNumber": "+84" + dossier.phone[1:],
                }
            },
            "agency": {"code": dossier.agency_code, "name": self._name(dossier.agency)},
            "appliedDate": _iso(dossier.applied_at),
            "acceptedDate": _iso(dossier.received_at(now)),
            "appointmentDate": _iso(dossier.due_at),
            "completedDate": _iso(dossier.finished_at(now)),
            "updatedDate": _iso(past[-1].at),
            "task": [self._task(event, "") for event in past],
            "currentTask": [self._task(past[-1], dossier.reason)],
        }

    def _task(self, event: Event, remark: str) -> dict[str, Any]:
        return {
            "assignee": {"fullname": event.clerk},
            "agency": {"name": self._name(event.office)},
            "assignedDate": _iso(event.at),
            "bpmProcessDefinitionTask": {"name": self._name(event.text), "remind": {"name": self._name(remark)}},
        }

    def _name(self, words: str) -> Any:
        """A list with both languages, unless a fault says otherwise."""
        if Fault.NAME_AS_TEXT in self._faults.on:
            return words
        return _both_languages(words)

    def _translated(self, words: str) -> Any:
        if Fault.NAME_AS_LIST in self._faults.on:
            return _both_languages(words)
        return {"languageId": _VIETNAMESE, "name": words}


def _both_languages(words: str) -> list[dict[str, Any]]:
    return [{"languageId": _ENGLISH, "name": "(not translated)"}, {"languageId": _VIETNAMESE, "name": words}]


def _iso(moment: Optional[dt.datetime]) -> Optional[str]:
    return moment.astimezone(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000+0000") if moment else None
