"""Words what is said about watching a dossier: begun, over, and the notices that it has moved."""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from bot.wording.dossiers import moment_of, source_line, what_to_do
from bot.wording.speaker import Speaker
from bot.wording.statuses import STATUSES
from knowledge.dossiers import DossierStatus

# The utterances that are worded here.
ABOUT_WATCHES = ("watch_begun", "watch_known", "watch_over", "watch_ended", "dossier_moved", "dossier_finished")


def watch_words(say: Speaker, utterance: str, facts: Mapping[str, Any]) -> str:
    """``facts`` are those of actions.dossier_facts, in a notice with what was known before."""
    if utterance == "watch_ended":
        return say("Dạ, tôi thôi theo dõi: {codes}. Có thay đổi tôi không báo nữa.", codes=", ".join(facts["codes"]))
    notice = utterance in ("dossier_moved", "dossier_finished")
    lines = _notice(say, utterance, facts) if notice else _answer(say, utterance, facts)
    return "\n".join([*lines, source_line(say, facts)])


def _answer(say: Speaker, utterance: str, facts: Mapping[str, Any]) -> Iterator[str]:
    """To a citizen who wishes to be told."""
    code, status = facts["code"], DossierStatus(facts["status"])
    if utterance == "watch_over":
        yield say("Hồ sơ {code} đã kết thúc nên không còn gì để theo dõi.", code=code)
    elif utterance == "watch_known":
        yield say("Tôi đang theo dõi hồ sơ {code} cho ông/bà rồi. Có thay đổi tôi sẽ nhắn.", code=code)
    else:
        yield say("Dạ, từ giờ hồ sơ {code} có thay đổi thì tôi nhắn ông/bà.", code=code)
    yield say("Hiện nay: {status}.", status=_name(say, status))
    if utterance == "watch_over":
        yield what_to_do(say, status)
        return
    if facts.get("due_at"):
        yield say("Ngày hẹn trả: {moment}.", moment=moment_of(say, facts["due_at"]))
    yield say("Không cần nữa thì gõ “thôi theo dõi {code}”.", code=code)


def _notice(say: Speaker, utterance: str, facts: Mapping[str, Any]) -> Iterator[str]:
    """Without ``old_status`` nobody knows what the citizen knew."""
    code, status, before = facts["code"], DossierStatus(facts["status"]), facts.get("old_status")
    yield say("Hồ sơ {code} có thay đổi.", code=code)
    if before is None:
        yield say("Hiện nay: {status}.", status=_name(say, status))
    elif before != status:
        yield say("Trước: {old}. Nay: {new}.", old=_name(say, DossierStatus(before)), new=_name(say, status))
    else:
        yield say("Tình trạng vẫn là: {status}.", status=_name(say, status))
        if facts.get("papers_changed"):
            yield say("Giấy tờ phải nộp thêm đã thay đổi.")
    yield say.gettext(STATUSES[status].meaning)
    yield what_to_do(say, status)
    due, old_due = facts.get("due_at"), facts.get("old_due_at")
    if utterance == "dossier_finished":
        yield say("Đây là tin báo cuối cùng về hồ sơ này.")
    elif due and due != old_due and before is not None:
        yield say("Ngày hẹn trả mới: {moment}.", moment=moment_of(say, due))
    elif due:
        yield say("Ngày hẹn trả: {moment}.", moment=moment_of(say, due))


def _name(say: Speaker, status: DossierStatus) -> str:
    return say.gettext(STATUSES[status].name)
