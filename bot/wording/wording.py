"""The only place where an utterance becomes a reply: text for every channel, cards and choices for those that draw."""

from __future__ import annotations

import datetime as dt
from typing import Any, Callable, Mapping

from bot.wording.dossiers import code_problem, dossier_card, status_meaning, status_name
from bot.wording.procedures import lead, procedure_cards
from bot.wording.speaker import Speaker, speaker
from bot.wording.talk import STARTERS, Agency, sentences
from bot.wording.titles import ChoiceTitles, procedure_title
from connectors.messages import Card, Choice, Reply
from knowledge.catalogue import Catalogue
from knowledge.dossiers import CodeProblem, DossierStatus
from knowledge.search import Fold
from nlu.assistant import Utterance

WITH_STARTERS = {"greet", "help", "not_understood", "not_understood_again", "out_of_scope", "started_over", "which_procedure_first"}


class Wording:
    """Words utterances. ``today`` gives the present day in Vietnam, for fees that change by date."""

    def __init__(self, catalogue: Catalogue, agency: Agency, today: Callable[[], dt.date], fold: Fold) -> None:
        self._catalogue = catalogue
        self._agency = agency
        self._today = today
        self._fold = fold
        self._titles = ChoiceTitles(catalogue)

    def word(self, utterance: Utterance, language: str) -> Reply:
        """The reply for one utterance. Raises KeyError for an utterance that nobody has worded."""
        say = speaker(language)
        facts = utterance.facts
        if utterance.name == "procedure":
            text, cards, choices = self._procedure(say, facts)
        elif utterance.name in ("which_procedure", "life_event", "field"):
            text, cards, choices = self._several(say, utterance.name, facts)
        elif utterance.name == "dossier":
            first, card = dossier_card(say, facts, self._agency.hotline)
            text, cards, choices = first, (card,), self._titles.draw(say, facts.get("choices") or [])
        elif utterance.name == "status_meanings":
            text, cards, choices = *self._statuses(say, facts), ()
        elif utterance.name == "dossier_code_wrong":
            problem = code_problem(say, CodeProblem(facts["problem"]))
            text, cards, choices = f"{problem}\n{sentences(say, self._agency, 'ask_dossier_code', {})}", (), ()
        else:
            text, cards = sentences(say, self._agency, utterance.name, facts), ()
            choices = self._choices(say, utterance.name, facts)
        return Reply(
            text="\n".join([text, *(_plain(card) for card in cards)]),
            language=say.language,
            cards=cards,
            choices=choices,
            custom={"utterance": utterance.name, **facts},
        )

    def _choices(self, say: Speaker, name: str, facts: Mapping[str, Any]) -> tuple[Choice, ...]:
        if facts.get("choices"):
            return self._titles.draw(say, facts["choices"], named=name == "not_in_catalogue")
        if name == "which_language":
            return tuple(
                Choice(title, f'/change_language{{"language": "{code}"}}') for title, code in (("Tiếng Việt", "vi"), ("English", "en"))
            )
        return self._titles.draw(say, STARTERS, named=True) if name in WITH_STARTERS else ()

    def _procedure(self, say: Speaker, facts: Mapping[str, Any]) -> tuple[str, tuple[Card, ...], tuple[Choice, ...]]:
        procedure = self._catalogue.get(facts["procedure"])
        if procedure is None:  # an answer repeated after an import that no longer holds the procedure
            return sentences(say, self._agency, "procedure_code_unknown", {"code": facts["procedure"]}), (), ()
        case = procedure.case(facts["case"]) if facts.get("case") else None
        text = lead(say, procedure, facts["facets"])
        old = self._catalogue.get(facts.get("corrected_from") or "")
        if old is not None:
            changed = say.gettext("Dạ, không phải {old} mà là {new}.")
            text = changed.format(old=procedure_title(say, old), new=procedure_title(say, procedure)) + f" {text}"
        cards = procedure_cards(say, procedure, case, facts["facets"], self._today())
        return text, cards, self._titles.draw(say, facts.get("choices") or [])

    def _several(self, say: Speaker, name: str, facts: Mapping[str, Any]) -> tuple[str, tuple[Card, ...], tuple[Choice, ...]]:
        _ = say.gettext
        topic = self._catalogue.topic(facts.get("topic") or "")
        choices = self._titles.draw(say, facts.get("choices") or [], named=True)
        if name == "life_event" and topic is not None:
            title = say.text(topic.title)
            sympathy = _("Xin chia buồn cùng gia đình.") + " " if topic.id == "life-death" else ""
            return sympathy + _("{title}, thường cần làm các việc sau. Ông/bà chọn việc muốn hỏi:").format(title=title), (), choices
        if name == "field":
            procedures = [self._catalogue.get(code) for code in facts["procedures"]]
            held = [procedure for procedure in procedures if procedure is not None]
            items = tuple(f"{procedure_title(say, procedure)} ({procedure.code})" for procedure in held)
            field = say.text(held[0].field)
            return _("Một số thủ tục về {field}:").format(field=field.lower()), (Card(field, items=items),), choices
        if topic is not None:
            return _("«{word}» có thể là nhiều việc khác nhau. Ông/bà muốn hỏi việc nào?").format(word=say.text(topic.title)), (), choices
        return _("Ông/bà muốn hỏi thủ tục nào dưới đây?"), (), choices

    def _statuses(self, say: Speaker, facts: Mapping[str, Any]) -> tuple[str, tuple[Card, ...]]:
        """The status that the citizen named, or all ten."""
        asked = self._fold(facts.get("text") or "")
        named = [s for s in DossierStatus if any(_says(asked, self._fold(status_name(sp, s))) for sp in (speaker("vi"), speaker("en")))]
        lines = tuple((status_name(say, s), " ".join(status_meaning(say, s))) for s in named or list(DossierStatus))
        return say.gettext("Nghĩa của tình trạng hồ sơ:"), (Card(say.gettext("Tình trạng hồ sơ"), lines=lines),)


def _says(asked: str, name: str) -> bool:
    """Whether the question names the status, by its whole name or the name's first two words."""
    words = name.split()
    return name in asked or (len(words) > 2 and " ".join(words[:3]) in asked)


def _plain(card: Card) -> str:
    """A card as text, for channels that cannot draw it and for the ear."""
    rows = [f"{card.title}: {card.subtitle}" if card.subtitle else card.title]
    rows += [f"{label}: {value}" for label, value in card.lines]
    rows += [f"{number}. {item}" for number, item in enumerate(card.items, 1)]
    rows += card.notes
    if card.link:
        rows.append(f"{card.link.title}: {card.link.url}")
    return "\n".join(rows)
