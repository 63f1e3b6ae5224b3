"""Where grants lie: encrypted in the database, renewed by whoever has the lease, whichever process that is."""

from __future__ import annotations

import base64
import datetime as dt
import uuid
from typing import Any, Callable, Optional, TypeVar

import msgspec
import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.storage import Database, DatabaseBusy, Work, reason
from bot.tables import grants
from connectors.errors import Misconfigured, Unreachable
from connectors.zalo.grants import Stored
from connectors.zalo.oauth import Grant

Result = TypeVar("Result")
_NO_LEASE = {"lease": None, "lease_until": None}


def cipher_of(secret: str) -> Fernet:
    """A key of its own for grants, derived from the installation's secret key."""
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"mot-cua grants").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(key))


class SqlGrantStore:
    """One account's grant (connectors.zalo.grants.GrantStore). Each store is a holder of leases of its own."""

    def __init__(
        self, database: Database, secret: str, account: str, clock: Callable[[], dt.datetime], service: str = "zalo"
    ) -> None:
        self._database, self._cipher, self._clock = database, cipher_of(secret), clock
        self._key = {"service": service, "account": account}
        self._is_ours = (grants.c.service == service) & (grants.c.account == account)
        self._holder = uuid.uuid4().hex

    async def load(self) -> Optional[Stored]:
        query = sa.select(grants.c.document, grants.c.version).where(self._is_ours)
        row = await self._run(lambda connection: connection.execute(query).first())
        return Stored(self._opened(row.document), row.version) if row else None

    async def save(self, grant: Grant) -> None:
        document = self._sealed(grant)
        change = self._change().values(version=grants.c.version + 1, **document, **_NO_LEASE)
        add = grants.insert().values(version=1, **self._key, **document)

        def work(connection: sa.engine.Connection) -> None:
            if connection.execute(change).rowcount == 0:
                connection.execute(add)

        await self._run(work)

    async def lease(self, version: int, seconds: float) -> bool:
        now = self._clock()
        is_free = grants.c.lease.is_(None) | (grants.c.lease_until < now)
        change = self._change(grants.c.version == version, is_free)
        until = now + dt.timedelta(seconds=seconds)
        return await self._changes(change.values(lease=self._holder, lease_until=until))

    async def replace(self, version: int, grant: Grant) -> bool:
        # Also without a lease: of two who renewed one version, only the one who got tokens has something to put here.
        change = self._change(grants.c.version == version)
        return await self._changes(change.values(version=version + 1, **self._sealed(grant), **_NO_LEASE))

    async def release(self) -> None:
        await self._changes(self._change(grants.c.lease == self._holder).values(**_NO_LEASE))

    def _change(self, *conditions: Any) -> Any:
        return grants.update().where(self._is_ours, *conditions)

    async def _changes(self, change: Any) -> bool:
        count: int = await self._run(lambda connection: connection.execute(change).rowcount)
        return count == 1

    async def _run(self, work: Work[Result]) -> Result:
        try:
            return await self._database.run(work)
        except (sa.exc.SQLAlchemyError, DatabaseBusy) as error:
            raise Unreachable(f"the grants cannot be reached in the database: {reason(error)}") from error

    def _sealed(self, grant: Grant) -> dict[str, Any]:
        document = self._cipher.encrypt(msgspec.json.encode(grant)).decode()
        return {"document": document, "changed_at": self._clock()}

    def _opened(self, document: str) -> Grant:
        try:
            return msgspec.json.decode(self._cipher.decrypt(document.encode()), type=Grant)
        except (InvalidToken, msgspec.ValidationError) as error:
            raise Misconfigured(
                "the stored grant cannot be read with this SECRET_KEY: set the one it was stored with, "
                "or run python -m bot zalo authorise"
            ) from error
