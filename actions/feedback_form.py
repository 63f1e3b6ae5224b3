"""Tells what is feedback from what is asked in between, and asks when that is not clear.

A complaint may name a procedure and may be put as a question, so a message is answered only when it names something
surely, asks, and complains of nothing.
"""

from __future__ import annotations

import re
from dataclasses import replace
from enum import Enum
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answering import FACET_OF, INTENT_OF, OVERVIEW, answer, asked_facets
from actions.choices import Payload
from actions.choose import take_up
from actions.focus import OnProcedure, find_focus, is_clear
from actions.forms import REQUESTED
from actions.library_action import LibraryAction
from actions.look_up_dossier import tell_dossier
from actions.services import Services
from actions.turn import Turn, say

STEERING = {"cancel", "start_over", "talk_to_official", "deny", "repeat", "go_back", "greet", "goodbye", "thank"}
STEERING |= {"link_channels", "watch_dossier", "stop_watching", "unsubscribe"}
STEERING |= {"help", "who_are_you", "change_language", "ask_office", "explain_status", "choose"}
SHORT = 8  # words: longer messages of these intents say more than "cảm ơn"
ASKING = re.compile(
    r"\?|\b(gi|nao|dau|bao (nhieu|lau|gio)|may (ngay|gio|tien)|lam sao|ra sao|thi sao|cho (toi |em |minh )?hoi)\b"
    r"|\b(khong|chua|ko|hong|vay)( a| vay| ha| em| ad)?\W*$|\b(what|where|when|how|which|who)\b|^(can|do|does|is) "
)
COMPLAINING = re.compile(
    r"\b(thai do|cham|tre|lau (qua|lac|the|vay)|buc|te (qua|lam)|that vong|hanh (dan|toi|ha)|(voi|doi) (them )?tien"
    r"|nhung nhieu|gop y|phan anh|khieu nai|kien nghi|to cao|hai long|nhiet tinh|tot|kem|khen|cau|quat|loi|phien"
    r"|(tai|vi|lam) sao (lai|ma|bat)|kieu gi|rude|slow|complain\w*|feedback|terrible|bad|helpful|kind)\b"
)
# Nothing but the one word or the other: "là góp ý", "tôi hỏi mà". Anything more is another message.
_AROUND = "a|ay|cai|cau|cho|chu|da|day|di|do|dum|em|giup|it|is|la|luon|ma|minh|nha|nhe|the|thi|toi|tui|was|that|one"
IT_IS_FEEDBACK = re.compile(
    rf"^\W*(?:(?:{_AROUND}|gop y|phan anh|khieu nai|ghi|lai|nhan|feedback|complaint|first|1)\b\W*)+$"
)
IT_IS_A_QUESTION = re.compile(rf"^\W*(?:(?:{_AROUND}|cau hoi|hoi|tra loi|question|answer|second|2)\b\W*)+$")
OPENING = re.compile(
    r"\b(toi|em|minh|tui|muon|xin|cho|can|gui|mot|it|gop y|phan anh|khieu nai|kien nghi|to cao|danh gia|dich vu|co"
    r"|y kien|dong gop|nhe|nha|a|voi|cua)\b"
    r"|\b(i|want|to|give|leave|have|a|some|make|feedback|complain|complaint|suggestion)\b"
)


# The choice that answers the doubtful message as it stands.
A_QUESTION = Payload("find_procedure")


class Kind(Enum):
    FEEDBACK = "feedback"
    QUESTION = "question"
    UNCLEAR = "unclear"
    OPENING = "opening"  # only says that feedback is to come


def kind_of(turn: Turn, services: Services) -> Kind:
    """What a message typed while feedback is asked for is."""
    words = services.fold(turn.text)
    count = len(words.split())
    if turn.intent in ("give_feedback", "affirm"):
        return Kind.FEEDBACK if OPENING.sub("", words).strip(" .!,") and turn.intent != "affirm" else Kind.OPENING
    if turn.pressed or (turn.intent in STEERING and count <= SHORT):
        return Kind.QUESTION
    complains = COMPLAINING.search(words) is not None
    if turn.first("dossier_code"):
        return Kind.UNCLEAR if complains or count > 2 * SHORT else Kind.QUESTION
    asks = ASKING.search(words) is not None or (bool(asked_facets(turn)) and not complains)
    focus = find_focus(turn, services.catalogue, services.fold)
    if not is_clear(focus):
        goes_on = isinstance(focus, OnProcedure) and turn.intent in FACET_OF and count <= SHORT
        return Kind.QUESTION if goes_on and asks and not complains else Kind.FEEDBACK
    if asks:
        return Kind.UNCLEAR if complains else Kind.QUESTION
    return Kind.UNCLEAR if count <= SHORT and not complains else Kind.FEEDBACK


class ReadFeedback(LibraryAction):
    def name(self) -> str:
        return "validate_feedback_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn.of(tracker)
        if turn.said:  # back from something else that was answered
            return []
        if turn.slot(REQUESTED) != "feedback":  # just opened: perhaps everything has been said already
            return [SlotSet("doubtful", turn.text if kind_of(turn, self._services) is Kind.FEEDBACK else None)]
        if turn.slot("doubtful"):
            decided = self._decided(dispatcher, turn)
            if decided is not None:
                return decided
        kind = kind_of(turn, self._services)
        if kind is Kind.FEEDBACK:
            return [SlotSet("feedback", turn.text)]
        if kind is Kind.OPENING:
            return [SlotSet("feedback", None)]
        code = turn.first("dossier_code")
        if kind is Kind.QUESTION:
            if code is None:
                return []
            return [*await tell_dossier(dispatcher, turn, self._services, code), SlotSet("feedback", None)]
        choices = [str(Payload("give_feedback")), str(self._question(turn))]
        say(dispatcher, "feedback_or_question", choices=choices)
        return [SlotSet("doubtful", turn.text), SlotSet("options", choices), SlotSet("feedback", None)]

    def _decided(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[EventType] | None:
        """What "góp ý" or "câu hỏi" says about the message before; None when it is another message."""
        words = self._services.fold(turn.text)
        agrees = turn.intent == "affirm" and turn.question in ("ask_feedback", "feedback_or_question")
        is_pressed = turn.pressed is not None and turn.intent == "give_feedback"
        if agrees or is_pressed or IT_IS_FEEDBACK.match(words):
            return [SlotSet("feedback", turn.slot("doubtful"))]
        is_question = turn.pressed == A_QUESTION or IT_IS_A_QUESTION.match(words)
        if is_question and turn.question == "feedback_or_question":
            payload = Payload.parse(turn.slot("options")[1])
            if payload == A_QUESTION:
                asked = replace(turn, text=turn.slot("doubtful"), intent="find_procedure", entities={}, pressed=None)
                events = answer(dispatcher, asked, self._services)
            else:
                events = take_up(dispatcher, turn, self._services, payload)
            return [*events, SlotSet("feedback", None), SlotSet("doubtful", None)]
        return None

    def _question(self, turn: Turn) -> Payload:
        """The question that the message would be, as a choice."""
        if turn.first("dossier_code"):
            return Payload("dossier_status", dossier_code=turn.first("dossier_code"))
        focus = find_focus(turn, self._services.catalogue, self._services.fold)
        if not isinstance(focus, OnProcedure):
            return A_QUESTION
        facet = (asked_facets(turn) or [OVERVIEW])[0]
        return Payload(INTENT_OF[facet], procedure=focus.procedure.code, case=focus.case.id if focus.case else None)
