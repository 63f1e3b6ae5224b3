"""The settings, read once from the environment and ``.env``; a wrong one stops the start and is named."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Mapping, Optional, TypeVar

Value = TypeVar("Value")

PORTAL_KINDS = ("emulated", "dvcqg", "igate", "onestop")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LANGUAGES = ("vi", "en")
_ORIGIN = re.compile(r"https?://[a-zA-Z0-9*][a-zA-Z0-9.-]*(:\d{1,5})?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
SHORTEST_SECRET = 32


class SettingWrong(ValueError):
    """A setting is missing or wrong: correct the variable that the sentence names and start again."""


@dataclass(frozen=True)
class PortalSettings:
    """How to reach the portal that answers about dossiers. ``kind`` "emulated" needs nothing else."""

    kind: str = "emulated"
    url: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    agency: str = ""
    destination: str = ""
    token_url: str = ""


@dataclass(frozen=True)
class Settings:
    """Everything that an installation decides. Rates are messages a minute."""

    host: str = "127.0.0.1"
    port: int = 8080
    database_url: str = "sqlite:///var/mot-cua.db"
    models_folder: Path = Path("models")
    secret_key: str = field(default="", repr=False)
    portal: PortalSettings = PortalSettings()
    agency_name: str = "Trung tâm Phục vụ hành chính công"
    agency_name_en: str = "Public Administrative Service Centre"
    agency_address: str = ""
    hotline: str = "1800 1096"
    opening_hours: str = "giờ hành chính các ngày làm việc"
    opening_hours_en: str = "office hours on working days"
    embed_origins: tuple[str, ...] = ()
    public_origin: Optional[str] = None
    proxies: int = 0
    messages_per_minute: int = 15
    messages_burst: int = 10
    address_messages_per_minute: int = 120
    language: str = "vi"
    log_level: str = "INFO"


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Settings from environment variables. Raises SettingWrong."""
    read = _Reader(environ)
    kind = read.one_of("PORTAL_KIND", PORTAL_KINDS, "emulated")
    portal = PortalSettings(
        kind=kind,
        url=read.address("PORTAL_URL", needed=kind != "emulated"),
        username=read.text("PORTAL_USERNAME", needed=kind in ("dvcqg", "igate")),
        password=read.text("PORTAL_PASSWORD", needed=kind == "dvcqg"),
        agency=read.text("PORTAL_AGENCY", needed=kind == "dvcqg"),
        destination=read.text("PORTAL_DESTINATION", needed=kind == "dvcqg"),
        token_url=read.address("PORTAL_TOKEN_URL", needed=kind == "igate"),
    )
    default = Settings()
    return Settings(
        host=read.text("HOST", default.host),
        port=read.number("PORT", default.port, 1, 65535),
        database_url=read.text("DATABASE_URL", default.database_url),
        models_folder=Path(read.text("MODELS_FOLDER", str(default.models_folder))),
        secret_key=read.secret("SECRET_KEY"),
        portal=portal,
        agency_name=read.text("AGENCY_NAME", default.agency_name),
        agency_name_en=read.text("AGENCY_NAME_EN", default.agency_name_en),
        agency_address=read.text("AGENCY_ADDRESS"),
        hotline=read.text("HOTLINE", default.hotline),
        opening_hours=read.text("OPENING_HOURS", default.opening_hours),
        opening_hours_en=read.text("OPENING_HOURS_EN", default.opening_hours_en),
        embed_origins=read.origins("EMBED_ORIGINS"),
        public_origin=next(iter(read.origins("PUBLIC_ORIGIN")), None),
        proxies=read.number("PROXIES", default.proxies, 0, 10),
        messages_per_minute=read.number("MESSAGES_PER_MINUTE", default.messages_per_minute, 1, 1_000_000),
        messages_burst=read.number("MESSAGES_BURST", default.messages_burst, 1, 1_000_000),
        address_messages_per_minute=read.number(
            "ADDRESS_MESSAGES_PER_MINUTE", default.address_messages_per_minute, 1, 10_000_000
        ),
        language=read.one_of("DEFAULT_LANGUAGE", LANGUAGES, default.language),
        log_level=read.one_of("LOG_LEVEL", LOG_LEVELS, default.log_level),
    )


def read_environment(env_file: Path = Path(".env")) -> dict[str, str]:
    """The environment, completed by the lines ``KEY=value`` of ``.env``; the environment wins. Raises SettingWrong."""
    if not env_file.exists():
        return dict(os.environ)
    try:
        lines = env_file.read_text(encoding="utf-8-sig").splitlines()  # editors on Windows put a mark in front
    except OSError as error:
        raise SettingWrong(f"{env_file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingWrong(f"{env_file} is not UTF-8 text") from error
    values: dict[str, str] = {}
    for number, line in enumerate(map(str.strip, lines), 1):
        if not line or line.startswith("#"):
            continue
        key, equals, value = line.partition("=")
        if not equals or not _NAME.fullmatch(key.strip()):
            raise SettingWrong(f"{env_file}, line {number}: expected KEY=value")
        values[key.strip()] = value.strip().strip("\"'")
    return {**values, **os.environ}


class _Reader:
    """Reads one variable after another; an empty one counts as absent."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str, default: str = "", needed: bool = False) -> str:
        value = self._environ.get(name, "").strip()
        if not value and needed:
            raise SettingWrong(f"{name} is missing: the portal kind {self._environ.get('PORTAL_KIND')} needs it")
        return value or default

    def number(self, name: str, default: int, least: int, most: int) -> int:
        value = self.text(name)
        if not value:
            return default
        if not re.fullmatch("[0-9]{1,10}", value) or not least <= int(value) <= most:
            raise SettingWrong(f"{name} must be a whole number from {least} to {most}, not {value!r}")
        return int(value)

    def one_of(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.text(name, default)
        if value not in allowed:
            raise SettingWrong(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
        return value

    def address(self, name: str, needed: bool) -> str:
        return self._checked(name, self.text(name, needed=needed), _ORIGIN.match, "an address such as https://host")

    def origins(self, name: str) -> tuple[str, ...]:
        """Origins separated by blanks or commas."""
        values = re.split(r"[\s,]+", self.text(name))
        return tuple(self._checked(name, v, _ORIGIN.fullmatch, "origins such as https://host") for v in values if v)

    def secret(self, name: str) -> str:
        value = self.text(name)
        if value and len(value) < SHORTEST_SECRET:
            raise SettingWrong(f"{name} must have at least {SHORTEST_SECRET} characters")
        return value

    @staticmethod
    def _checked(name: str, value: str, fits: Callable[[str], object], wanted: str) -> str:
        if value and not fits(value):
            raise SettingWrong(f"{name} must be {wanted}, not {value!r}")
        return value
