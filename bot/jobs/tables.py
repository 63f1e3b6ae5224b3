"""The table of jobs that are worked off in the process itself."""

from __future__ import annotations

import sqlalchemy as sa

from bot.tables import NUMBER, metadata

# state: waiting, working, done, failed. One row waits or is worked at for each name and key.
jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("name", sa.String(40), nullable=False),
    sa.Column("key", sa.String(80), nullable=False),
    sa.Column("facts", sa.Text, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("error", sa.String(300)),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sa.Index("ix_jobs_waiting", "state", "run_at"),
    sa.Index("ix_jobs_key", "name", "key"),
    sqlite_autoincrement=True,
)
