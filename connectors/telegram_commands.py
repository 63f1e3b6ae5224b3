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
    """What the assistant is asked, by language: alone, and with words behind the command."""

    alone: Mapping[str, str]
    with_words: Mapping[str, str]


_HELP = Sentences({"vi": "trợ giúp", "en": "help"}, {"vi": "{words}", "en": "{words}"})

# In the order of the menu, whose descriptions are the texts "command_<name>".
COMMANDS: Mapping[str, Sentences] = {
    "thutuc": Sentences(
        {"vi": "ở đây có những thủ tục gì", "en": "what procedures do you have"},
        {"vi": "thủ tục {words}", "en": "{words}"},
    ),
    "tracuu": Sentences(
        {"vi": "tra cứu hồ sơ", "en": "check my application"},
        {"vi": "tra cứu hồ sơ {words}", "en": "track dossier {words}"},
    ),
    "huy": Sentences({"vi": "hủy", "en": "cancel"}, {"vi": "hủy", "en": "cancel"}),
    "ngonngu": Sentences(
        {"vi": "đổi ngôn ngữ", "en": "change language"},
        {"vi": "chuyển sang {words}", "en": "switch to {words}"},
    ),
    "trogiup": _HELP,
}
_WATCHING = {"vi": "theo dõi hồ sơ {words}", "en": "follow dossier {words}"}
_START = "start"


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


def sentence_of(command: Command, language: str) -> Optional[str]:
    """What the command asks the assistant; None when somebody only says hello with /start."""
    if command.name == _START:
        code = _watched_dossier(command.words)
        return _WATCHING[language].format(words=code) if code else None
    sentences = COMMANDS.get(command.name, _HELP)
    if not command.words or command.name not in COMMANDS:
        return sentences.alone[language]
    return sentences.with_words[language].replace("{words}", command.words)


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
