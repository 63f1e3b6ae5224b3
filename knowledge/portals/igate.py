"""VNPT iGate v2 ("digo"): an OIDC token, then a page of search results whose texts change shape from field to field."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Optional

import aiohttp

from knowledge.dossiers import (
    Clock,
    Dossier,
    DossierCode,
    DossierStatus,
    DossierUnknown,
    PortalMisconfigured,
    PortalUnreachable,
    Step,
)
from knowledge.portals import reading
from knowledge.portals.client import PortalClient, SessionExpired
from knowledge.portals.masking import Owner
from knowledge.portals.reading import Record

_SOURCE = "igate"
_NOBODY = "0"
# The wording decides; ids are asked only when it is unknown, and only those that two sources agree on.
_STATUS_IDS = {"0": DossierStatus.REGISTERED, "4": DossierStatus.DONE, "5": DossierStatus.RETURNED}
_EXPLAINED = (
    DossierStatus.NOT_ACCEPTED,
    DossierStatus.SUPPLEMENT_REQUIRED,
    DossierStatus.FEE_DUE,
    DossierStatus.WITHDRAWN,
    DossierStatus.STOPPED,
)
_TOKEN_MARGIN = dt.timedelta(seconds=30)


@dataclass(frozen=True)
class IgateSettings:
    """``token_url`` is the server of the Keycloak realm, ``url`` the API gateway."""

    url: str
    token_url: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    realm: str = "digo"
    timeout_seconds: float = 5.0
    agency_phone: Optional[str] = None


@dataclass(frozen=True)
class _Token:
    value: str = field(repr=False)
    expires_at: dt.datetime


class IgatePortal:
    """DossierPortal over /pa/dossier/search. It lists no missing papers or fees; ``reason`` has the office's words."""

    def __init__(self, settings: IgateSettings, http: aiohttp.ClientSession, clock: Clock) -> None:
        self._settings = settings
        self._client = PortalClient(http, settings.url, settings.timeout_seconds)
        self._sso = PortalClient(http, settings.token_url, settings.timeout_seconds)
        self._clock = clock
        self._token: Optional[_Token] = None
        self._token_lock = asyncio.Lock()

    async def fetch(self, code: DossierCode) -> Dossier:
        page = await self._search(str(code))
        found = [item for item in reading.records(page.get("content")) if str(code) in _codes(item)]
        if not found:
            raise DossierUnknown("the search found no such dossier")
        return self._read_dossier(code, max(found, key=_last_change))

    async def check(self) -> None:
        # A search rather than a login: it shows the whole way, and probes do not wear out our tokens.
        await self._search(_NOBODY)

    async def close(self) -> None:
        """Nothing is held open: the HTTP session belongs to whoever gave it."""
        self._token = None

    async def _search(self, code: str) -> Record:
        token = await self._log_in(expired=None)
        try:
            return await self._ask(code, token)
        except SessionExpired:
            token = await self._log_in(expired=token)
        try:
            return await self._ask(code, token)
        except SessionExpired:
            raise PortalUnreachable("the search is refused even after logging in again") from None

    async def _ask(self, code: str, token: _Token) -> Record:
        query = {"page": "0", "size": "10", "spec": "slice", "code": code, "sort": "updatedDate,desc"}
        headers = {"Authorization": f"Bearer {token.value}"}
        return reading.record(await self._client.get("/pa/dossier/search", query, headers))

    async def _log_in(self, expired: Optional[_Token]) -> _Token:
        async with self._token_lock:
            held = self._token
            if held is not None and held is not expired and self._clock() < held.expires_at:
                return held
            form = {"grant_type": "client_credentials", "client_id": self._settings.client_id}
            if self._settings.client_secret:
                form["client_secret"] = self._settings.client_secret
            path = f"/auth/realms/{self._settings.realm}/protocol/openid-connect/token"
            try:
                answer = reading.record(await self._sso.post(path, form=form))
            except SessionExpired as refusal:
                raise PortalMisconfigured(str(refusal)) from None
            value = reading.text(answer.get("access_token"))
            if not value:
                raise PortalMisconfigured("the portal gave no token for our client id")
            lifetime = dt.timedelta(seconds=reading.amount(answer.get("expires_in")) or 60)
            self._token = _Token(value, self._clock() + max(lifetime - _TOKEN_MARGIN, lifetime / 2))
            return self._token

    def _read_dossier(self, code: DossierCode, item: Record) -> Dossier:
        applicant = _object(_object(item.get("applicant")).get("data"))
        owner = Owner(
            name=reading.text(applicant.get("fullname")),
            phone=reading.text(applicant.get("phoneNumber")),
            identity=reading.text(applicant.get("identityNumber")),
            other_name=reading.text(applicant.get("ownerFullname")),
        )
        procedure = _object(item.get("procedure"))
        words = reading.text(item.get("dossierStatus")) or reading.text(item.get("dossierTaskStatus"))
        received, finished = reading.moment(item.get("acceptedDate")), reading.moment(item.get("completedDate"))
        status = (
            reading.status_in_words(words)
            or _STATUS_IDS.get(reading.text(_object(item.get("dossierStatus")).get("id")))
            or reading.status_by_dates(received, finished)
        )
        return Dossier(
            code=code,
            status=status,
            status_text=owner.hide_in(words),
            source=_SOURCE,
            fetched_at=self._clock(),
            national_code=reading.text(item.get("nationCode")) or None,
            procedure_code=reading.text(procedure.get("code")) or None,
            procedure_name=owner.hide_in(reading.text(procedure.get("translate")) or reading.text(procedure)),
            applicant=owner.masked_name,
            phone=owner.masked_phone,
            received_at=received,
            due_at=reading.moment(item.get("appointmentDate")) or reading.moment(item.get("dueDate")),
            finished_at=finished,
            agency=owner.hide_in(reading.text(item.get("agency"))),
            agency_phone=self._settings.agency_phone,
            reason=owner.hide_in(_remark(item)) if status in _EXPLAINED else "",
            steps=_steps(item, owner),
            proof=owner.proof(),
        )


def _object(value: Any) -> Record:
    return value if isinstance(value, dict) else {}


def _codes(item: Record) -> set[str]:
    return {reading.text(item.get("code")), reading.text(item.get("nationCode"))}


def _last_change(item: Record) -> str:
    return reading.text(item.get("updatedDate")) or reading.text(item.get("acceptedDate"))


def _remark(item: Record) -> str:
    """What the office says at the current task."""
    tasks = reading.parts(item.get("currentTask"))
    return next(filter(None, (reading.text(_definition(task).get("remind")) for task in tasks)), "")


def _definition(task: Record) -> Record:
    return _object(task.get("bpmProcessDefinitionTask"))


def _steps(item: Record, owner: Owner) -> tuple[Step, ...]:
    steps = []
    for task in reading.parts(item.get("task")):
        at = reading.moment(task.get("assignedDate"))
        if at is not None:
            office, words = reading.text(task.get("agency")), reading.text(_definition(task).get("name"))
            steps.append(Step(at, owner.hide_in(office), owner.hide_in(words)))
    return tuple(sorted(steps, key=lambda step: step.at))
