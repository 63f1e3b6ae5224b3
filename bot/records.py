"""What the house keeps in the database, one small class for each kind of record."""

from __future__ import annotations

import datetime as dt
import functools
import logging
import uuid
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Any, Iterable, Optional, Sequence

import msgspec
import sqlalchemy as sa

from bot import tables
from bot.asked import note_asked
from bot.storage import Database, DatabaseUnusable
from connectors.channel import Entry
from connectors.messages import Address, IncomingMessage, Reply
from knowledge.dossiers import Dossier, DossierCode
from knowledge.procedures import Procedure

logger = logging.getLogger(__name__)

HISTORY = 200
CACHED_CITIZENS = 10_000


def now() -> dt.datetime:
    return dt.datetime.now(dt.timezone.utc)


def of(table: sa.Table, address: Address) -> Any:
    """The condition for the rows of one address."""
    return sa.and_(table.c.channel == address.channel, table.c.person == address.id)


def upsert(connection: sa.engine.Connection, table: sa.Table, values: Any) -> None:
    """Insert one row (a dict) or several (a list), replacing those with the same primary key."""
    connection.execute(_upsert_statement(table), values)


@functools.cache
def _upsert_statement(table: sa.Table) -> sa.sql.expression.TextClause:
    """As text, which SQLite and PostgreSQL read alike: SQLAlchemy compiles its own upsert anew at every execution."""
    keys = [column.name for column in table.primary_key]
    names = [column.name for column in table.columns]
    changed = ", ".join(f"{name} = excluded.{name}" for name in names if name not in keys)
    statement = sa.text(
        f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join(':' + name for name in names)}) "  # noqa: S608
        f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changed}"
    )
    return statement.bindparams(*(sa.bindparam(column.name, type_=column.type) for column in table.columns))


# What every turn needs, built once: building a statement costs five times as much as running it.
_LINES = tables.transcript.c
_LINE_OF_MESSAGE = sa.select(tables.transcript).where(
    _LINES.channel == sa.bindparam("channel"),
    _LINES.person == sa.bindparam("person"),
    _LINES.message_id == sa.bindparam("message_id"),
)
_ANSWERS_TO_LINE = sa.select(tables.transcript).where(_LINES.answer_to == sa.bindparam("line")).order_by(_LINES.seq)
_ADD_LINE = tables.transcript.insert()
_NOTICES = sa.select(tables.transcript).where(
    _LINES.channel == sa.bindparam("channel"),
    _LINES.person == sa.bindparam("person"),
    _LINES.reply.like(sa.bindparam("reply")),
)
_SAID = sa.select(_LINES.seq).where(
    _LINES.channel == sa.bindparam("channel"),
    _LINES.person == sa.bindparam("person"),
    _LINES.at >= sa.bindparam("since"),
    _LINES.reply == sa.bindparam("reply"),
)
_CONVERSATION = sa.select(tables.conversations.c.events).where(
    tables.conversations.c.citizen_id == sa.bindparam("citizen")
)


@dataclass(frozen=True)
class Citizen:
    id: str
    language: str


class Citizens:
    """Our own id for whoever writes from an address, and the language they use."""

    def __init__(self, database: Database, language: str = "vi") -> None:
        self._database, self._language = database, language
        self._known: OrderedDict[Address, Citizen] = OrderedDict()

    async def recognise(self, address: Address, language: Optional[str] = None) -> Citizen:
        """``language`` is what somebody who was never seen before probably speaks."""
        if address not in self._known:
            find = functools.partial(self._find, address=address, language=language or self._language)
            self._remember(address, await self._database.run(find))
        self._known.move_to_end(address)
        return self._known[address]

    @staticmethod
    def _find(connection: sa.engine.Connection, address: Address, language: str) -> Citizen:
        table = tables.addresses
        query = sa.select(table.c.citizen_id, table.c.language).where(of(table, address))
        row = connection.execute(query).first()
        if row:
            return Citizen(row.citizen_id, row.language)
        citizen = Citizen(uuid.uuid4().hex, language)
        values = {"channel": address.channel, "person": address.id, "citizen_id": citizen.id}
        connection.execute(table.insert(), {**values, "language": citizen.language, "created_at": now()})
        return citizen

    def speak(self, address: Address, language: str) -> None:
        """Remember the language for the next message, and later for notices."""
        table = tables.addresses
        known = self._known.get(address)
        if known is not None:
            self._remember(address, replace(known, language=language))
        change = table.update().where(of(table, address))
        self._database.post(lambda connection: connection.execute(change.values(language=language)))

    def known(self, address: Address) -> Optional[Citizen]:
        """Without asking the database."""
        return self._known.get(address)

    def forget(self, addresses: Iterable[Address]) -> None:
        """Who they belong to was changed in the database: look there again."""
        for address in addresses:
            self._known.pop(address, None)

    def _remember(self, address: Address, citizen: Citizen) -> None:
        self._known[address] = citizen
        while len(self._known) > CACHED_CITIZENS:
            self._known.popitem(last=False)


@dataclass(frozen=True)
class Stored:
    """A citizen's message in the transcript, with the answers it already has."""

    entry: Entry
    answers: tuple[Entry, ...] = ()


class Transcript:
    """Every line of every conversation, stored before it is acknowledged."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_message(self, message: IncomingMessage) -> Stored:
        """Store a message once; one seen before is given back with its answers."""
        return await self._database.run(lambda connection: self._add_message(connection, message))

    def _add_message(self, connection: sa.engine.Connection, message: IncomingMessage) -> Stored:
        key = {"channel": message.address.channel, "person": message.address.id, "message_id": message.id}
        row = connection.execute(_LINE_OF_MESSAGE, key).first()
        if row:
            answers = connection.execute(_ANSWERS_TO_LINE, {"line": row.seq})
            return Stored(_entry(row), tuple(_entry(answer) for answer in answers))
        values = {**key, "at": message.received_at, "text": message.text}
        seq = connection.execute(_ADD_LINE, values).inserted_primary_key[0]
        return Stored(Entry(seq, message.received_at, message.text, message.id))

    async def line(self, address: Address, seq: int) -> Optional[Entry]:
        return await self._database.run(lambda connection: read_line(connection, address, seq))

    async def notice(self, address: Address, delivery: int) -> Optional[Entry]:
        """Our line that is this delivery of a campaign."""
        values = {"channel": address.channel, "person": address.id, "reply": f'%"delivery":{delivery}%'}
        rows = await self._database.run(lambda connection: connection.execute(_NOTICES, values).all())
        entries = (_entry(row) for row in rows)
        return next((one for one in entries if one.reply and one.reply.custom.get("delivery") == delivery), None)

    async def add_answers(self, address: Address, answer_to: Optional[int], replies: Sequence[Reply]) -> list[Entry]:
        def work(connection: sa.engine.Connection) -> list[Entry]:
            note_asked(connection, address, replies, now())
            return add_replies(connection, address, answer_to, replies)

        return await self._database.run(work)

    async def was_said(self, address: Address, reply: Reply, since: dt.datetime) -> bool:
        """Whether we said just this to this address since then (a moment in UTC)."""
        values = {"channel": address.channel, "person": address.id, "since": since, "reply": _written(reply)}
        return await self._database.run(lambda connection: connection.execute(_SAID, values).first() is not None)

    async def history(self, address: Address, after: int = 0, limit: int = HISTORY) -> list[Entry]:
        table = tables.transcript
        query = (
            sa.select(table)
            .where(of(table, address), table.c.seq > after)
            .order_by(table.c.seq.desc())
            .limit(limit)
        )
        rows = await self._database.run(lambda connection: connection.execute(query).all())
        return [_entry(row) for row in reversed(rows)]


def add_replies(
    connection: sa.engine.Connection, address: Address, answer_to: Optional[int], replies: Sequence[Reply]
) -> list[Entry]:
    """Within a database work: our lines, which answer the line ``answer_to`` or nothing that was said."""
    at, entries = now(), []
    for reply in replies:
        row = {"channel": address.channel, "person": address.id, "at": at, "answer_to": answer_to}
        row["reply"] = _written(reply)
        entries.append(Entry(connection.execute(_ADD_LINE, row).inserted_primary_key[0], at, reply=reply))
    return entries


def read_line(connection: sa.engine.Connection, address: Address, seq: int) -> Optional[Entry]:
    """Within a database work: one line of this address."""
    query = sa.select(tables.transcript).where(_LINES.seq == seq, of(tables.transcript, address))
    row = connection.execute(query).first()
    return _entry(row) if row else None


def _written(reply: Reply) -> str:
    return msgspec.json.encode(reply).decode()


def with_zone(at: dt.datetime) -> dt.datetime:
    """SQLite gives the time without its zone."""
    return at if at.tzinfo else at.replace(tzinfo=dt.timezone.utc)


def _entry(row: Any) -> Entry:
    reply = msgspec.json.decode(row.reply, type=Reply) if row.reply else None
    return Entry(row.seq, with_zone(row.at), row.text, row.message_id, reply)


class Conversations:
    """The dialogue engine's state (nlu.conversations.ConversationStore)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self, citizen_id: str) -> Optional[str]:
        key = {"citizen": citizen_id}
        return await self._database.run(lambda connection: connection.execute(_CONVERSATION, key).scalar())

    def save(self, citizen_id: str, events: str) -> None:
        row = {"citizen_id": citizen_id, "events": events, "updated_at": now()}
        self._database.post(lambda connection: upsert(connection, tables.conversations, row))

    def delete(self, citizen_id: str) -> None:
        delete = tables.conversations.delete().where(tables.conversations.c.citizen_id == citizen_id)
        self._database.post(lambda connection: connection.execute(delete))


class LastKnownDossiers:
    """The last state of each dossier that a portal gave (knowledge.registry.LastKnown)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, code: DossierCode) -> Optional[Dossier]:
        query = sa.select(tables.dossier_states.c.document).where(tables.dossier_states.c.code == str(code))
        document = await self._database.run(lambda connection: connection.execute(query).scalar())
        try:
            return Dossier.from_json(document.encode()) if document else None
        except msgspec.ValidationError as error:  # written by an older version: as if it had never been known
            logger.warning("a dossier's last state cannot be read any more: %s", error)
            return None

    async def put(self, dossier: Dossier) -> None:
        row = {
            "code": str(dossier.code),
            "document": dossier.to_json().decode(),
            "fetched_at": dossier.fetched_at,
            "procedure": dossier.procedure_code,
            "is_open": not dossier.status.is_finished,
            "due_at": dossier.due_at and dossier.due_at.astimezone(dt.timezone.utc),
        }
        self._database.post(lambda connection: upsert(connection, tables.dossier_states, row))


class Feedback:
    """Praise, complaints and reports of wrong answers (actions.services.FeedbackBox)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, citizen_id: str, kind: str, text: str, procedure: Optional[str]) -> str:
        row = {"citizen_id": citizen_id, "kind": kind, "text": text[:2000], "procedure": procedure, "at": now()}
        work = tables.feedback.insert()
        number = await self._database.run(lambda connection: connection.execute(work, row).inserted_primary_key[0])
        return f"GY-{number:05d}"


def imported_documents(connection: sa.engine.Connection) -> list[str]:
    """All procedures of the last imports as they are stored, in the order of their codes."""
    rows = connection.execute(sa.select(tables.procedures.c.document).order_by(tables.procedures.c.code))
    return [document for (document,) in rows]


def imported_procedures(documents: Sequence[str]) -> list[Procedure]:
    """Raises DatabaseUnusable."""
    decoder = msgspec.json.Decoder(Procedure)
    try:
        return [decoder.decode(document) for document in documents]
    except msgspec.ValidationError as error:
        raise DatabaseUnusable(
            f"an imported procedure cannot be read ({error}): run python -m bot import procedures again"
        ) from error


def imports(connection: sa.engine.Connection) -> tuple[int, str]:
    """How many procedures were imported, and when last: changes with every import that changes something."""
    query = sa.select(sa.func.count(), sa.func.max(tables.procedures.c.imported_at)).select_from(tables.procedures)
    count, newest = connection.execute(query).one()
    return count, str(newest or "")
