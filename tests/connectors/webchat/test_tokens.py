"""Visitor and form tokens: forged and expired ones are strangers."""

from __future__ import annotations

import datetime as dt

import pytest

from connectors.webchat.tokens import TokenRefused, TokenSigner, Visitor, Visitors

START = dt.datetime(2026, 11, 20, tzinfo=dt.timezone.utc)
SECRET = "a secret for the tests, not for a server"


class Clock:
    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> dt.datetime:
        return self.moment


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def visitors(clock: Clock) -> Visitors:
    return Visitors(SECRET, clock)


def test_a_visitor_is_recognised_for_thirty_days_and_then_a_stranger(visitors: Visitors, clock: Clock) -> None:
    known = visitors.recognise_or_name(None)
    clock.moment = START + dt.timedelta(days=30)
    assert visitors.recognise(known.token).id == known.id
    clock.moment += dt.timedelta(seconds=1)
    with pytest.raises(TokenRefused, match="expired"):
        visitors.recognise(known.token)
    assert visitors.recognise_or_name(known.token).id != known.id


def test_a_token_is_renewed_after_a_day(visitors: Visitors, clock: Clock) -> None:
    known = visitors.recognise_or_name(None)
    assert visitors.recognise(known.token).token is None
    clock.moment = START + dt.timedelta(days=20)
    renewed = visitors.recognise(known.token)
    clock.moment = START + dt.timedelta(days=45)
    assert renewed.token is not None
    assert visitors.recognise(renewed.token).id == known.id


@pytest.mark.parametrize("change", ["", "a", "a.b", "a.1.", "ă.1.x", "x" * 300])
def test_what_we_did_not_sign_is_refused(visitors: Visitors, change: str) -> None:
    with pytest.raises(TokenRefused):
        visitors.recognise(change)


def test_a_changed_token_is_forged(visitors: Visitors, clock: Clock) -> None:
    token = visitors.recognise_or_name(None).token or ""
    visitor_id, issued_at, signature = token.split(".")
    for forged in (
        f"{visitor_id}x.{issued_at}.{signature}",
        f"{visitor_id}.{int(issued_at) + 86400}.{signature}",
        f"{visitor_id}.{issued_at}.{signature[:-2]}AA",
        TokenSigner("another secret", "visitor", dt.timedelta(days=30), clock).issue(visitor_id),
        visitors.sign_form(Visitor(visitor_id)),
    ):
        with pytest.raises(TokenRefused, match="forged"):
            visitors.recognise(forged)


def test_a_token_from_the_future_is_refused(visitors: Visitors, clock: Clock) -> None:
    token = visitors.recognise_or_name(None).token
    clock.moment = START - dt.timedelta(hours=1)
    with pytest.raises(TokenRefused):
        visitors.recognise(token)


def test_a_form_belongs_to_one_visitor_for_twelve_hours(visitors: Visitors, clock: Clock) -> None:
    form = visitors.sign_form(Visitor("an"))
    assert visitors.is_own_form(Visitor("an"), form)
    assert not visitors.is_own_form(Visitor("bình"), form)
    clock.moment += dt.timedelta(hours=13)
    assert not visitors.is_own_form(Visitor("an"), form)
