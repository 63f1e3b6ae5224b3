"""The older provincial one-stop software (``tracuuhoso``): one open look-up whose answer does not repeat the code."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Optional

import aiohttp

from knowledge.dossiers import (
    Clock,
    Dossier,
    DossierCode,
    DossierUnknown,
    PortalMisconfigured,
    PortalUnreachable,
)
from knowledge.portals import reading
from knowledge.portals.client import PortalClient, SessionExpired
from knowledge.portals.masking import Owner
from knowledge.portals.reading import Record

_SOURCE = "onestop"
_NOBODY = "0"
_PATH = "/api/hoso/tracuuhoso"
_LONG_AGO = dt.datetime.min.replace(tzinfo=dt.timezone.utc)


@dataclass(frozen=True)
class OnestopSettings:
    """``agency`` names the office that this installation serves: its answers do not."""

    url: str
    agency: str = ""
    timeout_seconds: float = 5.0
    agency_phone: Optional[str] = None


class OnestopPortal:
    """DossierPortal over /api/hoso/tracuuhoso. Knows no phone, no procedure code, no missing papers and no steps."""

    def __init__(self, settings: OnestopSettings, http: aiohttp.ClientSession, clock: Clock) -> None:
        self._settings = settings
        self._client = PortalClient(http, settings.url, settings.timeout_seconds)
        self._clock = clock

    async def fetch(self, code: DossierCode) -> Dossier:
        found = [item for item in await self._search(str(code)) if reading.text(item.get("tinhtrang_hoso"))]
        if not found:
            raise DossierUnknown("tracuuhoso knows no such dossier")
        if len({_identity(item) for item in found}) > 1:
            # Without a code in the rows, choosing one could show a stranger's dossier.
            raise PortalUnreachable("the search word fits several people")
        return self._read_dossier(code, max(found, key=_last_change))

    async def check(self) -> None:
        await self._search(_NOBODY)

    async def close(self) -> None:
        """Nothing is held open: the HTTP session belongs to whoever gave it."""

    async def _search(self, word: str) -> tuple[Record, ...]:
        try:
            return reading.records(await self._client.get(_PATH, {"tukhoa": word}))
        except SessionExpired as refusal:
            raise PortalMisconfigured(str(refusal)) from None

    def _read_dossier(self, code: DossierCode, item: Record) -> Dossier:
        owner = Owner(
            name=reading.text(item.get("tccn_ten")),
            phone="",
            identity=reading.text(item.get("socmnd")),
            other_name=reading.text(item.get("nguoinhan")),
        )
        words = reading.text(item.get("tinhtrang_hoso"))
        received, finished = reading.moment(item.get("ngaynhan")), reading.moment(item.get("ngayxulyxong"))
        return Dossier(
            code=code,
            status=reading.status_in_words(words) or reading.status_by_dates(received, finished),
            status_text=owner.hide_in(words),
            source=_SOURCE,
            fetched_at=self._clock(),
            procedure_name=owner.hide_in(reading.text(item.get("tenhoso"))),
            applicant=owner.masked_name,
            received_at=received,
            due_at=reading.moment(item.get("ngaytraketqua")),
            finished_at=finished,
            agency=self._settings.agency,
            agency_phone=self._settings.agency_phone,
            proof=owner.proof(),
        )


def _identity(item: Record) -> tuple[str, str]:
    return reading.text(item.get("socmnd")), reading.text(item.get("tccn_ten"))


def _last_change(item: Record) -> dt.datetime:
    moments = (reading.moment(item.get(key)) for key in ("ngaynhan", "ngayxulyxong"))
    return max(filter(None, moments), default=_LONG_AGO)
