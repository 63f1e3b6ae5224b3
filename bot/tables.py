"""The tables, as the newest migration leaves them; ``tests/bot/test_storage.py`` compares the two."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

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
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("person", sa.String(200), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("message_id", sa.String(64)),
    sa.Column("answer_to", sa.BigInteger().with_variant(sa.Integer, "sqlite")),
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
