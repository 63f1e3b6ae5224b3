"""The settings, read once from the environment and ``.env``; a wrong one stops the start and is named."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Mapping, Optional

from bot.channel_settings import read_addresses, read_telegram, read_zalo
from bot.environment import Reader, SettingWrong
from connectors.messages import Address
from connectors.telegram_settings import TelegramSettings
from connectors.zalo.settings import ZaloSettings

PORTAL_KINDS = ("emulated", "dvcqg", "igate", "onestop")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LANGUAGES = ("vi", "en")
MESSENGERS = ("zalo", "telegram")


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
    redis_url: str = field(default="", repr=False)
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
    zalo: Optional[ZaloSettings] = None
    telegram: Optional[TelegramSettings] = None
    alert_to: tuple[Address, ...] = ()

    @property
    def messengers(self) -> tuple[str, ...]:
        """The messaging channels that are set up."""
        return tuple(name for name in MESSENGERS if getattr(self, name) is not None)


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Settings from environment variables. Raises SettingWrong."""
    read = Reader(environ)
    kind = read.one_of("PORTAL_KIND", PORTAL_KINDS, "emulated")
    needing = {one: f"the portal kind {one}" if one == kind else "" for one in PORTAL_KINDS}
    portal = PortalSettings(
        kind=kind,
        url=read.address("PORTAL_URL", needed_by="" if kind == "emulated" else needing[kind]),
        username=read.text("PORTAL_USERNAME", needed_by=needing["dvcqg"] or needing["igate"]),
        password=read.text("PORTAL_PASSWORD", needed_by=needing["dvcqg"]),
        agency=read.text("PORTAL_AGENCY", needed_by=needing["dvcqg"]),
        destination=read.text("PORTAL_DESTINATION", needed_by=needing["dvcqg"]),
        token_url=read.address("PORTAL_TOKEN_URL", needed_by=needing["igate"]),
    )
    default = Settings()
    settings = Settings(
        host=read.text("HOST", default.host),
        port=read.number("PORT", default.port, 1, 65535),
        database_url=read.text("DATABASE_URL", default.database_url),
        models_folder=Path(read.text("MODELS_FOLDER", str(default.models_folder))),
        secret_key=read.secret("SECRET_KEY"),
        redis_url=read.text("REDIS_URL"),
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
        zalo=read_zalo(read),
        telegram=read_telegram(read),
        alert_to=read_addresses(read, "ALERT_TO"),
    )
    away = [address.channel for address in settings.alert_to if address.channel not in settings.messengers]
    if settings.redis_url and not settings.redis_url.startswith(("redis://", "rediss://")):  # it may hold a password
        raise SettingWrong("REDIS_URL must be an address such as redis://127.0.0.1:6379/0")
    if away:
        raise SettingWrong(f"ALERT_TO names {away[0]}, which is not set up")
    return settings
