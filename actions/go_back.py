"""Returns to the procedure talked about before this one."""

from __future__ import annotations

from typing import Any, Optional, Sequence

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.answering import answer, say_procedure
from actions.focus import find_focus, is_clear
from actions.library_action import LibraryAction
from actions.turn import Turn, say, understood
from knowledge.procedures import Procedure

TALKED_ABOUT = 0.05  # probability: few words are enough for what was talked about


class GoBack(LibraryAction):
    def name(self) -> str:
        return "action_go_back"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn.of(tracker)
        catalogue = self._services.catalogue
        if is_clear(find_focus(turn, catalogue, self._services.fold)):
            return answer(dispatcher, turn, self._services)  # "quay lại vụ khai sinh" names where to go back to
        earlier = [*(turn.slot("earlier_procedures") or []), *filter(None, [turn.slot("procedure")])]
        named = self._named(turn, earlier)
        if named is None and len(earlier) > 1:
            earlier.pop()  # the one talked about is not what one goes back to, unless there is no other
        before = named or (catalogue.get(earlier[-1]) if earlier else None)
        if before is None:
            say(dispatcher, "nothing_earlier")
            return understood()
        return say_procedure(dispatcher, turn, catalogue, before, None, ["overview"])

    def _named(self, turn: Turn, codes: Sequence[str]) -> Optional[Procedure]:
        """The likeliest of those talked about, when any is likely at all: "quay lại vụ sổ đỏ hồi nãy"."""
        found = self._services.catalogue.find(turn.text).found
        likely = (one.procedure for one in found if one.procedure and one.probability >= TALKED_ABOUT)
        return next((procedure for procedure in likely if procedure.code in codes), None)
