"""``python -m bot official add|reset|disable|list``: who of the agency may use the console."""

from __future__ import annotations

import argparse
import asyncio
import sys
from typing import Any, Awaitable, Callable

from bot.audit import SYSTEM, Audit
from bot.console.officials import LastAdministrator, LoginTaken, LoginWrong, Member, NoSuchOfficial, Officials
from bot.console.roles import Role
from bot.secret_key import secret_of
from bot.settings import Settings
from bot.storage import Database, migrate

WELCOME = "/console/welcome/"
REFUSALS = {
    LoginTaken: "Tên đăng nhập này đã có người dùng / This login is taken",
    LoginWrong: (
        "Tên đăng nhập gồm 2 đến 50 chữ thường không dấu, số, dấu chấm, gạch ngang, gạch dưới / "
        "A login has 2 to 50 small letters, digits, dots, hyphens and underscores"
    ),
    NoSuchOfficial: "Không có cán bộ này / Nobody has this login",
    LastAdministrator: (
        "Đây là quản trị viên cuối cùng, hãy giao quyền quản trị cho người khác trước / "
        "This is the last administrator, make somebody else one first"
    ),
}
Work = Callable[[Officials], Awaitable[str]]


def add_official_command(commands: Any) -> None:
    """Add ``official`` to the command line; its ``run(options, settings)`` gives the exit code."""
    official = commands.add_parser("official", help="add, reset, disable and list the officials of the console")
    what = official.add_subparsers(title="what", required=True, metavar="WHAT")
    adding = what.add_parser("add", help="add an official and print the one-time link for them")
    adding.add_argument("login", metavar="LOGIN")
    adding.add_argument("--name", required=True, metavar="NAME", help="as colleagues know them")
    names = ",".join(role.value for role in Role)
    adding.add_argument("--roles", required=True, type=_roles, metavar="ROLE,…", help=f"of {names}")
    adding.set_defaults(run=add)
    resetting = what.add_parser("reset", help="take away password, phone and sessions and print a new one-time link")
    resetting.add_argument("login", metavar="LOGIN")
    resetting.set_defaults(run=reset)
    disabling = what.add_parser("disable", help="sign an official out and let them in no more")
    disabling.add_argument("login", metavar="LOGIN")
    disabling.set_defaults(run=disable)
    what.add_parser("list", help="all officials, their roles, and how they stand").set_defaults(run=show_all)


def add(options: argparse.Namespace, settings: Settings) -> int:
    async def work(officials: Officials) -> str:
        token = await officials.add(SYSTEM, options.login, options.name, options.roles)
        return _link(settings, token)

    return _run(settings, work)


def reset(options: argparse.Namespace, settings: Settings) -> int:
    async def work(officials: Officials) -> str:
        member = await officials.named(options.login)
        return _link(settings, await officials.reset(SYSTEM, member.official.id))

    return _run(settings, work)


def disable(options: argparse.Namespace, settings: Settings) -> int:
    async def work(officials: Officials) -> str:
        member = await officials.named(options.login)
        await officials.disable(SYSTEM, member.official.id)
        return "Đã khóa tài khoản / Disabled\n"

    return _run(settings, work)


def show_all(_: argparse.Namespace, settings: Settings) -> int:
    async def work(officials: Officials) -> str:
        return "".join(map(_line, await officials.all())) or "Chưa có cán bộ nào / No officials yet\n"

    return _run(settings, work)


def origin_of(settings: Settings) -> str:
    """Where browsers reach the server."""
    return settings.public_origin or f"http://{settings.host}:{settings.port}"


def _run(settings: Settings, work: Work) -> int:
    try:
        sys.stdout.write(asyncio.run(_opened(settings, work)))
    except tuple(REFUSALS) as refusal:
        sys.stderr.write(f"{REFUSALS[type(refusal)]}\n")
        return 1
    return 0


async def _opened(settings: Settings, work: Work) -> str:
    migrate(settings.database_url)
    database = Database(settings.database_url)
    try:
        return await work(Officials(database, Audit(database, secret_of(settings))))
    finally:
        await database.close()


def _link(settings: Settings, token: str) -> str:
    return (
        "Đường dẫn dùng một lần, trong 24 giờ / One-time link, for 24 hours:\n"
        f"{origin_of(settings)}{WELCOME}{token}\n"
    )


def _line(member: Member) -> str:
    official = member.official
    roles = ",".join(role.value for role in Role if role in official.roles)
    stands = (
        "đã khóa / disabled"
        if member.disabled
        else "đang dùng / joined"
        if member.joined
        else "chưa dùng đường dẫn / link not used yet"
    )
    return f"{official.login}\t{official.name}\t{roles}\t{stands}\n"


def _roles(text: str) -> frozenset[Role]:
    try:
        return frozenset(Role(name.strip()) for name in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{error}; roles are {', '.join(role.value for role in Role)}") from error
