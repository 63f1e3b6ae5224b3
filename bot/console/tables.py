"""The tables of the officials' pages."""

from __future__ import annotations

import sqlalchemy as sa

from bot.tables import NUMBER, metadata

# roles: names of bot.console.officials.Role, separated by blanks. password: an Argon2 hash, None until it is chosen.
# totp_secret is encrypted; totp_step: the last time step whose code was used.
officials = sa.Table(
    "officials",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("login", sa.String(100), nullable=False, unique=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("roles", sa.String(100), nullable=False),
    sa.Column("language", sa.String(5), nullable=False),
    sa.Column("password", sa.String(200)),
    sa.Column("totp_secret", sa.String(300)),
    sa.Column("totp_step", NUMBER),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("locked_until", sa.DateTime(timezone=True)),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("disabled_at", sa.DateTime(timezone=True)),
    # Where their trial notices go: an address that they joined by a code, as channel and person.
    sa.Column("channel", sa.String(20)),
    sa.Column("person", sa.String(200)),
    sqlite_autoincrement=True,
)

# One-time links with which an official sets password and second factor; only a digest of the secret is kept.
invitations = sa.Table(
    "invitations",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("official_id", sa.Integer, nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("official_id", sa.Integer, nullable=False, index=True),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("about", sa.String(200), nullable=False),  # the browser
)

# Who did what. Rows can be added only: the database itself refuses to change or delete one, and each carries a keyed
# digest of itself and of the row before it.
audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", NUMBER, primary_key=True, autoincrement=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("official_id", sa.Integer),  # None: the system itself, or nobody known
    sa.Column("official", sa.String(100), nullable=False),
    sa.Column("action", sa.String(60), nullable=False),
    sa.Column("subject", sa.String(100), nullable=False),
    sa.Column("facts", sa.Text, nullable=False),  # JSON object without personal data
    sa.Column("digest", sa.String(64), nullable=False),
)

# What the agency decides while the server runs: one row, bot.house_rules.Rules as JSON.
house_rules = sa.Table(
    "house_rules",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
)
