"""Codes, choices, facets and languages: kind, value, and the place in what was typed."""

from __future__ import annotations

import unicodedata

import pytest

from nlu.components.entities import EntityRules
from nlu.vietnamese.normalising import Normaliser
from nlu.vietnamese.phrases import Phrases

RULES = EntityRules.shipped()
NORMALISER = Normaliser.shipped()


def found(text: str) -> list[tuple[str, str, str]]:
    spans = RULES.find(NORMALISER.normalise(text))
    return [(span.entity, span.value, text[span.start : span.end]) for span in spans]


def values(text: str, entity: str) -> list[str]:
    return [value for kind, value, _ in found(text) if kind == entity]


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("tra cứu hồ sơ H57.132-260804-0583", "H57.132-260804-0583"),
        ("h57 132 260804 0583", "h57 132 260804 0583"),
        ("mã 000.00.04.H51-200221-0001 ạ", "000.00.04.H51-200221-0001"),
        ("OOO.OO.O4.H51-200221-0001", "OOO.OO.O4.H51-200221-0001"),
        ("000.00.04.H51", "000.00.04.H51"),
        ("000,00,04,h51 - 200221 - 0001", "000,00,04,h51 - 200221 - 0001"),
        ("G01.899.909-260916-890028", "G01.899.909-260916-890028"),
        ("mã là H57.132–260804–0583.", "H57.132–260804–0583"),
        ("hồ sơ của tôi H57.132", "H57.132"),
        ("H57.132-260804", "H57.132-260804"),
        ("03706/2026/07906 tới đâu rồi", "03706/2026/07906"),
        ("260804-0583", "260804-0583"),
        ("mã hồ sơ là 12345678", "12345678"),
        ("biên nhận 2604-99812 xong chưa", "2604-99812"),
        ("my dossier number is H26.107-260901-1234", "H26.107-260901-1234"),
    ],
)
def test_dossier_code(text: str, typed: str) -> None:
    assert [(kind, part) for kind, _, part in found(text) if kind == "dossier_code"] == [("dossier_code", typed)]
    assert not values(text, "last_four")
    assert not values(text, "procedure_code")


@pytest.mark.parametrize(
    "text",
    ["1.001193", "nghị định 118/2025/NĐ-CP", "0912000345", "079203001234", "ngày 04/08/2026", "mẫu CT01", "H57",
     "bằng A1", "hồ sơ gồm những gì", "hồ sơ năm 2026", "hồ sơ của tôi nộp ngày 5/8"],
)  # fmt: skip
def test_no_dossier_code(text: str) -> None:
    assert values(text, "dossier_code") == []


@pytest.mark.parametrize(
    ("text", "code"),
    [("1.001193", ["1.001193"]), ("thủ tục 2.000815 cần gì", ["2.000815"]), ("mã 1001193", ["1.001193"]),
     ("mã thủ tục: 1,004194", ["1.004194"]), ("1001193", []), ("11.001193", []), ("1.0011934", [])],
)  # fmt: skip
def test_procedure_code(text: str, code: list[str]) -> None:
    assert values(text, "procedure_code") == code


@pytest.mark.parametrize(
    "text",
    ["LK-7KMP-3XQ9", "lk 7kmp 3xq9", "lk7kmp3xq9", "mã nối là LK–7KMP–3XQ9 ạ", "mã Lk_7KMP_3xq9.", "LK - 7KMP - 3XQ9"],
)
def test_link_code(text: str) -> None:
    assert [(kind, value) for kind, value, _ in found(text)] == [("link_code", "7KMP3XQ9")]


def test_a_link_code_of_digits_is_nothing_else() -> None:
    assert [kind for kind, _, _ in found("LK 2345 6789")] == ["link_code"]


@pytest.mark.parametrize("text", ["lk then when", "LK-7KMP", "7KMP-3XQ9", "LK-7KMP-3XQ9A", "liên kết 2345 6789"])
def test_no_link_code(text: str) -> None:
    assert values(text, "link_code") == []


@pytest.mark.parametrize(
    ("text", "digits"),
    [("0123", ["0123"]), ("4 số cuối là 0123", ["0123"]), ("bon so cuoi cccd cua toi la 7788", ["7788"]),
     ("the last four digits of my phone are 4455", ["4455"]), ("dạ 1290", ["1290"]), ("năm 2024", []),
     ("luật đất đai năm 2024 quy định thế nào", []), ("0912000345", []), ("12345", []), ("1234 5678", [])],
)  # fmt: skip
def test_last_four(text: str, digits: list[str]) -> None:
    assert values(text, "last_four") == digits


@pytest.mark.parametrize(
    ("text", "ordinal"),
    [("cái thứ hai", "2"), ("số 2", "2"), ("so 2 di", "2"),
     ("cái đầu", "1"), ("cái đầu tiên", "1"), ("cái cuối", "last"),
     ("cái cuối cùng", "last"), ("thứ nhất", "1"), ("3", "3"), ("10", "10"), ("the second one", "2"),
     ("last one", "last"),
     ("number 3", "3"), ("chọn cái số 4", "4"), ("thủ tục thứ ba", "3"), ("tôi hỏi cái thứ hai", "2")],
)  # fmt: skip
def test_ordinal(text: str, ordinal: str) -> None:
    assert values(text, "ordinal") == [ordinal]


@pytest.mark.parametrize(
    "text",
    ["thứ hai có làm không", "sáng thứ 7", "thông tư số 2/2024", "phiếu lý lịch tư pháp số 2", "11", "0", "2 bản sao",
     "thủ tục năm 2024", "cái này", "con thứ hai của tôi", "quầy số 3 phục vụ tốt", "định danh mức 2"],
)  # fmt: skip
def test_no_ordinal(text: str) -> None:
    assert values(text, "ordinal") == []


@pytest.mark.parametrize(
    ("text", "facets"),
    [
        ("lệ phí bao nhiêu", ["fee"]),
        ("le phi bao nhieu va mat may ngay", ["fee", "time"]),
        ("làm hộ chiếu cần giấy tờ gì, nộp ở đâu", ["papers", "place"]),
        ("cần j, bnhiu tiền", ["papers", "fee"]),
        ("làm online được không", ["online"]),
        ("tải mẫu ở đâu", ["form"]),
        ("nộp hồ sơ ở đâu", ["place"]),
        ("căn cứ pháp lý và điều kiện", ["legal_basis", "conditions"]),
        ("kết quả là gì", ["result"]),
        ("các bước thế nào", ["steps"]),
        ("what documents do I need and how much", ["papers", "fee"]),
        ("lệ phí trước bạ nhà đất", []),
        ("giấy chứng nhận đủ điều kiện an toàn thực phẩm", []),
        ("hỗ trợ chi phí mai táng", []),
        ("hồ sơ của tôi tới đâu rồi", []),
        ("tạm trú", []),
        ("làm hộ chiếu", []),
        ("lam ho so o dau", ["place"]),
        ("nộp hồ sơ gồm những gì", ["papers"]),
        ("làm hộ mẹ được không", ["conditions"]),
        ("làm sao y bản chính", []),
        ("mất tại nhà", []),
        ("sang tên xe", []),
    ],
)
def test_facets(text: str, facets: list[str]) -> None:
    assert values(text, "facet") == facets


def test_places_are_those_of_the_original() -> None:
    assert found("LỆ PHÍ ntn, nộp Ở MÔ?") == [("facet", "fee", "LỆ PHÍ"), ("facet", "place", "Ở MÔ")]
    decomposed = unicodedata.normalize("NFD", "Cho hỏi lệ phí với")
    assert found(decomposed) == [("facet", "fee", unicodedata.normalize("NFD", "lệ phí"))]


@pytest.mark.parametrize(
    ("text", "language"),
    [("nói tiếng Anh", "en"), ("tieng viet di", "vi"), ("English please", "en"), ("switch to Vietnamese", "vi")],
)
def test_language(text: str, language: str) -> None:
    assert values(text, "language") == [language]


def test_a_phrase_under_two_values_is_refused() -> None:
    with pytest.raises(ValueError, match="lệ phí"):
        Phrases("facet", {"fee": ["le phi"], "papers": ["lệ phí"]})


def test_punctuation_breaks_a_phrase() -> None:
    assert Phrases("facet", {"place": ["ở đâu"]}).find("o, dau") == []
