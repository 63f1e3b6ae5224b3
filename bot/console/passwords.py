"""Passwords: which may be chosen, and Argon2 hashes of them, made beside the event loop and never many at once."""

from __future__ import annotations

import asyncio
import secrets
from typing import Optional

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from bot.wording.speaker import marked as _

SHORTEST, LONGEST, FEWEST_DIFFERENT = 12, 200, 5
AT_ONCE = 2  # each takes 64 MB and a core for a moment
# What many people choose although it is long enough; compared without case, blanks and signs.
COMMON = frozenset(
    {
        "012345678901", "0123456789876", "111222333444", "112233445566", "123123123123", "123456789012",
        "1234567890123", "12345678901234", "1234567890123456", "1q2w3e4r5t6y", "1qaz2wsx3edc", "987654321098",
        "a123456789012", "abc123456789", "abcdefghijkl", "admin1234567", "admin12345678", "admin123456789",
        "adminadminadmin", "administrator", "administrator1", "administrator123", "anhyeuem12345",
        "anhyeuemnhieu", "canbo12345678", "dichvucong123", "emyeuanh12345", "hanhchinhcong", "hanoi12345678",
        "hochiminh1234", "iloveyou1234", "letmein12345", "matkhau12345", "matkhau123456", "matkhau1234567",
        "matkhau123456789", "matkhaucuatoi", "matkhaumatkhau", "motcua123456", "motcua1234567", "password1234",
        "password12345", "password123456", "passwordpassword", "quantri12345", "quantri123456", "quantrivien123",
        "qwertyuiop12", "qwertyuiop123", "qwertyuiopasdf", "toiyeuvietnam", "vietnam12345", "vietnam123456",
        "vietnamvodich", "welcome12345",
    }
)


def problem(password: str, login: str) -> Optional[str]:
    """Why this password cannot be taken, as a sentence that is marked for translation."""
    if len(password) < SHORTEST:
        return _("Mật khẩu cần ít nhất 12 ký tự.")
    if len(password) > LONGEST:
        return _("Mật khẩu dài quá 200 ký tự.")
    plain = "".join(character for character in password.casefold() if character.isalnum())
    if plain in COMMON or len(set(password)) < FEWEST_DIFFERENT:
        return _("Mật khẩu này quá dễ đoán. Xin chọn mật khẩu khác.")
    if login and login in password.casefold():
        return _("Mật khẩu không được chứa tên đăng nhập.")
    return None


class Passwords:
    def __init__(self, hasher: PasswordHasher) -> None:
        self._hasher, self._turns = hasher, asyncio.Semaphore(AT_ONCE)
        self._nobodys = hasher.hash(secrets.token_urlsafe())

    async def hash(self, password: str) -> str:
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def fits(self, kept: Optional[str], password: str) -> bool:
        """``kept`` None (nobody has this login) takes as long as a wrong password: time must not tell them apart."""
        async with self._turns:
            return await asyncio.to_thread(self._verify, kept or self._nobodys, password[:LONGEST]) and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Made with other parameters than those of today: hash the password anew while it is known."""
        return self._hasher.check_needs_rehash(kept)

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except VerifyMismatchError:
            return False
