"""Opens the actions' services for ``rasa run actions``, where no application of ours is running."""

from __future__ import annotations

from typing import Optional

from actions.services import Services
from bot.app import open_registry, services_around
from bot.environment import read_environment
from bot.library import open_catalogue, taught_names
from bot.linking import SqlLinks
from bot.portal import OpenPortal, now, open_portal
from bot.records import Citizens
from bot.secret_key import secret_of
from bot.settings import PortalSettings, read_settings
from bot.storage import Database, migrate
from knowledge.calendar import read_working_calendar
from knowledge.dossiers import Dossier, DossierCode


def open_services() -> Services:
    """Services from the same settings as the application's. Raises what a wrong setting raises there."""
    settings = read_settings(read_environment())
    migrate(settings.database_url)
    portal = PortalOnFirstUse(settings.portal, settings.hotline)
    database = Database(settings.database_url)
    catalogue = open_catalogue(settings.database_url, taught_names(settings.models_folder), settings.models_folder)
    dossiers, citizens = open_registry(database, portal, now), Citizens(database, settings.language)
    links = SqlLinks(database, secret_of(settings), citizens.forget, now)
    return services_around(database, dossiers, links, read_working_calendar(), tuple, settings, now)(catalogue)


class PortalOnFirstUse:
    """A DossierPortal opened by its first question: Rasa makes the actions before its event loop runs."""

    def __init__(self, settings: PortalSettings, hotline: str) -> None:
        self._settings, self._hotline = settings, hotline
        self._opened: Optional[OpenPortal] = None

    async def fetch(self, code: DossierCode) -> Dossier:
        return await (await self._open()).portal.fetch(code)

    async def check(self) -> None:
        await (await self._open()).portal.check()

    async def close(self) -> None:
        if self._opened:
            await self._opened.close()

    async def _open(self) -> OpenPortal:
        if self._opened is None:
            self._opened = await open_portal(self._settings, self._hotline)
        return self._opened
