"""Takes the version that was activated, and what was imported, into the running server, without a pause."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from typing import Awaitable, Callable, Iterator, Optional

from bot.mind import Mind, MindMaker, Stand, warm_up
from bot.records import imports
from bot.storage import Database
from nlu.versions import Versions, VersionUnusable

SECONDS_BETWEEN_LOOKS = 3.0
# While a thread loads, the event loop gets its turn after this many seconds instead of Python's 5 ms.
SWITCH_SECONDS = 0.0005

logger = logging.getLogger(__name__)


class NeedsRestart(RuntimeError):
    """The active version belongs to other sources than this process runs: restart the server."""


class Renewal:
    """Looks at the pointer to the active version and at the imports; ``take`` is given the new mind."""

    def __init__(
        self,
        versions: Versions,
        database: Database,
        maker: MindMaker,
        first: Mind,
        take: Callable[[Mind], Awaitable[None]],
    ) -> None:
        self._versions, self._database, self._maker, self._take = versions, database, maker, take
        self._stand = first.stand  # the newest that was tried; what cannot be loaded is tried once
        self._sources = self._sources_of(first.stand.version)
        self._trouble: Optional[str] = None

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
            await self.look()

    async def look(self) -> None:
        """One look; a failure is logged once, and the mind that serves goes on serving."""
        try:
            stand = await self._present()
            if stand == self._stand:
                return
            self._stand = stand
            mind = await self._load(stand)
            logger.info("version %s, %d procedures, answers from now on", stand.version, len(mind.catalogue))
            self._trouble = None
            await self._take(mind)
        except Exception as error:
            trouble = f"{type(error).__name__}: {error}"
            if trouble != self._trouble:
                logger.exception("no new version is taken; the present one goes on serving")
            self._trouble = trouble

    async def _present(self) -> Stand:
        active = self._versions.active()
        if active is None:
            return self._stand
        return Stand(active.name, await self._database.run(imports))

    async def _load(self, stand: Stand) -> Mind:
        version = self._versions.get(stand.version)
        if self._sources is not None and version.about.sources != self._sources:
            raise NeedsRestart(f"version {version.name} was trained from other sources: restart the server to use it")
        with _loop_first():
            mind = await self._maker.make(version.model)
        await warm_up(mind.assistant)
        return mind

    def _sources_of(self, name: str) -> Optional[str]:
        try:
            return self._versions.get(name).about.sources
        except VersionUnusable:  # the server was given a model from elsewhere
            return None


@contextlib.contextmanager
def _loop_first() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
