"""Runs the migrations on the connection that bot.storage hands over."""

from __future__ import annotations

from alembic import context

import bot.broadcasts.tables
import bot.console.tables
import bot.jobs.tables  # noqa: F401 - the tables are known when their modules are
from bot.tables import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
