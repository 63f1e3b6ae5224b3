"""The list of all actions, each given its services."""

from __future__ import annotations

from rasa_sdk import Action

from actions.affirm import Affirm
from actions.answer_procedure import AnswerProcedure
from actions.browse_procedures import BrowseProcedures
from actions.cancel import Cancel
from actions.change_language import ChangeLanguage
from actions.choose import Choose
from actions.deny import Deny
from actions.dossier_form import ReadDossierCode, ReadLastFour
from actions.explain_status import ExplainStatus
from actions.feedback_form import ReadFeedback
from actions.forms import AskDossierCode, AskFeedback, AskLastFour
from actions.give_person import GivePerson
from actions.go_back import GoBack
from actions.greet import Greet
from actions.handle_miss import HandleMiss
from actions.link_channels import LinkChannels
from actions.look_up_dossier import LookUpDossier, ShowDossierDetails
from actions.repeat import Repeat
from actions.services import Services
from actions.subscribe import Subscribe
from actions.take_feedback import ReportWrongAnswer, TakeFeedback
from actions.unsubscribe import Unsubscribe
from actions.watch_dossier import StopWatching, WatchDossier


def build_actions(services: Services) -> list[Action]:
    return [
        AnswerProcedure(services),
        BrowseProcedures(services),
        Choose(services),
        GoBack(services),
        Repeat(services),
        Cancel(),
        Affirm(services),
        Deny(services),
        HandleMiss(services),
        ChangeLanguage(services),
        Greet(services),
        TakeFeedback(services),
        ReportWrongAnswer(services),
        LookUpDossier(services),
        ShowDossierDetails(services),
        ExplainStatus(),
        WatchDossier(services),
        StopWatching(services),
        Subscribe(services),
        Unsubscribe(services),
        LinkChannels(services),
        GivePerson(),
        AskDossierCode(),
        ReadDossierCode(services),
        AskLastFour(),
        ReadLastFour(services),
        AskFeedback(),
        ReadFeedback(services),
    ]
