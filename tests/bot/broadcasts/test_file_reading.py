"""What is read from files of recipients, as offices make them and as nobody should."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from typing import Any, Sequence

import openpyxl
import pytest

from bot.broadcasts.file_faults import ROW_SENTENCES, FileFault, FileRefused, Remark, RowFault
from bot.broadcasts.file_reading import open_rows
from bot.broadcasts.file_rows import Row


def read(content: bytes) -> list[Row]:
    return list(open_rows(io.BytesIO(content)).rows)


def only(content: str) -> Row:
    (row,) = read(content.encode())
    return row


def workbook(rows: Sequence[Sequence[Any]], **more: Any) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for title in more.get("sheets", ()):
        book.create_sheet(title)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("written", "channel", "person"),
    [
        ("0901000001", "phone", "84901000001"),
        ("901000001", "phone", "84901000001"),  # Excel took the zero
        ("'0901000001", "phone", "84901000001"),
        ("+84 (90) 100-0001", "phone", "84901000001"),
        ("84901000001.0", "phone", "84901000001"),
        ("8.4901000001E+10", "phone", "84901000001"),
        ("\u00a00901.000.001\u200b", "phone", "84901000001"),
    ],
)
def test_phone_is_known_however_it_is_written(written: str, channel: str, person: str) -> None:
    row = only(f"Tên;Điện thoại\nAn;{written}\n")
    assert (row.channel, row.person, row.fault) == (channel, person, None)


@pytest.mark.parametrize(
    ("cells", "fault", "shown"),
    [
        ("An;9.1E+10", RowFault.ROUNDED, "9.1E+10"),
        ("An;8,49E+10", RowFault.ROUNDED, "8,49E+10"),
        ("An;02838000001", RowFault.LANDLINE, "••••••••001"),
        ("An;090100000", RowFault.WRONG_PHONE, "••••••000"),
        ("An;0901000001 / 0902000002", RowFault.WRONG_PHONE, "•••••••••• / •••••••002"),
        ("An;", RowFault.NO_RECIPIENT, ""),
        ("An", RowFault.NO_RECIPIENT, ""),
        (";0901000001", RowFault.MISSING_VALUE, "Tên"),
        ("An;0901000001;x", RowFault.TOO_MANY_CELLS, ""),
        ("An\0;0901000001", RowFault.BROKEN, ""),
        ('"An;0901000001', RowFault.BROKEN, ""),
        ('"An"x;0901000001', RowFault.BROKEN, ""),
        ("x" * 101 + ";0901000001", RowFault.TOO_LONG, "Tên"),
        ("x" * 30_000 + ";0901000001", RowFault.BROKEN, ""),
    ],
)
def test_bad_row_says_why(cells: str, fault: RowFault, shown: str) -> None:
    row, good = read(f"Tên;SĐT\n{cells}\nBình;0902000002\n".encode())
    assert (row.number, row.fault, row.shown) == (2, fault, shown)
    assert (good.number, good.person) == (3, "84902000002")


def test_row_in_quotes_may_have_more_lines() -> None:
    rows = read('Tên,SĐT\r\n"An\nở ""Hẻm 3""",0901000001\r\n\r\nBình,0902000002\r\n\r\n\r\n'.encode())
    assert [(row.number, row.person, row.facts.get("ten"), row.fault) for row in rows] == [
        (2, "84901000001", 'An ở "Hẻm 3"', None),
        (4, None, None, RowFault.EMPTY),
        (5, "84902000002", "Bình", None),
    ]


def test_first_filled_of_zalo_telegram_and_phone_counts() -> None:
    rows = read(b"phone,chat id,Zalo ID\n0901000001,,\n0901000001,123456,\n0901000001,123456,77000000001\n,-5,\n")
    assert [(row.channel, row.person, row.fault) for row in rows] == [
        ("phone", "84901000001", None),
        ("telegram", "123456", None),
        ("zalo", "77000000001", None),
        (None, None, RowFault.WRONG_ID),
    ]


def test_title_rows_the_offices_own_columns_and_names_of_the_house_are_left_out() -> None:
    titles = "STT;Số ĐT;Họ và tên (đầy đủ);Ghi chú;Cơ quan;"
    text = f"UBND phường Thử Nghiệm;;;\n\nDANH SÁCH MỜI HỌP;;;\n{titles}\n1;0901000001;An;;;\n"
    opened = open_rows(io.BytesIO(text.encode()))
    (row,) = opened.rows
    assert (opened.columns, row.number, row.facts) == (("ho_va_ten_day_du",), 5, {"ho_va_ten_day_du": "An"})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_unicode_of_all_kinds_and_separators(encoding: str, separator: str) -> None:
    text = "Họ tên,Số điện thoại\r\nĐặng Thị Én,0901000001\r\n".replace(",", separator)
    opened = open_rows(io.BytesIO(text.encode(encoding)))
    (row,) = opened.rows
    assert (opened.remark, row.facts, row.person) == (None, {"ho_ten": "Đặng Thị Én"}, "84901000001")


def test_one_bad_byte_spoils_one_row() -> None:
    content = "Tên,SĐT\nĐặng,0901000001\n".encode() + b"B\xecnh,0902000002\n" + "Dũng,0903000003\n".encode()
    rows = read(content)
    assert [row.fault for row in rows] == [None, RowFault.BROKEN, None]


def test_number_that_excel_rounded_is_explained() -> None:
    (row,) = read(workbook([["Zalo ID"], [2512345678901234567]]))
    assert row.fault is RowFault.ROUNDED


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize("spoil", ["entities", "wide", "backwards", "far", "cut", "gone", "size"])
def test_hostile_workbook_is_refused(spoil: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/x"><sheetData>%s</sheetData></worksheet>'
    good = b'<row r="1"><c t="inlineStr"><is><t>phone</t></is></c></row><row r="2"><c><v>0901000001</v></c></row>'
    content = {
        "entities": BOMB + sheet % good.replace(b"phone", b"&b;"),
        "wide": sheet % (b"<row>" + b"<c><v>1</v></c>" * 10_000 + b"</row>"),
        "backwards": sheet % (good + b'<row r="1"/>'),
        "far": sheet % (good + b'<row r="99999999999"/>'),
        "cut": (sheet % good)[:-20],
        "gone": sheet % good.replace(b"<c><v>0901000001", b'<c t="s"><v>7'),
        "size": sheet % good,
    }[spoil]
    if spoil == "size":
        monkeypatch.setattr("bot.broadcasts.xlsx_parts.Parts.read.__defaults__", (10,))
    source, made = zipfile.ZipFile(io.BytesIO(workbook([["x"]]))), io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as changed:
        for name in source.namelist():
            changed.writestr(name, content if name == "xl/worksheets/sheet1.xml" else source.read(name))
    with pytest.raises(FileRefused) as refused:
        read(made.getvalue())
    wide = FileFault.TOO_MANY_COLUMNS if spoil == "wide" else FileFault.BROKEN_EXCEL
    assert refused.value.fault is wide


def test_archive_that_is_no_workbook_is_refused() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("_rels/.rels", "<Relationships/>")
    with pytest.raises(FileRefused) as refused:
        read(made.getvalue())
    assert refused.value.fault is FileFault.BROKEN_EXCEL


def test_every_fault_has_a_sentence() -> None:
    assert set(ROW_SENTENCES) == set(RowFault)


def test_csv_module_reads_what_the_office_wrote() -> None:
    """The oldest of friends: a file by Python's own writer."""
    file = io.StringIO()
    csv.writer(file).writerows([["phone", "ten"], ["0901000001", 'Lan, "Hẻm 3"; 5'], ["0902000002", "\tA"]])
    assert [row.facts["ten"] for row in read(file.getvalue().encode())] == ['Lan, "Hẻm 3"; 5', "A"]


def test_workbook_with_what_excel_makes_of_things() -> None:
    content = workbook(
        [
            ["Họ tên", "Số điện thoại", "Ngày", "Lúc", "Số tiền"],
            ["An", 901000001, dt.date(2026, 11, 23), dt.datetime(2026, 11, 23, 8, 30), 25000],
            ["Bình", 84902000002, dt.date(2026, 11, 24), dt.time(8, 30), 2.5],
            [],
            ["Cường\nvà Dung", "0903 000 003", "thứ Ba", True, "=1+1"],
        ],
        sheets=["Trang khác"],
    )
    opened = open_rows(io.BytesIO(content))
    rows = list(opened.rows)
    assert (opened.remark, opened.detail) == (Remark.FIRST_SHEET_ONLY, "Sheet")
    assert [row.person for row in rows] == ["84901000001", "84902000002", None]
    assert rows[0].facts == {"ho_ten": "An", "ngay": "23/11/2026", "luc": "08:30 23/11/2026", "so_tien": "25000"}
    assert rows[1].facts == {"ho_ten": "Bình", "ngay": "24/11/2026", "luc": "08:30", "so_tien": "2.5"}
    assert (rows[2].number, rows[2].fault, rows[2].shown) == (5, RowFault.MISSING_VALUE, "Số tiền")  # no result kept
