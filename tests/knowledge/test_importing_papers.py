"""Papers of an export: notes, cases, order, forms, household books and the raw text."""

from __future__ import annotations

from typing import Any

import pytest

from knowledge.importing_findings import Kind
from knowledge.importing_forms import form_of, without_file_name
from knowledge.importing_papers import read_cases
from knowledge.importing_shapes import RawGroup, RawPaper
from knowledge.procedures import Case, PaperUse


class Read:
    """Groups read into cases, with what was reported."""

    def __init__(self, *groups: RawGroup, raw: str = "") -> None:
        self.reported: list[tuple[Kind, str]] = []
        self.cases, self.loose = read_cases(groups, raw, lambda kind, detail: self.reported.append((kind, detail)))

    @property
    def kinds(self) -> list[Kind]:
        return [kind for kind, _ in self.reported]

    def papers(self, case: int = 0) -> list[str]:
        return [paper.name.vi for paper in self.cases[case].papers]


def paper(name: str, originals: int = 1, copies: int = 0, file: str = "") -> RawPaper:
    return RawPaper(name, originals, copies, file)


def group(*papers: RawPaper, heading: str = "") -> RawGroup:
    return RawGroup(heading, papers)


def test_items_without_counts_become_the_note_of_the_last_paper() -> None:
    read = Read(group(paper("Ảnh chụp diều"), paper("Nộp bản sao thì mang bản chính để đối chiếu.", 0, 0)))
    (photo,) = read.cases[0].papers
    assert photo.note is not None
    assert photo.note.vi == "Nộp bản sao thì mang bản chính để đối chiếu"
    assert read.kinds == [Kind.NOTE_NOT_PAPER]
    assert read.loose == ()


def test_notes_too_long_for_a_paper_are_kept_apart() -> None:
    long = "Diều làm bằng giấy " + "rất " * 150 + "mỏng"
    read = Read(group(paper("Đơn"), paper(long, 0, 0)))
    assert read.cases[0].papers[0].note is None
    assert [note.vi for note in read.loose] == [f"Về hồ sơ: {long}"]


def test_remarks_are_notes_whatever_their_counts() -> None:
    read = Read(group(paper("Lưu ý: không thả diều gần sân bay", 1, 1), paper("Đơn")))
    assert read.papers() == ["Đơn"]
    read = Read(group(paper("Không thả diều gần sân bay", 1, 1), heading="Lưu ý"), group(paper("Đơn")))
    assert read.papers() == ["Đơn"]


def test_parts_of_one_list_are_joined_and_shown_papers_come_last() -> None:
    read = Read(
        group(paper("Thẻ căn cước"), heading="Giấy tờ phải xuất trình"),
        group(paper("Xuất trình biên lai mua diều"), paper("Tờ khai thả diều"), heading="a) Thành phần hồ sơ gồm:"),
        group(paper("Ảnh chụp diều", 0, 2), heading="Giấy tờ phải nộp"),
    )
    assert [case.id for case in read.cases] == ["ordinary"]
    assert [(one.name.vi, one.use) for one in read.cases[0].papers] == [
        ("Tờ khai thả diều", PaperUse.SUBMIT),
        ("Ảnh chụp diều", PaperUse.SUBMIT),
        ("Biên lai mua diều", PaperUse.SHOW),
        ("Thẻ căn cước", PaperUse.SHOW),
    ]
    assert read.cases[0].papers[1].copies == 2


def test_headings_that_are_cases_stay_apart_after_the_ordinary_one() -> None:
    read = Read(
        group(paper("Giấy uỷ quyền"), heading="Trường hợp uỷ quyền:"),
        group(paper("Đơn xin đổi"), heading="b) Trường hợp diều hỏng"),
        group(paper("Đơn")),
    )
    assert [(case.id, case.name.vi) for case in read.cases] == [
        ("ordinary", "Trường hợp thông thường"),
        ("truong_hop_dieu_hong", "Trường hợp diều hỏng"),
        ("truong_hop_uy_quyen", "Trường hợp uỷ quyền"),
    ]


def test_ids_of_cases_are_unique() -> None:
    names = ["Trường hợp thả diều trong công viên của phường", "Trường hợp thả diều trong công viên của tỉnh"]
    read = Read(*(group(paper("Đơn"), heading=name) for name in names))
    assert len({case.id for case in read.cases}) == 2
    assert all(len(case.id) <= 32 for case in read.cases)


def test_order_does_not_depend_on_the_portal() -> None:
    items = [paper("(ii) Ảnh"), paper("Giấy khám sức khỏe"), paper("(i) Bản vẽ"), paper("Đơn đề nghị"), paper("Bìa")]
    read, turned = Read(group(*items)), Read(group(*reversed(items)))
    assert read.papers() == turned.papers() == ["Đơn đề nghị", "Bản vẽ", "Ảnh", "Bìa", "Giấy khám sức khỏe"]
    assert Kind.PAPERS_SORTED in read.kinds


@pytest.mark.parametrize("name", ["Sổ hộ khẩu", "Bản sao sổ hộ khẩu của người nộp", "Sổ hộ khẩu hoặc sổ tạm trú"])
def test_a_household_book_is_not_needed(name: str) -> None:
    read = Read(group(paper("Đơn"), paper(name)))
    book = read.cases[0].papers[-1]
    assert book.use is PaperUse.NOT_NEEDED
    assert book.note is not None
    assert read.kinds == [Kind.HOUSEHOLD_BOOK]
    assert "1/1/2023" in read.reported[0][1]


def test_a_household_book_among_others_is_reworded_and_reported() -> None:
    read = Read(group(paper("Hộ chiếu; Sổ hộ khẩu, Sổ tạm trú; giấy phép lái xe")))
    assert read.papers() == ["Hộ chiếu; giấy tờ về nơi thường trú; giấy phép lái xe"]
    assert read.kinds == [Kind.HOUSEHOLD_BOOK_MENTIONED]


def test_long_names_are_cut_at_a_clause_and_lose_nothing() -> None:
    name = "Giấy xác nhận diều bay được; trường hợp diều không bay được thì " + "nộp thêm bản cam kết, " * 8
    (only,) = Read(group(paper(name))).cases[0].papers
    assert only.name.vi == "Giấy xác nhận diều bay được"
    assert only.note is not None
    assert only.note.vi.startswith("trường hợp diều không bay được thì nộp thêm")


def test_counts_are_taken_from_names_only_where_no_item_has_one() -> None:
    items = [paper("Tờ khai thả diều: 02 bản chính;", 0, 0), paper("Ảnh diều: 01 bản chụp", 0, 0)]
    read = Read(group(*items, paper("Trường hợp gấp: 01 bản chính đơn", 0, 0)))
    assert [(one.originals, one.copies) for one in read.cases[0].papers] == [(2, 0), (0, 1)]
    assert read.kinds.count(Kind.COUNT_FROM_NAME) == 2
    assert Read(group(paper("Đơn"), *items)).papers() == ["Đơn"]


def test_raw_text_helps_where_no_paper_was_parsed() -> None:
    raw = "--Tên giấy tờMẫu đơn, tờ khaiSố lượngĐơn đề nghị\t1 bản chính,2 bản saoẢnh diều 3 bản sao"
    read = Read(RawGroup("", ()), raw=raw)
    papers = [(one.name.vi, one.originals, one.copies) for one in read.cases[0].papers]
    assert papers == [("Đơn đề nghị", 1, 2), ("Ảnh diều", 0, 3)]
    assert read.kinds == [Kind.PAPERS_FROM_RAW_TEXT]


@pytest.mark.parametrize("groups", [(), (group(paper("Do phường quy định", 0, 0)),)])
def test_no_papers_is_said_not_invented(groups: Any) -> None:
    read = Read(*groups, raw="--")
    assert isinstance(read.cases[0], Case)
    assert read.papers() == []
    assert read.kinds[-1] is Kind.NO_PAPERS
    assert [note.vi for note in read.loose] == ["Về hồ sơ: Do phường quy định"] * len(groups)


@pytest.mark.parametrize(
    ("name", "file", "form"),
    [
        ("Tờ khai", "1.CT01 ban hành.docx", "CT01"),
        ("Đơn", "Mẫu số 12.docx", "Mẫu số 12"),
        ("Đơn", "Mau so 3a.doc", "Mẫu số 3a"),
        ("Đơn theo Mẫu số 4 của Thông tư", "dondenghi.doc", "Mẫu số 4"),
        ("Đơn", "Phụ lục IX.docx", "Phụ lục IX"),
        ("Đơn", "TT-BTN_02.7.2025.docx", None),
        ("Đơn", "1.9.docx", None),
        ("Đơn", "Mẫu số 1.docxMẫu số 2.docx", None),
        ("Đơn", "", None),
    ],
)
def test_a_file_is_a_form_only_when_it_names_one(name: str, file: str, form: str | None) -> None:
    assert form_of(name, file) == (form, bool(file) and form is None)


@pytest.mark.parametrize(
    ("name", "file", "clean"),
    [
        ("Đơn theo Nghị định 1/2026/NĐ-CPMẫu số 25.docx", "(tên tệp)", "Đơn theo Nghị định 1/2026/NĐ-CP"),
        ("Đơn đề nghị thả diềuTo khai dieu.pdf", "(tên tệp)", "Đơn đề nghị thả diều"),
        ("Bản vẽ diềuMau 08-Phu luc_39.2025.", "TT-BTN_02.7.2025.docx", "Bản vẽ diều"),
        ("Đơn theo Mẫu số 25", "Mẫu số 25.docx", "Đơn theo Mẫu số 25"),
    ],
)
def test_file_names_are_taken_off_the_names_of_papers(name: str, file: str, clean: str) -> None:
    assert without_file_name(name, file) == clean
