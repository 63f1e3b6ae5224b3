"""The dossier itself: the national statuses, the proof of ownership, lateness, the journey through JSON."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import msgspec
import pytest

from knowledge.calendar import VIETNAM_TIME
from knowledge.dossiers import Dossier, DossierCode, DossierStatus, FeeDue, OwnerProof, Step

NOW = dt.datetime(2026, 11, 20, 10, 30, tzinfo=VIETNAM_TIME)
DOSSIER = Dossier(
    code=DossierCode.parse("H57.132-260804-0583"),
    status=DossierStatus.PROCESSING,
    status_text="Đang xử lý",
    source="dvcqg",
    fetched_at=NOW,
    due_at=NOW + dt.timedelta(days=2),
    missing=("Giấy chứng sinh",),
    fees=(FeeDue("Lệ phí", 8_000),),
    steps=(Step(NOW, "Bộ phận Một cửa", "Được tiếp nhận"),),
    proof=OwnerProof.of("salt", "0912000345", "099090000678"),
)


def test_the_ten_national_statuses() -> None:
    assert [int(status) for status in DossierStatus] == list(range(1, 11))
    assert [status for status in DossierStatus if status.is_running] == [
        DossierStatus.RECEIVED,
        DossierStatus.PROCESSING,
    ]


def test_the_owner_is_proved_by_either_number() -> None:
    assert DOSSIER.is_proved_by("0345")
    assert DOSSIER.is_proved_by("0678")
    for wrong in ("0346", "345", "", "0912000345", "００"):
        assert not DOSSIER.is_proved_by(wrong)


def test_the_proof_keeps_no_digits_and_is_not_printed() -> None:
    document = DOSSIER.to_json().decode()
    assert "0345" not in document
    assert "0678" not in document
    assert "proof" not in repr(DOSSIER)
    assert OwnerProof.of("another", "0912000345").digests[0] not in DOSSIER.proof.digests


def test_late_only_while_the_office_is_at_work() -> None:
    after = NOW + dt.timedelta(days=3)
    assert not DOSSIER.is_late(NOW)
    assert DOSSIER.is_late(after)
    assert not replace(DOSSIER, status=DossierStatus.SUPPLEMENT_REQUIRED).is_late(after)
    assert not replace(DOSSIER, due_at=None).is_late(after)


def test_through_json_and_back() -> None:
    assert Dossier.from_json(DOSSIER.to_json()) == DOSSIER
    assert Dossier.from_json(DOSSIER.to_json()).is_proved_by("0345")


@pytest.mark.parametrize("document", [b"{}", b"[]", b"{"])
def test_what_is_no_dossier(document: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        Dossier.from_json(document)
