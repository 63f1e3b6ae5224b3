"""The only place where an utterance becomes a reply: text for every channel, cards and choices for those that draw."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from functools import lru_cache, partial
from typing import Any, Callable, Iterable, Mapping, NamedTuple

import msgspec

from actions.choices import Payload
from bot.wording.dossiers import CODE_PROBLEMS, dossier_card
from bot.wording.procedures import lead, procedure_cards
from bot.wording.speaker import LANGUAGES, SOURCE_LANGUAGE, Speaker, speaker
from bot.wording.statuses import STATUSES
from bot.wording.subscriptions import SubscriptionWords
from bot.wording.talk import LINES, STARTERS, Agency, talk
from bot.wording.titles import ChoiceTitles, procedure_title
from bot.wording.watches import ABOUT_WATCHES, watch_words
from connectors.messages import Card, Choice, Reply
from knowledge.catalogue import Catalogue
from knowledge.dossiers import CodeProblem, DossierStatus
from knowledge.procedures import Origin
from knowledge.subscription_topics import SubscriptionTopics
from nlu.assistant import Utterance

# Who does not know what to ask is offered something.
WITH_STARTERS = {
    "greet",
    "welcome",
    "sticker_seen",
    "help",
    "not_understood",
    "not_understood_again",
    "out_of_scope",
    "started_over",
    "cancelled",
    "left_form",
    "none_left",
    "say_it_by_example",
    "which_procedure_first",
}
NONE_OF_THESE = str(Payload("deny"))
LANGUAGE_CHOICES = [str(Payload("change_language", language=language)) for language in LANGUAGES]
MOST_FIELDS = 16
REMEMBERED = 2_000  # answers

Facts = Mapping[str, Any]
Fold = Callable[[str], str]


class Words(NamedTuple):
    """``text`` leads; the cards say the rest."""

    text: str
    cards: tuple[Card, ...] = ()
    choices: tuple[Choice, ...] = ()


class Wording:
    """Words utterances. ``agency`` gives the agency as it is now, ``today`` the present day in Vietnam, for fees that
    change by date.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        topics: SubscriptionTopics,
        agency: Callable[[], Agency],
        today: Callable[[], dt.date],
        fold: Fold,
    ) -> None:
        self._catalogue = catalogue
        self._agency = agency
        self._today = today
        self._fold = fold
        self._titles = ChoiceTitles(catalogue, topics)
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._word_procedure)
        self._special: dict[str, Callable[[Speaker, Facts], Words]] = {
            "banner": lambda say, facts: Words(facts["text"]),  # in the agency's own words
            "procedure": self._procedure,
            "which_procedure": self._which_procedure,
            "life_event": self._life_event,
            "field": self._field,
            "fields": self._fields,
            "dossier": self._dossier,
            "dossier_code_wrong": self._dossier_code_wrong,
            "status_meanings": self._status_meanings,
            **{name: partial(self._watch, name) for name in ABOUT_WATCHES},
            **{name: partial(self._news, words) for name, words in SubscriptionWords(topics).by_utterance.items()},
        }

    @property
    def utterances(self) -> frozenset[str]:
        """The names that can be worded."""
        return frozenset(self._special) | frozenset(LINES)

    def word(self, utterance: Utterance, language: str) -> Reply:
        """The reply for one utterance. Raises KeyError for an utterance that nobody has worded."""
        if utterance.name == "procedure":  # the most frequent answers, made of the catalogue alone
            return self._remembered(msgspec.json.encode(utterance.facts), language, self._today())
        return self._word(utterance, language)

    def _word_procedure(self, facts: bytes, language: str, _today: dt.date) -> Reply:
        return self._word(Utterance("procedure", msgspec.json.decode(facts)), language)

    def _word(self, utterance: Utterance, language: str) -> Reply:
        say = speaker(language)
        special = self._special.get(utterance.name)
        text, cards, choices = special(say, utterance.facts) if special else self._talk(say, utterance)
        return Reply(
            text="\n".join([text, *(_plain(card, text) for card in cards)]),
            language=say.language,
            cards=cards,
            choices=choices,
            custom={"utterance": utterance.name, **utterance.facts},
            asks_contact=utterance.name == "person",
        )

    def _talk(self, say: Speaker, utterance: Utterance) -> Words:
        name, facts = utterance.name, utterance.facts
        choices = facts.get("choices") or []
        if name == "which_language":
            choices = LANGUAGE_CHOICES
        elif name in WITH_STARTERS:
            choices = choices or STARTERS
        topic = self._catalogue.topic(facts.get("topic") or "")
        if topic is not None:
            facts = {**facts, "matter": say.text(topic.title)}
        drawn = self._titles.draw(say, choices, _is_choice_of_procedures(choices), facts.get("again", ""))
        return Words(talk(say, self._agency(), name, facts), choices=drawn)

    def _procedure(self, say: Speaker, facts: Facts) -> Words:
        procedure = self._catalogue.get(facts["procedure"])
        if procedure is None:  # an answer repeated after an import that no longer holds the procedure
            return Words(talk(say, self._agency(), "procedure_code_unknown", {"code": facts["procedure"]}))
        case = procedure.case(facts["case"]) if facts.get("case") else None
        text = lead(say, procedure, facts["facets"])
        old = self._catalogue.get(facts.get("corrected_from") or "")
        if old is not None:
            text = _changed(say, procedure_title(say, old), procedure_title(say, procedure)) + f" {text}"
        elif facts.get("corrected_case") and case is not None:
            old_case = say.text(procedure.case(facts["corrected_case"]).name)
            text = _changed(say, old_case, say.text(case.name)) + f" {text}"
        cards = procedure_cards(say, procedure, case, facts["facets"], self._today())
        return Words(text, cards, self._titles.draw(say, facts.get("choices") or []))

    def _which_procedure(self, say: Speaker, facts: Facts) -> Words:
        topic = self._catalogue.topic(facts.get("topic") or "")
        text = say("Ông/bà muốn hỏi thủ tục nào dưới đây?")
        if topic is not None:
            text = say(
                "“{word}” có thể là nhiều việc khác nhau. Ông/bà muốn hỏi việc nào?", word=say.text(topic.title)
            )
        old = self._catalogue.get(facts.get("corrected_from") or "")
        if old is not None:
            text = say("Dạ, ta không nói về “{old}” nữa.", old=procedure_title(say, old)) + f" {text}"
        return Words(text, choices=self._offers(say, facts))

    def _life_event(self, say: Speaker, facts: Facts) -> Words:
        topic = self._catalogue.topic(facts.get("topic") or "")
        if topic is None:  # repeated after the event was taken out of the catalogue
            return self._which_procedure(say, facts)
        text = say(
            "{event}, thường cần làm các việc dưới đây. Ông/bà muốn hỏi việc nào?", event=say.text(topic.title)
        )
        if topic.id == "life-death":
            text = say("Xin chia buồn cùng gia đình.") + f" {text}"
        return Words(text, choices=self._offers(say, facts))

    def _field(self, say: Speaker, facts: Facts) -> Words:
        found = (self._catalogue.get(code) for code in facts["procedures"])
        held = [procedure for procedure in found if procedure is not None]
        items = tuple(f"{procedure_title(say, procedure)} ({procedure.code})" for procedure in held)
        field = say.text(held[0].field) if held else ""
        text = say("Một số thủ tục về {field}:", field=field.lower())
        return Words(text, (Card(field, items=items, numbered=False),), self._offers(say, facts))

    def _fields(self, say: Speaker, facts: Facts) -> Words:
        """The fields of life of which the shipped catalogue knows most."""
        curated = (procedure for procedure in self._catalogue if procedure.origin is Origin.CURATED)
        fields = Counter(say.text(procedure.field) for procedure in curated).most_common(MOST_FIELDS)
        names = "; ".join(name.lower() for name, _count in fields)
        return Words(talk(say, self._agency(), "fields", {**facts, "fields": names}))

    def _dossier(self, say: Speaker, facts: Facts) -> Words:
        procedure = self._catalogue.get(facts.get("procedure") or "")
        if procedure is not None and say.language != SOURCE_LANGUAGE:  # the portal names it in Vietnamese only
            facts = {**facts, "procedure_name": procedure_title(say, procedure)}
        text, card = dossier_card(say, facts, self._agency().hotline)
        again = facts.get("again", "")
        return Words(text, (card,), self._titles.draw(say, facts.get("choices") or [], again=again))

    def _watch(self, utterance: str, say: Speaker, facts: Facts) -> Words:
        return Words(watch_words(say, utterance, facts), choices=self._titles.draw(say, facts.get("choices") or []))

    def _news(self, words: Callable[[Speaker, Facts], Iterable[str]], say: Speaker, facts: Facts) -> Words:
        choices = self._titles.draw(say, facts.get("choices") or [])
        return Words("\n".join(words(say, facts)), choices=choices)

    def _dossier_code_wrong(self, say: Speaker, facts: Facts) -> Words:
        """Only what is wrong: the dialogue asks for the code again by itself."""
        return Words(say.gettext(CODE_PROBLEMS[CodeProblem(facts["problem"])]))

    def _status_meanings(self, say: Speaker, facts: Facts) -> Words:
        """The status that the citizen named, or all ten."""
        lines = tuple(
            (say.gettext(words.name), f"{say.gettext(words.meaning)} {say.gettext(words.next_step)}")
            for words in (STATUSES[status] for status in self._named(facts.get("text") or "") or DossierStatus)
        )
        return Words(say("Nghĩa của tình trạng hồ sơ:"), (Card(say("Tình trạng hồ sơ"), lines=lines),))

    def _named(self, text: str) -> list[DossierStatus]:
        """The statuses that the text says in any language, by the whole name or the first three words of it."""
        names = {
            " ".join(self._fold(speaker(language).gettext(words.name)).split()[:3]): status
            for status, words in STATUSES.items()
            for language in LANGUAGES
        }
        asked, said = self._fold(text), set()
        for name in sorted(names, key=len, reverse=True):  # "không được tiếp nhận" does not say "được tiếp nhận" too
            if name in asked:
                said.add(names[name])
                asked = asked.replace(name, " ")
        return sorted(said)

    def _offers(self, say: Speaker, facts: Facts) -> tuple[Choice, ...]:
        """The procedures to choose from, and a way to say that it is none of them."""
        offered = facts.get("choices") or []
        return self._titles.draw(say, [*offered, NONE_OF_THESE] if offered else [], named=True)


def _changed(say: Speaker, old: str, new: str) -> str:
    return say("Dạ, ta đổi từ “{old}” sang “{new}”.", old=old, new=new)


def _is_choice_of_procedures(choices: list[str]) -> bool:
    """Whether each choice is about another procedure; otherwise they ask different things about one."""
    codes = [Payload.parse(choice).procedure for choice in choices]
    return len(codes) > 1 and len(set(codes)) == len(codes) and None not in codes


def _plain(card: Card, lead_said: str) -> str:
    """A card as text, for channels that cannot draw it and for the ear; a title that the lead says is not repeated."""
    rows = [] if card.title.casefold() in lead_said.casefold() else [f"{card.title}:"]
    rows += [card.subtitle] if card.subtitle else []
    rows += [f"{label}: {value}" for label, value in card.lines]
    rows += [f"{number}. {item}" if card.numbered else f"• {item}" for number, item in enumerate(card.items, 1)]
    rows += card.notes
    if card.link:
        rows.append(f"{card.link.title}: {card.link.url}")
    return "\n".join(rows)
