"""The tables, as the newest migration leaves them; ``tests/bot/test_storage.py`` compares the two."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")

# Curated procedures live in YAML; this table holds what was imported from an official export, one JSON document each.
procedures = sa.Table(
    "procedures",
    metadata,
    sa.Column("code", sa.String(20), primary_key=True),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("source_file", sa.String(200), nullable=False),
    sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
)

# Where a person can be reached; a citizen is known to the assistant only by our own random id.
addresses = sa.Table(
    "addresses",
    metadata,
    sa.Column("channel", sa.String(20), primary_key=True),
    sa.Column("person", sa.String(200), primary_key=True),
    sa.Column("citizen_id", sa.String(32), nullable=False, index=True),
    sa.Column("language", sa.String(5), nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
)

# Every line of every conversation. A citizen's line has message_id; ours has answer_to, the line it answers.
transcript = sa.Table(
    "transcript",
    metadata,
    sa.Column("seq", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("person", sa.String(200), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("message_id", sa.String(64)),
    sa.Column("answer_to", NUMBER),
    sa.Column("text", sa.Text, nullable=False, server_default=""),
    sa.Column("reply", sa.Text),
    sa.UniqueConstraint("channel", "person", "message_id", name="uq_transcript_message"),
    sa.Index("ix_transcript_address", "channel", "person", "seq"),
    sa.Index("ix_transcript_answer_to", "answer_to"),
    sqlite_autoincrement=True,
)

# The dialogue engine's state: Rasa's events of the current session, one row per citizen.
conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("citizen_id", sa.String(32), primary_key=True),
    sa.Column("events", sa.Text, nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
)

# The last state a portal gave of each dossier, shown with its date while the portal is down.
dossier_states = sa.Table(
    "dossier_states",
    metadata,
    sa.Column("code", sa.String(64), primary_key=True),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
    # What audiences and reports ask for; None in rows that are older than these columns.
    sa.Column("procedure", sa.String(20), index=True),
    sa.Column("is_open", sa.Boolean),
    sa.Column("due_at", sa.DateTime(timezone=True)),
)

feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("citizen_id", sa.String(32), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("procedure", sa.String(20)),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)

# What came in over messaging platforms, stored before it is acknowledged; done rows are kept to recognise repeats.
# document: the message or event as JSON. state: waiting, working, done, aside (given up after three tries).
# line: the citizen's line of the transcript that answered it.
inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("seq", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("message_id", sa.String(64), nullable=False),
    sa.Column("person", sa.String(200), nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("not_before", sa.DateTime(timezone=True)),
    sa.Column("error", sa.String(200)),
    sa.Column("line", NUMBER),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sa.UniqueConstraint("channel", "message_id", name="uq_inbox_message"),
    sa.Index("ix_inbox_waiting", "state", "channel", "person", "seq"),
    sqlite_autoincrement=True,
)

# What goes out over messaging platforms, one row for each part, frozen as the channel drew it.
# state: waiting, sending, sent, delivered, seen, failed, unknown. line: our line of the transcript, if it is one.
outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("seq", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("person", sa.String(200), nullable=False),
    sa.Column("line", NUMBER),
    sa.Column("part", sa.Integer, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("purpose", sa.Integer, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("not_before", sa.DateTime(timezone=True)),
    sa.Column("began_at", sa.DateTime(timezone=True)),
    sa.Column("bookmark", sa.String(40)),
    sa.Column("message_id", sa.String(200)),
    sa.Column("error", sa.String(200)),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sa.UniqueConstraint("line", "part", name="uq_outbox_part"),
    sa.Index("ix_outbox_waiting", "state", "channel", "person", "seq"),
    sa.Index("ix_outbox_message", "channel", "message_id"),
    sqlite_autoincrement=True,
)

# What a messaging channel lets us do with a person: windows, blocks, an official who took over.
contacts = sa.Table(
    "contacts",
    metadata,
    sa.Column("channel", sa.String(20), primary_key=True),
    sa.Column("person", sa.String(200), primary_key=True),
    sa.Column("follows", sa.Boolean),
    sa.Column("last_interaction_at", sa.DateTime(timezone=True)),
    sa.Column("refused", sa.String(20)),
    sa.Column("refused_at", sa.DateTime(timezone=True)),
    sa.Column("official_until", sa.DateTime(timezone=True)),
)

# Access to an agency's account on a platform: tokens that rotate, encrypted. lease: who is renewing them, until when.
grants = sa.Table(
    "grants",
    metadata,
    sa.Column("service", sa.String(20), primary_key=True),
    sa.Column("account", sa.String(40), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("lease", sa.String(40)),
    sa.Column("lease_until", sa.DateTime(timezone=True)),
)

# Codes with which a citizen joins two channels; only a keyed digest is kept.
link_codes = sa.Table(
    "link_codes",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("citizen_id", sa.String(32), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
)

# A citizen's wish to be told when a dossier moves. told: the state they know, as a fingerprint.
watches = sa.Table(
    "watches",
    metadata,
    sa.Column("citizen_id", sa.String(32), primary_key=True),
    sa.Column("dossier", sa.String(64), primary_key=True),
    sa.Column("told", sa.String(64), nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("check_at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("ix_watches_check_at", "check_at"),
)

# What a person of the agency must look at, until it is over.
alerts = sa.Table(
    "alerts",
    metadata,
    sa.Column("name", sa.String(60), primary_key=True),
    sa.Column("sentence", sa.Text, nullable=False),
    sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
)

# Exports of procedures that officials sent up, and what became of them. state: sending_up, waiting, done, refused.
# report: bot.import_report.FileReport as JSON; problem: why it was refused.
import_files = sa.Table(
    "import_files",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("official_id", sa.Integer, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("report", sa.Text),
    sa.Column("problem", sa.String(600)),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sqlite_autoincrement=True,
)

# Their content until it has been read: any worker machine can read it.
import_chunks = sa.Table(
    "import_chunks",
    metadata,
    sa.Column("file", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)
