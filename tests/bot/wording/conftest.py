"""The shipped catalogue, worded for an invented agency."""

from __future__ import annotations

import datetime as dt
from typing import Any, Callable

import pytest

from bot.wording.talk import Agency
from bot.wording.wording import Wording
from connectors.messages import Reply
from knowledge.catalogue import Catalogue
from knowledge.curated import read_curated_procedures
from knowledge.procedures import Procedure
from knowledge.subscription_topics import read_subscription_topics
from knowledge.topics import read_topics
from nlu.assistant import Utterance
from nlu.vietnamese.folding import fold

TODAY = dt.date(2026, 11, 20)

Word = Callable[..., Reply]


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue(read_curated_procedures(), read_topics(), fold, str)


@pytest.fixture(scope="session")
def agency() -> Agency:
    return Agency(
        name={"vi": "Trung tâm Phục vụ hành chính công", "en": "Public Administrative Service Centre"},
        hotline="0900000000",
        hours={"vi": "7 giờ 30 đến 17 giờ", "en": "7:30 to 17:00"},
        address="Số 1, đường Hoa Sen",
    )


@pytest.fixture(scope="session")
def wording(catalogue: Catalogue, agency: Agency) -> Wording:
    return Wording(catalogue, read_subscription_topics(fold), lambda: agency, lambda: TODAY, fold)


@pytest.fixture
def word(wording: Wording) -> Word:
    def word(name: str, said_in: str = "vi", **facts: Any) -> Reply:
        return wording.word(Utterance(name, facts), said_in)

    return word


@pytest.fixture
def word_procedure(agency: Agency) -> Word:
    """Words one made-up procedure, which is all that the catalogue holds."""

    def word_procedure(procedure: Procedure, *facets: str, said_in: str = "vi", **facts: Any) -> Reply:
        held = Catalogue([procedure], (), fold, str)
        wording = Wording(held, read_subscription_topics(fold), lambda: agency, lambda: TODAY, fold)
        utterance = Utterance("procedure", {"procedure": procedure.code, "facets": list(facets), **facts})
        return wording.word(utterance, said_in)

    return word_procedure
