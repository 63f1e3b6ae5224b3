"""``python -m bot model list|activate|rollback``: which versions there are, and which one answers."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from bot.settings import Settings
from knowledge.calendar import VIETNAM_TIME
from nlu.taught import Taught
from nlu.training import fingerprint, refuse_unknown_intents
from nlu.versions import Version, Versions, VersionUnusable

ROOT = Path(__file__).parent.parent
SHOWN_TEXTS = 3


def add_model_command(commands: Any) -> None:
    """Add ``model`` to the command line; its ``run(options, settings)`` gives the exit code."""
    model = commands.add_parser("model", help="list the versions of the model, activate one, roll back (MODELS_FOLDER)")
    what = model.add_subparsers(title="what", required=True, metavar="WHAT")
    listing = what.add_parser("list", help="all versions, newest first; * marks the active one")
    listing.set_defaults(run=list_versions)
    activating = what.add_parser("activate", help="let this version answer; a running server takes it by itself")
    activating.add_argument("version", metavar="VERSION", help="a name as `model list` shows it")
    activating.set_defaults(run=activate)
    back = what.add_parser("rollback", help="back to the version that was active before; once more leads forth again")
    back.set_defaults(run=roll_back)


def list_versions(_: argparse.Namespace, settings: Settings) -> int:
    versions = Versions(settings.models_folder)
    active = versions.active()
    for version in reversed(versions.all()):
        sys.stdout.write(_shown(version, active is not None and active.name == version.name))
    if active is None:
        sys.stdout.write("Chưa có phiên bản nào / No version yet: python -m bot train\n")
    return 0


def activate(options: argparse.Namespace, settings: Settings) -> int:
    versions = Versions(settings.models_folder)
    with versions.locked():
        return _activate(versions, versions.get(options.version), settings)


def roll_back(_: argparse.Namespace, settings: Settings) -> int:
    versions = Versions(settings.models_folder)
    with versions.locked():
        before = versions.before()
        if before is None:
            raise VersionUnusable("Chưa có phiên bản trước để quay lại / There is no version to roll back to")
        return _activate(versions, before, settings)


def _activate(versions: Versions, version: Version, settings: Settings) -> int:
    """Raises TaughtWrong when what was taught does not fit the intents and the procedures of today."""
    from bot.library import open_catalogue
    from bot.storage import migrate
    from bot.teaching import refuse_unknown_codes

    if version.taught:
        migrate(settings.database_url)
        refuse_unknown_intents(ROOT, version.taught)
        refuse_unknown_codes(open_catalogue(settings.database_url, models=settings.models_folder), version.taught)
    versions.activate(version)
    sys.stdout.write(
        f"Đang dùng phiên bản {version.name}; máy chủ đang chạy sẽ tự chuyển sau vài giây.\n"
        f"Version {version.name} is active; a running server takes it within seconds.\n"
    )
    if version.about.sources != fingerprint(ROOT):
        sys.stdout.write(
            "Nó làm từ mã nguồn khác: hãy khởi động lại máy chủ để huấn luyện lại với những gì đã dạy.\n"
            "It was made from other sources: restart the server to train anew with what was taught.\n"
        )
    return 0


def _shown(version: Version, is_active: bool) -> str:
    about = version.about
    made = about.made.astimezone(VIETNAM_TIME).strftime("%d/%m/%Y %H:%M")
    lines = [f"{'*' if is_active else ' '} {version.name:16} {made}  {figures_text(version)}"]
    lines += _texts("+", about.added) + _texts("-", about.removed)
    if not about.added and not about.removed:
        lines.append("      (không dạy thêm gì / nothing taught)")
    return "\n".join(lines) + "\n"


def figures_text(version: Version) -> str:
    measured = version.about.measured
    if measured is None:
        return "chưa đo / not measured"
    shown = (name for name in ("right", "right_or_offered", "wrong") if name in measured.figures)
    return ", ".join(f"{name} {100 * measured.figures[name]:.1f} %" for name in shown)


def _texts(sign: str, taught: Taught) -> list[str]:
    groups = {**taught.questions, **taught.names}
    lines = []
    for key, texts in groups.items():
        more = f" … ({len(texts)})" if len(texts) > SHOWN_TEXTS else ""
        lines.append(f"      {sign} {key}: {'; '.join(texts[:SHOWN_TEXTS])}{more}")
    return lines
