"""Alembic migrations: the only place where the database's shape changes."""
