"""What to say to "không phải cái nào": other words each time, and never the same offer again."""

from __future__ import annotations

from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.choices import Payload
from actions.turn import Turn, say, understood

DOSSIERS = {"dossier", "dossier_unknown", "portal_down"}
# The utterances that offer procedures to choose from.
OFFERS = {"which_procedure", "life_event", "field", "not_in_catalogue", "choose_from"}


def refuse(dispatcher: CollectingDispatcher, turn: Turn) -> list[EventType]:
    """Ask in other words what is wanted, then by examples, then give a person; what was offered is not meant."""
    if turn.question in DOSSIERS:  # another dossier is meant
        return [*understood(dossier_code=None, last_four=None), FollowupAction("dossier_form")]
    refused = list(turn.slot("refused") or [])
    offered = [Payload.parse(option).procedure for option in turn.slot("options") or []]
    if turn.question == "procedure":
        offered = [turn.slot("procedure")]
    if turn.question in OFFERS or turn.question == "procedure":
        refused += [code for code in offered if code and code not in refused]
    times = float(turn.slot("refusals") or 0) + 1
    if times < 2:
        say(dispatcher, "say_it_differently")
    elif times < 3:
        say(dispatcher, "say_it_by_example")
    else:
        say(dispatcher, "person_after_misses")
    return understood(options=None, refused=refused or None, refusals=times % 3)


def none_left(dispatcher: CollectingDispatcher, turn: Turn) -> list[EventType]:
    """All that the words could mean was refused before."""
    say(dispatcher, "none_left")
    return [SlotSet("options", None), *understood()]
