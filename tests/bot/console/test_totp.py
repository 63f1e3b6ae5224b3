"""Codes of the second factor."""

from __future__ import annotations

import datetime as dt

import pyotp
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from bot.console.totp import MODULE, SECONDS, Factors, step_of

FACTORS = Factors("a secret of these tests", "Trung tâm mẫu")
SECRET = FACTORS.enrolment("an invitation", "mai").secret
MOMENTS = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2040, 1, 1), timezones=st.just(dt.timezone.utc))


@given(MOMENTS, st.integers(-200, 200))
def test_a_code_is_taken_one_step_before_and_after_its_time(at: dt.datetime, seconds: int) -> None:
    shown_at = int(at.timestamp()) + seconds
    steps_apart = abs(shown_at // SECONDS - int(at.timestamp()) // SECONDS)
    step = step_of(SECRET, pyotp.TOTP(SECRET).at(shown_at), at)
    if steps_apart <= 1:
        assert step == shown_at // SECONDS
    else:
        assert step is None


@given(st.text(max_size=12), MOMENTS)
def test_whatever_is_typed_is_no_error(code: str, at: dt.datetime) -> None:
    step = step_of(SECRET, code, at)
    assert step is None or "".join(code.split()).isdecimal()


def test_a_code_may_be_typed_with_blanks() -> None:
    at = dt.datetime(2026, 11, 23, tzinfo=dt.timezone.utc)
    code = pyotp.TOTP(SECRET).at(at)
    assert step_of(SECRET, f" {code[:3]} {code[3:]} ", at) is not None


def test_each_invitation_has_a_secret_of_its_own_and_the_same_each_time() -> None:
    assert FACTORS.enrolment("an invitation", "mai").secret == SECRET
    assert FACTORS.enrolment("another invitation", "mai").secret != SECRET
    assert Factors("another key", "Trung tâm mẫu").enrolment("an invitation", "mai").secret != SECRET


def test_the_picture_says_the_link() -> None:
    enrolment = FACTORS.enrolment("an invitation", "mai")
    code = zxingcpp.create_barcode(enrolment.link, zxingcpp.BarcodeFormat.QRCode)
    (read,) = zxingcpp.read_barcodes(zxingcpp.write_barcode_to_image(code, scale=4))
    assert read.text == enrolment.link
    assert enrolment.picture.startswith("<svg")
    assert enrolment.picture in zxingcpp.write_barcode_to_svg(code, scale=MODULE)
    assert "style" not in enrolment.picture


def test_a_sealed_secret_is_opened_again() -> None:
    sealed = FACTORS.seal(SECRET)
    assert SECRET not in sealed
    assert FACTORS.open(sealed) == SECRET
