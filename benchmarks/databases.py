"""A database for one measurement: a file, or the PostgreSQL server that a developer's wheel carries."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Iterator

KINDS = ("sqlite", "postgresql")


@contextlib.contextmanager
def temporary_database(kind: str, folder: Path) -> Iterator[str]:
    """Its URL; what it holds lies in ``folder``."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/mot-cua.db"
        return
    # The wheel looks for a runtime folder when it is imported; started by root, its server is a user of its own.
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    folder.chmod(0o755)
    import pgserver  # late: a wheel for developers only

    server = pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
