"""How a dossier stands, said so that its owner knows what to do: every status, late, last known, proved and not."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Callable, Optional

import pytest

from actions.dossier_facts import detail_facts, status_facts
from bot.wording.dossiers import CODE_PROBLEMS, SOURCES
from bot.wording.speaker import LANGUAGES
from bot.wording.statuses import STATUSES
from connectors.messages import Reply
from knowledge.calendar import read_working_calendar
from knowledge.dossiers import CodeProblem, Dossier, DossierCode, DossierStatus, FeeDue, OwnerProof, Step
from knowledge.registry import LookUp

Word = Callable[..., Reply]
Tell = Callable[..., Reply]
ZONE = dt.timezone(dt.timedelta(hours=7))
CODE = "H57.132-261105-0583"
NOW = dt.datetime(2026, 11, 20, 9, 30, tzinfo=ZONE)  # a Friday


def dossier(**parts: Any) -> Dossier:
    given = {
        "code": DossierCode.parse(CODE),
        "status": DossierStatus.PROCESSING,
        "status_text": "",
        "source": "igate",
        "fetched_at": NOW,
        "procedure_code": "1.001193",
        "procedure_name": "Đăng ký khai sinh",
        "applicant": "T*** T*** H***",
        "received_at": dt.datetime(2026, 11, 5, 8, 0, tzinfo=ZONE),
        "due_at": dt.datetime(2026, 11, 24, 17, 0, tzinfo=ZONE),
        "agency": "Phường Hoa Sen",
        "proof": OwnerProof.of("salt", "0912000123"),
    }
    return Dossier(**{**given, **parts})


@pytest.fixture
def tell(word: Word) -> Tell:
    def tell(
        one: Dossier, said_in: str = "vi", proved: bool = False, is_last_known: bool = False, now: dt.datetime = NOW
    ) -> Reply:
        facts = status_facts(LookUp(one, is_last_known), read_working_calendar(), now)
        facts.update(detail_facts(one) if proved else {})
        given = {name: value for name, value in facts.items() if value not in (None, [], "")}
        return word("dossier", said_in, **given, proved=proved)

    return tell


def test_every_status_and_every_problem_has_words() -> None:
    assert set(STATUSES) == set(DossierStatus)
    assert set(CODE_PROBLEMS) == set(CodeProblem)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("proved", [True, False])
@pytest.mark.parametrize("status", DossierStatus)
def test_every_status_reads_well(tell: Tell, status: DossierStatus, proved: bool, language: str) -> None:
    reply = tell(dossier(status=status), language, proved)
    assert reply.text.startswith({"vi": f"Hồ sơ {CODE}: ", "en": f"Dossier {CODE}: "}[language])
    assert {"vi": "Việc cần làm: ", "en": "What to do: "}[language] in reply.text
    assert {"vi": "09:30 ngày 20/11/2026", "en": "09:30 on 20 November 2026"}[language] in reply.text.split("\n")[-1]
    assert reply.text.count(CODE) == 1
    assert not re.search(r"None|[{}]|  |\.\.", reply.text)
    assert ("ông/bà" in reply.text.lower()) <= (language == "vi")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (DossierStatus.REGISTERED, ["Mới đăng ký", "chưa tính ngày"]),
        (DossierStatus.RECEIVED, ["Được tiếp nhận", "chưa phải làm gì"]),
        (DossierStatus.NOT_ACCEPTED, ["Không được tiếp nhận", "phiếu từ chối", "nộp lại"]),
        (DossierStatus.PROCESSING, ["Đang xử lý", "chờ đến ngày hẹn trả"]),
        (DossierStatus.SUPPLEMENT_REQUIRED, ["Yêu cầu bổ sung giấy tờ", "còn thiếu giấy tờ", "nộp thêm"]),
        (DossierStatus.FEE_DUE, ["nghĩa vụ tài chính", "nộp tiền", "đừng chuyển tiền cho riêng người nào"]),
        (DossierStatus.WITHDRAWN, ["rút hồ sơ", "không yêu cầu rút", "gọi ngay"]),
        (DossierStatus.STOPPED, ["Dừng xử lý", "lý do"]),
        (DossierStatus.DONE, ["Đã xử lý xong", "giấy hẹn", "giấy tờ tùy thân"]),
        (DossierStatus.RETURNED, ["Đã trả kết quả", "kết thúc"]),
    ],
)
def test_a_status_says_what_it_means_and_what_to_do(tell: Tell, status: DossierStatus, words: list[str]) -> None:
    text = tell(dossier(status=status)).text
    assert [word for word in words if word not in text] == []


@pytest.mark.parametrize(
    ("language", "due", "left"),
    [
        ("vi", dt.datetime(2026, 11, 26, 17, 0, tzinfo=ZONE), "Còn lại: 3 ngày làm việc"),  # the 24th is a holiday
        ("vi", dt.datetime(2026, 11, 20, 17, 0, tzinfo=ZONE), "Còn lại: hẹn trả trong hôm nay"),
        ("en", dt.datetime(2026, 11, 23, 17, 0, tzinfo=ZONE), "Time left: 1 working day\n"),
        ("en", dt.datetime(2026, 11, 20, 17, 0, tzinfo=ZONE), "Time left: due today"),
    ],
)
def test_a_running_dossier_says_what_is_left(
    tell: Tell, language: str, due: dt.datetime, left: str
) -> None:
    assert left in tell(dossier(due_at=due), language).text


LATE = dt.datetime(2026, 11, 17, 17, 0, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("language", "apology", "right"),
    [
        ("vi", f"Hồ sơ {CODE} đã trễ hẹn 3 ngày làm việc. Chúng tôi xin lỗi ông/bà", "khiếu nại"),
        ("en", f"Dossier {CODE} is 3 working days late. We apologise", "right to complain"),
    ],
)
def test_a_late_dossier_gets_an_apology_and_a_phone(
    tell: Tell, language: str, apology: str, right: str
) -> None:
    reply = tell(dossier(due_at=LATE), language)
    assert reply.text.startswith(apology)
    assert right in reply.text
    assert "0900000000" in reply.text  # the assistant's own hotline, for want of the office's
    assert "0911000111" in tell(dossier(due_at=LATE, agency_phone="0911000111"), language).text


def test_late_by_less_than_a_day_is_not_counted(tell: Tell) -> None:
    text = tell(dossier(due_at=dt.datetime(2026, 11, 20, 9, 0, tzinfo=ZONE))).text
    assert text.startswith(f"Hồ sơ {CODE} đã quá hẹn trả.")


def test_late_in_a_year_without_known_holidays_is_not_counted(tell: Tell) -> None:
    text = tell(dossier(due_at=dt.datetime(2019, 11, 20, 9, 0, tzinfo=ZONE))).text
    assert text.startswith(f"Hồ sơ {CODE} đã quá")
    assert "ngày làm việc" not in text


@pytest.mark.parametrize("due", [None, LATE])
def test_the_last_known_state_carries_its_time(tell: Tell, due: Optional[dt.datetime]) -> None:
    lead = tell(dossier(due_at=due), is_last_known=True).text.split("\n")[0]
    assert lead.startswith("Cổng tra cứu đang không trả lời. Đây là tình trạng biết được lúc 09:30 ngày 20/11/2026")
    assert CODE in lead
    assert ("xin lỗi" in lead) is (due is LATE)


@pytest.mark.parametrize(
    ("status", "missing", "invitation"),
    [
        (DossierStatus.SUPPLEMENT_REQUIRED, ("Đơn",), "Muốn biết thiếu giấy gì, xin gõ 4 số cuối"),
        (DossierStatus.SUPPLEMENT_REQUIRED, (), "Muốn xem chi tiết, xin gõ 4 số cuối"),
        (DossierStatus.FEE_DUE, (), "Muốn biết phải nộp bao nhiêu, xin gõ 4 số cuối"),
        (DossierStatus.PROCESSING, (), "Muốn xem chi tiết, xin gõ 4 số cuối"),
    ],
)
def test_the_rest_is_for_the_owner(
    tell: Tell, status: DossierStatus, missing: tuple[str, ...], invitation: str
) -> None:
    one = dossier(status=status, missing=missing, reason="Thiếu chữ ký", fees=(FeeDue("Lệ phí", 8000),))
    stranger, owner = tell(one), tell(one, proved=True)
    assert invitation in stranger.text
    assert "xin gõ 4 số cuối" not in owner.text
    for secret in ("T*** T*** H***", "Thiếu chữ ký", "8.000", *missing):
        assert secret not in stranger.text
        assert secret in owner.text


def test_the_procedure_is_named_in_english_where_the_catalogue_has_it(tell: Tell) -> None:
    assert "Procedure: Birth registration\n" in tell(dossier(), "en").text
    assert "Procedure: Cấp phép\n" in tell(dossier(procedure_code="6.999999", procedure_name="Cấp phép"), "en").text
    assert "Thủ tục: Làm khai sinh\n" in tell(dossier(procedure_name="Làm khai sinh")).text


def test_a_dossier_that_cannot_be_proved_asks_for_nothing(tell: Tell) -> None:
    assert "xin gõ" not in tell(dossier(proof=OwnerProof("", ()))).text


@pytest.mark.parametrize(("language", "count"), [("vi", "2 loại, ghi dưới đây"), ("en", "2 papers, listed below")])
def test_missing_papers_are_a_numbered_list(tell: Tell, language: str, count: str) -> None:
    one = dossier(status=DossierStatus.SUPPLEMENT_REQUIRED, missing=("Giấy chứng sinh", "Đơn"))
    text = tell(one, language, proved=True).text
    assert count in text
    assert "\n1. Giấy chứng sinh\n2. Đơn\n" in text


@pytest.mark.parametrize(("language", "money"), [("vi", "Lệ phí: 25.000 đồng"), ("en", "Lệ phí: 25,000 VND")])
def test_what_is_to_be_paid(tell: Tell, language: str, money: str) -> None:
    one = dossier(status=DossierStatus.FEE_DUE, fees=(FeeDue("Lệ phí", 25_000), FeeDue("", 1_000)))
    text = tell(one, language, proved=True).text
    assert money in text
    assert {"vi": "Số tiền phải nộp: 1.000 đồng", "en": "Amount due: 1,000 VND"}[language] in text


def test_steps_are_listed_with_their_office(tell: Tell) -> None:
    steps = (Step(NOW, "Phường Hoa Sen", "Đã nhận"), Step(NOW, "", "Đã chuyển"))
    assert tell(dossier(steps=steps), proved=True).cards[0].items == (
        "09:30 ngày 20/11/2026: Đã nhận (Phường Hoa Sen)",
        "09:30 ngày 20/11/2026: Đã chuyển",
    )


@pytest.mark.parametrize("source", [*SOURCES, "another"])
def test_the_source_is_named_in_words(tell: Tell, source: str) -> None:
    last = tell(dossier(source=source)).text.split("\n")[-1]
    assert last.startswith(("Nguồn: Cổng", "Nguồn: hệ thống", "Nguồn: cổng"))
    assert source not in last


@pytest.mark.parametrize(("language", "words"), [("vi", "mã hồ sơ"), ("en", "dossier code")])
@pytest.mark.parametrize("problem", CodeProblem)
def test_a_wrong_code_is_explained_in_one_line(word: Word, problem: CodeProblem, language: str, words: str) -> None:
    text = word("dossier_code_wrong", language, problem=problem.value).text
    assert words in text.lower()
    assert "\n" not in text  # the dialogue asks for the code again by itself


def test_a_missing_date_is_named(word: Word) -> None:
    assert "thiếu 6 số ngày nhận" in word("dossier_code_wrong", problem="date_missing").text


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("không được tiếp nhận là sao", ["Không được tiếp nhận"]),
        ("DUOC TIEP NHAN nghia la gi", ["Được tiếp nhận"]),
        ("thế nào là yêu cầu bổ sung", ["Yêu cầu bổ sung giấy tờ"]),
        ("dang xu ly va dung xu ly khac gi nhau", ["Đang xử lý", "Dừng xử lý"]),
        ("what does payment required mean", ["Yêu cầu thực hiện nghĩa vụ tài chính"]),
    ],
)
def test_the_status_asked_about_is_explained(word: Word, text: str, named: list[str]) -> None:
    assert [label for label, _ in word("status_meanings", text=text).cards[0].lines] == named


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_ten_are_explained_when_none_is_named(word: Word, language: str) -> None:
    assert len(word("status_meanings", language, text="các tình trạng").cards[0].lines) == 10
