"""The second factor: six digits that change every half minute, from a secret that the official's phone holds too."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from dataclasses import dataclass
from typing import Optional

import pyotp
import zxingcpp
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from markupsafe import Markup

SECONDS = 30
TOLERANCE = 1  # steps before and after, for phones whose clock is not quite right
SECRET_BYTES = 20
MODULE = 4  # pixels of the picture for each square


class FactorUnreadable(Exception):
    """The stored secret was encrypted with another SECRET_KEY: set that one, or reset the official."""


@dataclass(frozen=True)
class Enrolment:
    """What a phone needs: ``secret`` to type, ``link`` to press, ``picture`` to photograph."""

    secret: str
    link: str
    picture: Markup


class Factors:
    """``secret``: the installation's key. ``issuer``: under which name phones show the code."""

    def __init__(self, secret: str, issuer: str) -> None:
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"mot-cua console").derive(secret.encode())
        self._cipher, self._secret, self._issuer = Fernet(base64.urlsafe_b64encode(key)), secret.encode(), issuer

    def enrolment(self, invitation: str, login: str) -> Enrolment:
        """Always the same for one invitation, so that nothing has to be kept until it is accepted."""
        derived = hmac.new(self._secret, f"totp:{invitation}".encode(), hashlib.sha256).digest()
        secret = base64.b32encode(derived[:SECRET_BYTES]).decode()
        link = pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=self._issuer)
        return Enrolment(secret, link, _picture(link))

    def seal(self, secret: str) -> str:
        return self._cipher.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises FactorUnreadable."""
        try:
            return self._cipher.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise FactorUnreadable from error


def step_of(secret: str, code: str, at: dt.datetime) -> Optional[int]:
    """The time step that this code belongs to, None when it is none of the present ones."""
    present, one_time = int(at.timestamp()) // SECONDS, pyotp.TOTP(secret)
    given = "".join(code.split()).encode()
    steps = range(present - TOLERANCE, present + TOLERANCE + 1)
    fitting = [step for step in steps if hmac.compare_digest(one_time.generate_otp(step).encode(), given)]
    return max(fitting, default=None)


def _picture(link: str) -> Markup:
    code = zxingcpp.create_barcode(link, zxingcpp.BarcodeFormat.QRCode)
    drawn = zxingcpp.write_barcode_to_svg(code, scale=MODULE)
    # Markup: the library drew rectangles; the link is in none of them as text.
    return Markup(drawn[drawn.index("<svg") :])  # noqa: S704
