"""The key that signs visitors' tokens when the settings give none: made once, so that a restart keeps every talk."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from bot.environment import SHORTEST_SECRET, SettingWrong
from bot.settings import Settings

SECRET_KEY_FILE = Path("var/secret-key")


def secret_of(settings: Settings) -> str:
    """The key of the settings, or else the kept one. Raises SettingWrong."""
    return settings.secret_key or kept_secret(SECRET_KEY_FILE)


def kept_secret(path: Path) -> str:
    """The key in ``path``, made now if there is none. Raises SettingWrong when it cannot be made, read or trusted."""
    try:
        if not path.exists():
            _make(path)
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingWrong(f"SECRET_KEY is empty and {path} cannot be used: {error}") from error
    if len(key) < SHORTEST_SECRET:
        raise SettingWrong(f"SECRET_KEY is empty and {path} holds no key: delete this file or set SECRET_KEY")
    return key


def _make(path: Path) -> None:
    """Whole or not at all, readable by us only from the first moment; of two processes the first one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".secret-key-")  # mkstemp: mode 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        os.unlink(draft)
