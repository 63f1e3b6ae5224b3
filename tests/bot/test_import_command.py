"""The import command: all files or none, twice without change, and a report for officials."""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
from pathlib import Path
from typing import Any, Iterator

import msgspec
import pytest
import sqlalchemy as sa

from bot import tables
from bot.broadcasts.campaign import Audience, Content
from bot.broadcasts.tables import campaigns, procedure_changes
from bot.import_command import add_import_command, import_procedures
from bot.import_report import FIELDS, LABELS
from bot.records import imported_documents, imported_procedures
from bot.settings import Settings
from bot.storage import open_engine
from knowledge.curated import read_curated_procedures
from knowledge.importing_findings import Kind
from knowledge.procedures import Level, Procedure
from tests.knowledge.exports import EXPORTS, channel, defence_record, portal_record, write_export

TODAY = dt.date(2026, 11, 22)
SECRET = "a secret of these tests, long enough"


class Office:
    """An official at a terminal with a database of their own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        self.url = f"sqlite:///{folder / 'office.db'}"
        self.said = self.complained = ""

    def export(self, name: str, *records: Any) -> Path:
        return write_export(self.folder / name, records)

    def take(self, *files: Path, report: Path | None = None, curated: list[Procedure] | None = None) -> int:
        code = import_procedures(files, self.url, report, TODAY, lambda: curated or [], secret=SECRET)
        self.said, self.complained = self._capsys.readouterr()
        return code

    @contextlib.contextmanager
    def connect(self) -> Iterator[sa.engine.Connection]:
        engine = open_engine(self.url)
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()

    def rows(self) -> list[tuple[Any, ...]]:
        table = tables.procedures
        with self.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.select(table).order_by(table.c.code))]

    def catalogue(self) -> dict[str, Procedure]:
        with self.connect() as connection:
            return {procedure.code: procedure for procedure in imported_procedures(imported_documents(connection))}


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Office:
    return Office(tmp_path, capsys)


def test_both_shapes_are_imported_and_told_in_two_languages(office: Office) -> None:
    portal = office.export("dvcqg-2026-07.jsonl.gz", portal_record(), portal_record("9.000002", cap=[]))
    defence = office.export("bqp-2025-12.jsonl", defence_record())
    assert office.take(portal, defence) == 0
    assert list(office.catalogue()) == ["9.000001", "9.000002", "9.100001"]
    lines = office.said.splitlines()
    assert lines[0] == "dvcqg-2026-07.jsonl.gz: đọc 2, mới 2, thay đổi 0, không đổi 0, không còn 0"
    assert "      1  không rõ cấp thực hiện (9.000002)" in lines
    assert lines.index("Cần xem lại:") < lines.index("bqp-2025-12.jsonl: 1 read, 1 new, 0 changed, 0 unchanged, 0 gone")
    assert "      1  level unknown (9.000002)" in lines


def test_twice_changes_nothing(office: Office) -> None:
    files = office.export("a.jsonl", portal_record()), office.export("b.jsonl.gz", defence_record())
    assert office.take(*files) == 0
    rows = office.rows()
    assert office.take(*reversed(files)) == 0
    assert "a.jsonl: 1 read, 0 new, 0 changed, 1 unchanged, 0 gone" in office.said
    assert office.rows() == rows


def test_a_later_issue_changes_adds_and_keeps_what_is_gone(office: Office) -> None:
    first = [portal_record(f"9.00000{n}") for n in (1, 2, 3)]
    assert office.take(office.export("x-2026-06.jsonl", *first), office.export("y.jsonl", defence_record())) == 0
    later = [first[0], portal_record("9.000002", cap=["Cấp tỉnh"]), portal_record("9.000004")]
    assert office.take(office.export("x-2026-07.jsonl", *later)) == 0
    assert "x-2026-07.jsonl: 3 read, 1 new, 1 changed, 1 unchanged, 1 gone" in office.said
    assert "  no longer in the export, kept: 9.000003" in office.said
    catalogue = office.catalogue()
    assert len(catalogue) == 5
    assert catalogue["9.000002"].levels == (Level.PROVINCE,)
    assert catalogue["9.000001"].checked == dt.date(2026, 7, 31)
    assert catalogue["9.000003"].checked == dt.date(2026, 6, 30)


def test_what_an_import_changes_is_drafted_as_a_notice_and_not_sent(office: Office) -> None:
    assert office.take(office.export("x-2026-06.jsonl", portal_record("9.000001"), portal_record("9.000002"))) == 0
    assert "drafted" not in office.said
    dearer = portal_record("9.000001", cach_thuc=[channel(fee="50000 Đồng")])
    assert office.take(office.export("x-2026-07.jsonl", dearer, portal_record("9.000002"))) == 0
    assert "Tin nháp về thay đổi, chờ cán bộ xem: 1" in office.said
    assert "Notices of changes, drafted for officials: 1" in office.said
    with office.connect() as connection:
        (campaign,) = connection.execute(sa.select(campaigns)).all()
        (change,) = connection.execute(sa.select(procedure_changes)).all()
    content = msgspec.json.decode(campaign.content, type=Content)
    assert (campaign.state, campaign.origin, change.campaign) == ("draft", "radar:9.000001", campaign.id)
    assert "50.000 đồng" in content.body["vi"]
    assert content.audience == Audience(asked="9.000001", days=90, open_dossier="9.000001")


def test_one_bad_file_leaves_the_catalogue_as_it_was(office: Office) -> None:
    good = office.export("good.jsonl", portal_record())
    assert office.take(good) == 0
    rows = office.rows()
    changed = office.export("good.jsonl", portal_record(cap=["Cấp tỉnh"]), portal_record("9.000002"))
    bad = office.export("bad.jsonl", portal_record("9.000003"), '{"ma": ')
    assert office.take(changed, bad) == 1
    assert office.said == ""
    vietnamese, english = office.complained.splitlines()
    assert vietnamese.startswith("Không nhập được: bad.jsonl, dòng 2: JSON hỏng")
    assert english.startswith("Not imported: bad.jsonl, line 2: broken JSON")
    assert english.endswith("The catalogue is as it was.")
    assert office.rows() == rows


def test_a_report_that_cannot_be_written_undoes_the_import(office: Office) -> None:
    assert office.take(office.export("a.jsonl", portal_record())) == 0
    more = office.export("b.jsonl", portal_record("9.000002"))
    assert office.take(more, report=office.folder / "absent" / "report.json") == 1
    assert "không ghi được báo cáo" in office.complained
    assert list(office.catalogue()) == ["9.000001"]


def test_a_database_that_cannot_be_opened_is_said(office: Office) -> None:
    office.url = "mysql://localhost/x"
    assert office.take(office.export("a.jsonl", portal_record())) == 1
    assert "DATABASE_URL" in office.complained


def test_the_report_holds_every_finding_and_difference(office: Office) -> None:
    curated = read_curated_procedures()[0]
    other = "Cấp bộ" if Level.MINISTRY not in curated.levels else "Cấp xã"
    records = [portal_record(curated.code, cap=[other]), *(portal_record(f"9.00000{n}", cap=[]) for n in range(5))]
    path = office.folder / "report.json"
    assert office.take(office.export("z-2099-01.jsonl", *records), report=path, curated=[curated]) == 0
    report = json.loads(path.read_text(encoding="utf-8"))
    assert report["files"][0]["new"] == 6
    levels = [finding for finding in report["findings"] if finding["kind"] == "level_unknown"]
    assert [finding["code"] for finding in levels] == [f"9.00000{n}" for n in range(5)]
    assert not any(finding["repaired"] for finding in levels)
    assert ("levels", curated.code) in {(one["field"], one["code"]) for one in report["differences"]}
    assert "(9.000000, 9.000001, 9.000002, …)" in office.said
    assert "Differs from the curated catalogue:" in office.said


def test_fees_survive_the_database(office: Office) -> None:
    record = portal_record(cach_thuc=[channel(fee="40,000 VNĐ", words="(20.000 đồng đến hết ngày 31/12/2026)")])
    assert office.take(office.export("a.jsonl", record)) == 0
    (counter,) = office.catalogue()["9.000001"].channels
    assert [(fee.amount, fee.valid_to) for fee in counter.fees] == [(40_000, None), (20_000, dt.date(2026, 12, 31))]


def parse(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_import_command(parser.add_subparsers(required=True))
    return parser.parse_args(arguments)


def test_the_command_line_runs_the_import(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    options = parse("import", "procedures", str(office.export("a.jsonl", portal_record())))
    assert options.run(options, Settings(database_url=office.url)) == 0
    assert capsys.readouterr().out.startswith("a.jsonl: đọc 1, mới 1")
    assert list(office.catalogue()) == ["9.000001"]


@pytest.mark.parametrize("arguments", ["import", "import procedures", "import procedures x --report ."])
def test_wrong_usage_is_two(arguments: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(*arguments.split())
    assert caught.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_every_kind_and_field_has_its_words() -> None:
    assert set(LABELS) == set(Kind)
    assert set(FIELDS) == {"channels", "time_limit", "fees", "levels", "papers"}


@pytest.mark.skipif(not EXPORTS.is_dir(), reason="the official exports are not beside this checkout")
def test_the_official_exports_go_in_whole_and_again_without_change(office: Office) -> None:
    files = [EXPORTS / "dvcqg-2026-07.jsonl.gz", EXPORTS / "bqp-2025-12.jsonl.gz"]
    assert office.take(*files) == 0
    rows = office.rows()
    assert len(rows) == 2849
    assert office.take(*files) == 0
    assert "2642 read, 0 new, 0 changed, 2642 unchanged, 0 gone" in office.said
    assert "207 read, 0 new, 0 changed, 207 unchanged, 0 gone" in office.said
    assert office.rows() == rows
