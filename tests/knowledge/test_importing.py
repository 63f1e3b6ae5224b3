"""Official exports: whole files or none, both shapes, and what becomes of a record."""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
from pathlib import Path
from typing import Any

import msgspec
import pytest

from knowledge import importing
from knowledge.importing import Export, ImportRefused, checked_on, read_exports, series_of
from knowledge.importing_findings import Kind
from knowledge.procedures import ChannelKind, Level, Origin, PaperUse, Procedure, ServiceLevel, TimeUnit
from tests.knowledge.exports import EXPORTS, channel, defence_record, portal_record, write_export

TODAY = dt.date(2026, 11, 22)


def read(*paths: Path) -> list[Export]:
    return read_exports(paths, TODAY, lambda _: None)


def refusal(path: Path) -> str:
    with pytest.raises(ImportRefused) as caught:
        read(path)
    assert caught.value.vi != caught.value.en
    return caught.value.en


def kinds(export: Export) -> set[Kind]:
    return {finding.kind for finding in export.findings}


@pytest.mark.parametrize("name", ["thu.jsonl", "thu.jsonl.gz"])
def test_a_portal_record_becomes_a_procedure(tmp_path: Path, name: str) -> None:
    (export,) = read(write_export(tmp_path / name, [portal_record(), "", portal_record("9.000002")]))
    procedure = export.procedures[0]
    assert [one.code for one in export.procedures] == ["9.000001", "9.000002"]
    assert procedure.origin is Origin.IMPORTED
    assert procedure.levels == (Level.COMMUNE,)
    assert procedure.checked == TODAY
    assert procedure.source == "https://example.org/thu-tuc/9.000001"
    assert procedure.agency is not None
    assert procedure.agency.vi == "Ủy ban nhân dân cấp xã"
    assert procedure.applicants is not None
    assert procedure.applicants.vi == "Công dân Việt Nam; Doanh nghiệp"
    assert [step.vi for step in procedure.steps] == ["Chuẩn bị hồ sơ.", "Nộp hồ sơ.\n- Nộp trực tiếp."]
    assert procedure.legal_basis == ("1/2020/TT-TN",)
    assert procedure.conditions == ()
    assert procedure.variant_group is None
    assert msgspec.json.decode(msgspec.json.encode(procedure), type=Procedure) == procedure


def test_a_defence_record_becomes_a_procedure(tmp_path: Path) -> None:
    (export,) = read(write_export(tmp_path / "bqp-2025-02.jsonl", [defence_record()]))
    (procedure,) = export.procedures
    assert procedure.levels == (Level.COMMUNE, Level.MINISTRY)
    assert procedure.checked == dt.date(2025, 2, 28)
    assert procedure.source.endswith("ma_thu_tuc=9.100001")
    assert procedure.agency is not None
    assert procedure.agency.vi == "Ban chỉ huy quân sự cấp xã"
    assert [step.vi for step in procedure.steps] == ["Xin mượn.", "Nhận kèn."]
    form, shown = procedure.cases[0].papers
    assert (form.name.vi, form.form, form.originals, form.use) == ("Đơn mượn kèn", "Mẫu số 7", 1, PaperUse.SUBMIT)
    assert (shown.name.vi, shown.use) == ("Giấy giới thiệu", PaperUse.SHOW)
    (counter,) = procedure.channels
    assert counter.kind is ChannelKind.IN_PERSON
    assert (counter.time_limit.amount, counter.time_limit.unit) == (7, TimeUnit.WORKING_DAY)
    assert [(fee.amount, fee.text.vi) for fee in counter.fees] == [
        (20_000, "20.000 đồng (Mượn kèn đồng)"),
        (None, "03 USD (Người nước ngoài)"),
    ]
    assert procedure.legal_basis == ("Quyết định 5/2021 về kèn",)
    assert kinds(export) == {Kind.SOURCE_BY_CODE}


def test_several_files_in_any_order(tmp_path: Path) -> None:
    portal = write_export(tmp_path / "a.jsonl.gz", [portal_record()])
    defence = write_export(tmp_path / "b.jsonl", [defence_record()])
    assert [e.procedures for e in read(portal, defence)] == [e.procedures for e in reversed(read(defence, portal))]


def test_marks_in_pieces_are_joined_in_keys_and_words(tmp_path: Path) -> None:
    line = unicodedata.normalize("NFD", json.dumps(defence_record(), ensure_ascii=False))
    escaped = json.dumps(portal_record(ten="Tho\u0300i ke\u0300n"))
    (split, written_as_escapes) = read(
        write_export(tmp_path / "a.jsonl", [line]), write_export(tmp_path / "b.jsonl", [escaped])
    )
    assert split.procedures[0].title.vi == "Thủ tục mượn kèn 9.100001"
    assert Kind.CHARACTERS in kinds(split)
    assert written_as_escapes.procedures[0].title.vi == "Thòi kèn"


@pytest.mark.parametrize(
    ("words", "kind", "level"),
    [
        ("Nộp hồ sơ bằng dịch vụ công trực tuyến toàn trình.", "Trực tuyến", ServiceLevel.FULL),
        ("Dịch vụ công trực tuyến một phần.", "Trực tuyến", ServiceLevel.PARTIAL),
        ("Giao lại một phần diện tích.", "Trực tuyến", ServiceLevel.UNKNOWN),
        ("Nộp tại quầy.", "Trực tiếp", ServiceLevel.NONE),
        ("Nộp qua Cổng dịch vụ công quốc gia.", "Trực tiếp", ServiceLevel.UNKNOWN),
    ],
)
def test_service_level_is_read_from_the_texts(tmp_path: Path, words: str, kind: str, level: ServiceLevel) -> None:
    record = portal_record(trinh_tu=words, cach_thuc=[channel(kind)])
    (export,) = read(write_export(tmp_path / "a.jsonl", [record]))
    assert export.procedures[0].service_level is level


def test_what_is_doubtful_is_reported(tmp_path: Path) -> None:
    record = portal_record(
        cap=["Cơ quan khác"],
        url="",
        yeu_cau="- Có diều\n- Được UBND cấp huyện đồng ý",
        ket_qua=[{"ten": "Giấy phépMã: KQ.X00.000001", "ma": None}],
    )
    (export,) = read(write_export(tmp_path / "a.jsonl", [record]))
    (procedure,) = export.procedures
    expected = {Kind.LEVEL_UNKNOWN, Kind.SOURCE_BY_CODE, Kind.DISTRICT_MENTIONED, Kind.RESULT_CODE_REMOVED}
    assert kinds(export) == expected
    assert [one.vi for one in procedure.conditions] == ["Có diều", "Được UBND cấp huyện đồng ý"]
    assert procedure.result is not None
    assert procedure.result.vi == "Giấy phép"


def test_ministries_that_an_export_lacks_are_named(tmp_path: Path) -> None:
    records = [portal_record(), portal_record("9.000002", bo_nganh="bo-y-te")]
    (export,) = read(write_export(tmp_path / "a.jsonl", records))
    missing = [finding.detail for finding in export.findings if finding.kind is Kind.MINISTRY_NOT_COVERED]
    assert "Nội vụ" in missing
    assert "Y tế" not in missing


GOOD = json.dumps(portal_record(), ensure_ascii=False)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], "x.jsonl: the file holds no procedure"),
        ([GOOD, GOOD[:50]], "x.jsonl, line 2: broken JSON"),
        (["[1, 2]"], "line 1: the record is malformed (Expected `object`, got `array`)"),
        (['{"name": "x", "version": 1}'], "line 1: this is JSON but not a procedure"),
        (["<!doctype html><html>"], "line 1: a web page"),
        (["\x00\x01"], "line 1: a binary file"),
        ([GOOD, "", GOOD], "line 3: code 9.000001 stands in x.jsonl, line 1 already"),
        ([portal_record(ma="")], 'line 1: procedure code missing or wrong: ""'),
        ([portal_record(ma="1.00<b>")], "line 1: procedure code missing or wrong"),
        ([portal_record(ten=" . ")], "line 1: procedure 9.000001 has no title"),
        ([portal_record(ten=7)], "Expected `str`, got `int` - at `$.ten`"),
        ([portal_record(cach_thuc="x")], "at `$.cach_thuc`"),
        (['{"ma": "9.000001"}'], "missing required field `ten`"),
        (['{"ma": "9.000001", "ten": "x", "y": ' + "[" * 50_000 + "}"], "line 1: broken JSON"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_what_is_no_export_is_refused_with_its_line(tmp_path: Path, lines: list[Any], expected: str) -> None:
    assert expected in refusal(write_export(tmp_path / "x.jsonl", lines))


def test_damaged_and_binary_files_are_refused(tmp_path: Path) -> None:
    packed = write_export(tmp_path / "x.jsonl.gz", [portal_record(f"9.{n:06}") for n in range(300)])
    whole = packed.read_bytes()
    for damaged in (whole[: len(whole) // 2], whole[:-6], whole + b"rest", whole[:40] + b"\xff" * 40 + whole[80:]):
        packed.write_bytes(damaged)
        assert "the gzip file is cut off or damaged" in refusal(packed)
    packed.write_bytes(b"\x89PNG\r\n\xff\xfe")
    assert "line 1: this is not UTF-8 text" in refusal(packed)
    assert "cannot be read" in refusal(tmp_path / "absent.jsonl")


def test_absurdly_large_lines_and_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long_line = write_export(tmp_path / "x.jsonl.gz", [portal_record(), " " * (importing.MAX_LINE + 1)])
    assert "line 2: the line is longer than 2 MB" in refusal(long_line)
    monkeypatch.setattr(importing, "MAX_BYTES", 2_000)
    large = write_export(tmp_path / "y.jsonl.gz", [portal_record(f"9.{n:06}") for n in range(9)])
    assert "the file is larger than 64 MB" in refusal(large)


def test_the_same_code_in_two_files_is_refused(tmp_path: Path) -> None:
    one, two = (write_export(tmp_path / name, [portal_record()]) for name in ("a.jsonl", "b.jsonl"))
    with pytest.raises(ImportRefused, match=r"b\.jsonl, line 1: code 9\.000001 stands in a\.jsonl, line 1"):
        read(one, two)


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert len(read(path)[0].procedures) == 1


def test_progress_counts_every_byte_once(tmp_path: Path) -> None:
    paths = [write_export(tmp_path / name, [portal_record(f"9.{n:06}")]) for n, name in enumerate(["a.gz", "b.jsonl"])]
    sizes: list[int] = []
    read_exports(paths, TODAY, sizes.append)
    assert sum(sizes) == sum(path.stat().st_size for path in paths)


@pytest.mark.parametrize(
    ("file", "series", "checked"),
    [
        ("dvcqg-2026-07.jsonl.gz", "dvcqg", dt.date(2026, 7, 31)),
        ("bqp-2024-02.jsonl", "bqp", dt.date(2024, 2, 29)),
        ("2026-07.jsonl", "2026-07.jsonl", dt.date(2026, 7, 31)),
        ("thu.jsonl", "thu", TODAY),
    ],
)
def test_the_month_stands_in_the_name(file: str, series: str, checked: dt.date) -> None:
    assert (series_of(file), checked_on(file, TODAY)) == (series, checked)


@pytest.mark.skipif(not EXPORTS.is_dir(), reason="the official exports are not beside this checkout")
def test_both_official_exports_are_read_whole() -> None:
    portal, defence = read(EXPORTS / "dvcqg-2026-07.jsonl.gz", EXPORTS / "bqp-2025-12.jsonl.gz")
    assert (len(portal.procedures), len(defence.procedures)) == (2642, 207)
    procedures = [*portal.procedures, *defence.procedures]
    papers = [paper for procedure in procedures for case in procedure.cases for paper in case.papers]
    assert len(papers) > 13_000
    assert all(paper.originals or paper.copies for paper in papers if paper.use is not PaperUse.NOT_NEEDED)
    assert not [p.name.vi for p in papers if "sổ hộ khẩu" in p.name.vi.lower() and p.use is not PaperUse.NOT_NEEDED]
    assert all(procedure.steps and procedure.source.startswith("https://") for procedure in procedures)
    counted = {kind: sum(f.kind is kind for f in portal.findings) for kind in Kind}
    notes = counted[Kind.NOTE_NOT_PAPER] + counted[Kind.COUNT_FROM_NAME]
    assert notes >= 1174  # items without counts, and "Lưu ý" items with counts
    unitless = (Kind.UNIT_MISSING, Kind.UNIT_ASSUMED, Kind.UNIT_FROM_TEXT, Kind.TIME_AND_FEE_GLUED)
    assert sum(counted[kind] for kind in unitless) + counted[Kind.TIME_UNREADABLE] >= 850
    assert counted[Kind.FREE_BUT_COUNCIL_DECIDES] > 100
    by_code = {procedure.code: procedure for procedure in procedures}
    birth = by_code["1.001193"]
    assert birth.channels[0].time_limit.unit is TimeUnit.WORKING_DAY
    assert {paper.use for paper in birth.cases[0].papers} == {PaperUse.SUBMIT, PaperUse.SHOW}
    assert birth.cases[0].papers[-1].use is PaperUse.SHOW
