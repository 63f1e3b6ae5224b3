"""The bot's commands: the menu that citizens see, and the sentence that each of them stands for."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Mapping, Optional

_COMMAND = re.compile(r"/(?P<name>\w{1,32})(?:@(?P<bot>\w+))?(?:\s+(?P<words>.*))?", re.DOTALL)
_WATCH = "hs_"  # on a receipt slip: https://t.me/<bot>?start=hs_<code in base64url>
_DOSSIER_CODE = re.compile(r"\w[\w./-]{4,63}", re.ASCII)


@dataclass(frozen=True)
class Sentences:
    """What a command asks by itself, and when ``{words}`` follow it. The answer is in the language used so far."""

    alone: str
    with_words: str


_HELP = Sentences("trợ giúp", "{words}")

START = "start"
# In the order of the menu, whose descriptions are the texts "command_<name>".
COMMANDS: Mapping[str, Sentences] = {
    "thutuc": Sentences("ở đây có những thủ tục gì", "{words}"),
    "tracuu": Sentences("tra cứu hồ sơ", "tra cứu hồ sơ {words}"),
    "huy": Sentences("hủy", "hủy"),
    "ngonngu": Sentences("đổi ngôn ngữ", "chuyển sang {words}"),
    "trogiup": _HELP,
}
MENU = (START, *COMMANDS)
_WATCHING = "theo dõi hồ sơ {words}"


@dataclass(frozen=True)
class Command:
    """``bot`` is the username behind an @, "" when there is none."""

    name: str
    bot: str
    words: str


def read_command(text: str) -> Optional[Command]:
    match = _COMMAND.fullmatch(text.strip())
    if match is None:
        return None
    return Command(match["name"].lower(), match["bot"] or "", (match["words"] or "").strip())


def sentence_of(command: Command) -> Optional[str]:
    """What the command asks the assistant; None when somebody only says hello with /start."""
    if command.name == START:
        code = _watched_dossier(command.words)
        return _WATCHING.replace("{words}", code) if code else None
    sentences = COMMANDS.get(command.name, _HELP)
    if not command.words or command.name not in COMMANDS:
        return sentences.alone
    return sentences.with_words.replace("{words}", command.words)


def _watched_dossier(payload: str) -> str:
    """The code of the dossier that a link from a receipt slip is about, "" for any other link."""
    if not payload.startswith(_WATCH):
        return ""
    coded = payload.removeprefix(_WATCH)
    try:
        code = base64.b64decode(coded + "=" * (-len(coded) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return ""
    return code if _DOSSIER_CODE.fullmatch(code) else ""
