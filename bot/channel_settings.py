"""The settings of the messaging channels: a channel without its settings is not opened."""

from __future__ import annotations

import re
from typing import Optional

from bot.environment import Reader, SettingWrong
from connectors.messages import Address
from connectors.telegram_settings import MODES, TelegramSettings
from connectors.zalo.settings import ZaloSettings

_DIGITS = "[0-9]{5,25}"
_TOKEN = "[0-9]{5,20}:[A-Za-z0-9_-]{20,100}"  # noqa: S105 - the shape of one
_SECRET = "[A-Za-z0-9_-]{1,256}"  # noqa: S105 - as Telegram wants it


def read_zalo(read: Reader) -> Optional[ZaloSettings]:
    """None without ZALO_APP_ID. Raises SettingWrong."""
    app_id = read.fitting("ZALO_APP_ID", _DIGITS, "the app's id, digits only")
    if not app_id:
        return None
    needed_by = "the Zalo channel (ZALO_APP_ID)"
    return ZaloSettings(
        app_id=app_id,
        oa_id=read.fitting("ZALO_OA_ID", _DIGITS, "the account's id, digits only", needed_by=needed_by),
        app_secret=read.text("ZALO_APP_SECRET", needed_by=needed_by),
        oa_secret_key=read.text("ZALO_OA_SECRET_KEY", needed_by=needed_by),
        oauth_url=read.address("ZALO_OAUTH_URL", ZaloSettings.oauth_url),
        api_url=read.address("ZALO_API_URL", ZaloSettings.api_url),
        business_url=read.address("ZALO_BUSINESS_URL", ZaloSettings.business_url),
        buttons=read.flag("ZALO_BUTTONS"),
        code_verifier=read.fitting(
            "ZALO_CODE_VERIFIER", "[A-Za-z0-9_.~-]{43,128}", "43 to 128 letters, digits or -._~"
        ),
        use_proof=read.flag("ZALO_USE_PROOF"),
        site_verification=read.fitting("ZALO_SITE_VERIFICATION", "[A-Za-z0-9_-]{1,100}", "the code that Zalo gave"),
        contact_image=read.address("ZALO_CONTACT_IMAGE"),
        dossier_template=read.fitting("ZALO_DOSSIER_TEMPLATE", "[0-9]{1,20}", "the template's id, digits only"),
    )


def read_telegram(read: Reader) -> Optional[TelegramSettings]:
    """None without TELEGRAM_TOKEN. Raises SettingWrong."""
    if not read.text("TELEGRAM_TOKEN"):
        return None
    try:
        token = read.fitting("TELEGRAM_TOKEN", _TOKEN, "the token that BotFather gave")
    except SettingWrong as error:  # its sentence would show the token
        raise SettingWrong("TELEGRAM_TOKEN must be the token that BotFather gave, such as 123456:ABC-…") from error
    mode = read.one_of("TELEGRAM_MODE", MODES, "polling")
    origins = read.origins("PUBLIC_ORIGIN")
    if mode == "webhook" and not origins:
        raise SettingWrong("PUBLIC_ORIGIN is missing: TELEGRAM_MODE webhook needs it")
    return TelegramSettings(
        token=token,
        mode=mode,
        api_url=read.address("TELEGRAM_API_URL", TelegramSettings.api_url),
        public_origin=origins[0] if origins else None,
        webhook_secret=read.fitting("TELEGRAM_WEBHOOK_SECRET", _SECRET, "up to 256 letters, digits, _ or -"),
        messages_per_second=read.number("TELEGRAM_MESSAGES_PER_SECOND", 30, 1, 1000),
    )


def read_addresses(read: Reader, name: str) -> tuple[Address, ...]:
    """Addresses as ``channel:id``, separated by blanks. Raises SettingWrong."""
    words = read.text(name).split()
    wrong = [word for word in words if not re.fullmatch("(zalo|telegram):-?[0-9]{1,25}", word)]
    if wrong:
        raise SettingWrong(f"{name} must be addresses such as telegram:123456, not {wrong[0]!r}")
    return tuple(Address(*word.split(":", 1)) for word in words)
