"""One language: its sentences, dates, money and counts (Babel)."""

from __future__ import annotations

import datetime as dt
import io
from functools import lru_cache
from pathlib import Path
from typing import Optional

from babel import dates, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from knowledge.procedures import Text

LOCALE_FOLDER = Path(__file__).parent.parent / "locale"
SOURCE_LANGUAGE = "vi"
LANGUAGES = ("vi", "en")
TIME_ZONE = dates.get_timezone("Asia/Ho_Chi_Minh")


def marked(sentence: str) -> str:
    """The sentence itself: tables import this as ``_``, so that ``make i18n`` finds sentences that are said later."""
    return sentence


class Speaker:
    """Says things in one language. Vietnamese is the language of the source; the others have a catalogue.

    ``say("Hồ sơ {code}", code=code)`` says one sentence: the speaker is called ``say`` everywhere, and so ``make i18n``
    finds its sentences.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._translations = _translations(language)

    def __call__(self, sentence: str, **blanks: object) -> str:
        """The sentence in this language with its ``{blanks}`` filled in."""
        return self.gettext(sentence).format(**blanks)

    def gettext(self, message: str) -> str:
        said: str = self._translations.gettext(message)
        return said

    def ngettext(self, one: str, many: str, count: int) -> str:
        """The form for this count, with ``{count}`` filled in."""
        said: str = self._translations.ngettext(one, many, count)
        return said.format(count=count)

    def text(self, text: Optional[Text]) -> str:
        """A text of the catalogue; in Vietnamese where nobody has translated it."""
        if text is None:
            return ""
        return (text.en or text.vi) if self.language == "en" else text.vi

    def number(self, count: int) -> str:
        """"25.000", in English "25,000"."""
        said: str = numbers.format_decimal(count, locale=self.language)
        return said

    def money(self, amount: int) -> str:
        """"25.000 đồng"."""
        return self.gettext("{amount} đồng").format(amount=self.number(amount))

    def date(self, day: dt.date) -> str:
        """"19/11/2026", in English "19 November 2026"."""
        if self.language == "vi":
            return day.strftime("%d/%m/%Y")
        said: str = dates.format_date(day, "d MMMM y", locale=self.language)
        return said

    def working_days(self, count: int) -> str:
        return self.ngettext("{count} ngày làm việc", "{count} ngày làm việc", count)

    def moment(self, at: dt.datetime) -> str:
        """The moment in Vietnam's time: "14:05 ngày 19/11/2026"."""
        local = at.astimezone(TIME_ZONE)
        return self.gettext("{time} ngày {date}").format(time=local.strftime("%H:%M"), date=self.date(local.date()))


@lru_cache(maxsize=len(LANGUAGES))
def speaker(language: str) -> Speaker:
    return Speaker(language if language in LANGUAGES else SOURCE_LANGUAGE)


def _translations(language: str) -> NullTranslations:
    if language == SOURCE_LANGUAGE:
        return NullTranslations()
    with (LOCALE_FOLDER / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
