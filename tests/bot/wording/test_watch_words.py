"""What is said about a watched dossier: what changed, what to do, and never what only its owner may know."""

from __future__ import annotations

import datetime as dt
from typing import Any, Callable

import pytest

from actions.choices import Payload
from actions.dossier_facts import status_facts
from bot.wording.channels import channel_texts
from bot.wording.speaker import LANGUAGES, speaker
from bot.wording.statuses import STATUSES
from bot.wording.watches import ABOUT_WATCHES
from connectors.messages import Reply
from knowledge.calendar import VIETNAM_TIME, read_working_calendar
from knowledge.dossiers import Dossier, DossierCode, DossierStatus
from knowledge.registry import LookUp

Word = Callable[..., Reply]
NOW = dt.datetime(2026, 11, 20, 9, 30, tzinfo=VIETNAM_TIME)
DUE = dt.datetime(2026, 11, 24, 17, 0, tzinfo=VIETNAM_TIME)
CODE = "H57.132-260804-0583"
NOTICES = ("dossier_moved", "dossier_finished")


def facts(status: DossierStatus = DossierStatus.PROCESSING, **more: Any) -> dict[str, Any]:
    dossier = Dossier(
        DossierCode.parse(CODE), status, "", "igate", NOW, due_at=DUE, applicant="N*** V*** A***",
        reason="Thiếu chữ ký", missing=("Giấy chứng sinh",),
    )  # fmt: skip
    found = status_facts(LookUp(dossier, is_last_known=False), read_working_calendar(), NOW)
    before = {"old_status": 2, "old_due_at": DUE.isoformat()}
    return {name: value for name, value in {**found, **before, **more}.items() if value is not None}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [name for name in ABOUT_WATCHES if name != "watch_ended"])
def test_it_reads_whole_and_keeps_the_owners_secrets(word: Word, name: str, language: str) -> None:
    text = word(name, language, **facts()).text
    assert text[0].isupper()
    assert text.endswith(".")
    assert CODE in text
    assert "{" not in text
    assert ("ông/bà" in text.lower()) <= (language == "vi")
    assert not any(secret in text for secret in ("N***", "Thiếu chữ ký", "Giấy chứng sinh"))
    assert "iGate" in text  # the source
    assert "09:30" in text  # and when it said so


@pytest.mark.parametrize("status", DossierStatus)
@pytest.mark.parametrize("name", NOTICES)
def test_a_notice_says_what_was_what_is_and_what_to_do(word: Word, name: str, status: DossierStatus) -> None:
    text = word(name, **facts(status)).text
    assert STATUSES[status].name in text
    assert STATUSES[status].next_step in text
    if status is not DossierStatus.RECEIVED:
        assert f"Trước: {STATUSES[DossierStatus.RECEIVED].name}." in text


def test_a_new_due_date_is_told_as_new(word: Word) -> None:
    assert "Ngày hẹn trả: 17:00 ngày 24/11/2026." in word("dossier_moved", **facts()).text
    changed = word("dossier_moved", **facts(old_status=4, old_due_at=None)).text
    assert "Ngày hẹn trả mới: 17:00 ngày 24/11/2026." in changed
    assert "Tình trạng vẫn là: Đang xử lý." in changed


def test_other_missing_papers_are_told_but_not_which(word: Word) -> None:
    text = word("dossier_moved", **facts(old_status=4, papers_changed=True)).text
    assert "Giấy tờ phải nộp thêm đã thay đổi." in text


def test_the_last_notice_says_that_it_is_the_last(word: Word) -> None:
    assert "tin báo cuối cùng" in word("dossier_finished", **facts(DossierStatus.DONE)).text
    assert "tin báo cuối cùng" not in word("dossier_moved", **facts()).text


@pytest.mark.parametrize(("language", "title"), [("vi", f"Thôi theo dõi {CODE}"), ("en", f"Stop following {CODE}")])
def test_how_to_stop_is_a_button_and_a_sentence(word: Word, language: str, title: str) -> None:
    reply = word("watch_begun", language, **facts(choices=[str(Payload("stop_watching", dossier_code=CODE))]))
    assert [choice.title for choice in reply.choices] == [title]
    assert title.lower() in reply.text.lower()


def test_what_was_ended_is_named(word: Word) -> None:
    assert f"{CODE}, 03706/2026/07906" in word("watch_ended", codes=[CODE, "03706/2026/07906"]).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_menu_of_commands_is_short(language: str) -> None:
    texts = channel_texts(speaker(language).gettext)
    commands = [text for key, text in texts.items() if key.startswith("command_")]
    assert len(commands) == 6
    assert max(map(len, commands)) <= 60
