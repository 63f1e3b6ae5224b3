"""The Bot API's methods about the bot itself: who it is, its updates and webhook, commands, chats and files."""

from __future__ import annotations

import json
import re
from typing import Any

from emulators.telegram_calls import Fields, bad_request
from emulators.telegram_methods import Method
from emulators.telegram_updates import Updates
from emulators.telegram_webhook import Webhook
from emulators.telegram_world import World

_LARGEST_DOWNLOAD = 20 * 1024 * 1024
_MOST_UPDATES = 100
_LONGEST_POLL = 50
_MOST_COMMANDS = 100
_SCOPES = (
    "default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat", "chat_administrators",
    "chat_member",
)  # fmt: skip
_NO_GIFTS = dict.fromkeys(
    ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
)

Commands = list[dict[str, str]]


class AccountMethods:
    """What a bot asks and sets about itself. Raises Refusal in Telegram's words."""

    def __init__(self, world: World, updates: Updates) -> None:
        self.methods: dict[str, Method] = {
            "getMe": self._get_me,
            "getUpdates": self._get_updates,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": self._get_webhook_info,
            "setMyCommands": self._set_commands,
            "getMyCommands": self._get_commands,
            "getChat": self._get_chat,
            "getFile": self._get_file,
        }
        self._world = world
        self._updates = updates
        self._commands: dict[tuple[str, str], Commands] = {}

    def menu(self, language: str) -> Commands:
        """What a client in this language shows in a private chat."""
        for scope in ("all_private_chats", "default"):
            for code in (language, ""):
                commands = self._commands.get((_scope_key({"type": scope}), code))
                if commands:
                    return commands
        return []

    async def _get_me(self, _: Fields) -> dict[str, Any]:
        rights = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
        return {**self._world.bot.wire(), **rights}

    async def _get_updates(self, fields: Fields) -> list[dict[str, Any]]:
        self._updates.allow(fields.sequence("allowed_updates"))
        limit = min(max(fields.number("limit", _MOST_UPDATES), 1), _MOST_UPDATES)
        return await self._updates.poll(fields.number("offset"), limit, min(fields.number("timeout"), _LONGEST_POLL))

    async def _set_webhook(self, fields: Fields) -> bool:
        if not fields.text("url"):
            return await self._delete_webhook(fields)
        secret = fields.text("secret_token")
        if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise bad_request("secret token contains unallowed characters")
        connections = min(max(fields.number("max_connections", 40), 1), 100)
        self._drop_pending(fields)
        await self._updates.set_webhook(Webhook(fields.text("url"), secret, connections))
        self._updates.allow(fields.sequence("allowed_updates"))
        return True

    async def _delete_webhook(self, fields: Fields) -> bool:
        self._drop_pending(fields)
        await self._updates.set_webhook(None)
        return True

    def _drop_pending(self, fields: Fields) -> None:
        if fields.flag("drop_pending_updates"):
            self._updates.drop_pending()

    async def _get_webhook_info(self, _: Fields) -> dict[str, Any]:
        webhook, trouble = self._updates.webhook, self._updates.trouble
        info: dict[str, Any] = {
            "url": webhook.url if webhook else "",
            "has_custom_certificate": False,
            "pending_update_count": len(self._updates.pending),
        }
        if webhook is not None:
            info["max_connections"] = webhook.max_connections
        if trouble is not None:
            info |= {"last_error_date": int(trouble.at.timestamp()), "last_error_message": trouble.words}
        if self._updates.allowed:
            info["allowed_updates"] = [*self._updates.allowed]
        return info

    async def _set_commands(self, fields: Fields) -> bool:
        commands = fields.sequence("commands") or ()
        if len(commands) > _MOST_COMMANDS:
            raise bad_request("BOT_COMMANDS_TOO_MUCH")
        self._commands[_commands_key(fields)] = [*map(_command, commands)]
        return True

    async def _get_commands(self, fields: Fields) -> Commands:
        return self._commands.get(_commands_key(fields), [])

    async def _get_chat(self, fields: Fields) -> dict[str, Any]:
        chat = self._world.chats.get(fields.number("chat_id"))
        if chat is None:
            raise bad_request("chat not found")
        return {**chat.wire(), "accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": _NO_GIFTS}

    async def _get_file(self, fields: Fields) -> dict[str, Any]:
        file = self._world.files.get(fields.text("file_id"))
        if file is None:
            raise bad_request("invalid file_id")
        if len(file.content) > _LARGEST_DOWNLOAD:
            raise bad_request("file is too big")
        return {**file.wire(), "file_path": file.path}


def _commands_key(fields: Fields) -> tuple[str, str]:
    scope = fields.mapping("scope") or {"type": "default"}
    if scope.get("type") not in _SCOPES:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    language = fields.text("language_code")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad_request("invalid language code specified")
    return _scope_key(scope), language


def _scope_key(scope: Any) -> str:
    return json.dumps(scope, sort_keys=True)


def _command(raw: Any) -> dict[str, str]:
    command, description = (str(raw.get(name, "")) if isinstance(raw, dict) else "" for name in _COMMAND_FIELDS)
    if not re.fullmatch(r"/?[a-z0-9_]{1,32}", command):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": command.lstrip("/"), "description": description}


_COMMAND_FIELDS = ("command", "description")
