"""Signed tokens: who a visitor is, and that a form came from our own page."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Callable, Optional

Now = Callable[[], dt.datetime]

VISITOR_LIFETIME = dt.timedelta(days=30)
VISITOR_RENEWED_AFTER = dt.timedelta(days=1)
FORM_LIFETIME = dt.timedelta(hours=12)
_LONGEST_TOKEN = 200


class TokenRefused(ValueError):
    """Treat the bearer as a stranger."""


class TokenSigner:
    """HMAC-SHA256 over a subject and the moment of issue; each purpose has its own key."""

    def __init__(self, secret: str, purpose: str, lifetime: dt.timedelta, now: Now) -> None:
        self._key = hmac.digest(secret.encode(), purpose.encode(), hashlib.sha256)
        self._lifetime = lifetime
        self._now = now

    def issue(self, subject: str) -> str:
        signed = f"{subject}.{int(self._now().timestamp())}"
        return f"{signed}.{self._signature(signed)}"

    def read(self, token: str) -> tuple[str, dt.timedelta]:
        """The subject and the token's age. Raises TokenRefused."""
        signed, _, signature = token.rpartition(".")
        if len(token) > _LONGEST_TOKEN or not token.isascii():
            raise TokenRefused("not one of our tokens")
        if not hmac.compare_digest(signature, self._signature(signed)):
            raise TokenRefused("forged")
        subject, _, issued_at = signed.rpartition(".")
        age = self._now() - dt.datetime.fromtimestamp(int(issued_at), dt.timezone.utc)
        if not dt.timedelta(seconds=-60) <= age <= self._lifetime:
            raise TokenRefused("expired")
        return subject, age

    def _signature(self, signed: str) -> str:
        digest = hmac.digest(self._key, signed.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True)
class Visitor:
    """``token`` is set when the browser should keep a new one."""

    id: str
    token: Optional[str] = None


class Visitors:
    """Recognises browsers that were here before and names those that were not."""

    def __init__(self, secret: str, now: Now) -> None:
        self._visits = TokenSigner(secret, "visitor", VISITOR_LIFETIME, now)
        self._forms = TokenSigner(secret, "form", FORM_LIFETIME, now)

    def recognise(self, token: Optional[str]) -> Visitor:
        """Raises TokenRefused."""
        if not token:
            raise TokenRefused("no token")
        visitor_id, age = self._visits.read(token)
        return Visitor(visitor_id, self._visits.issue(visitor_id) if age > VISITOR_RENEWED_AFTER else None)

    def is_known(self, token: Optional[str]) -> bool:
        try:
            self.recognise(token)
        except TokenRefused:
            return False
        return True

    def recognise_or_name(self, token: Optional[str]) -> Visitor:
        try:
            return self.recognise(token)
        except TokenRefused:
            visitor_id = secrets.token_urlsafe(18)
            return Visitor(visitor_id, self._visits.issue(visitor_id))

    def sign_form(self, visitor: Visitor) -> str:
        return self._forms.issue(visitor.id)

    def is_own_form(self, visitor: Visitor, form_token: str) -> bool:
        try:
            return self._forms.read(form_token)[0] == visitor.id
        except TokenRefused:
            return False
