"""How a notice travels to one person: where it may, in the words of their language and of their row."""

from __future__ import annotations

from typing import Mapping, Optional, Union

import msgspec
import pytest

from bot.broadcasts.campaign import Audience, Content, Vehicle
from bot.broadcasts.reasons import SENTENCES, Reason
from bot.broadcasts.recipients import Candidate, Recipient
from bot.broadcasts.vehicles import TO_FOLLOWERS, Choice, Vehicles
from bot.house_rules import Rules, Template
from connectors.messages import Address
from tests.bot.broadcasts.town import AGENCY, HOUR, NOW

RULES = Rules(templates=(Template(id="77", title="Mời họp", names=("ten",), price_user=140, price_phone=200),))
PLAIN = Content(title="Họp tổ dân phố", body={"vi": "Mời ông/bà đến họp.", "en": "Please come."})
TO_EACH = Content(
    title="Họp tổ dân phố", body={"vi": "Mời {ten} đến họp."}, template="77", template_facts={"ten": "Kính gửi {ten}"}
)
NOBODY: Mapping[str, str] = {}
AN = {"ten": "Nguyễn An", "cot_khac": "x"}


def zalo(hours_ago: Optional[float], follows: Optional[bool] = True) -> Candidate:
    return Candidate(Address("zalo", "8001"), follows, None if hours_ago is None else NOW - hours_ago * HOUR)


TELEGRAM = Candidate(Address("telegram", "91001"), None, NOW - HOUR)
PHONE = Candidate(Address("zalo", "phone:84900000001"))


def choose(
    content: Content, *addresses: Candidate, facts: Mapping[str, str] = NOBODY, language: str = "vi"
) -> Union[Choice, Reason]:
    return Vehicles(content, RULES, AGENCY).choose(Recipient("an", addresses, language, facts), NOW)


def way(chosen: Union[Choice, Reason]) -> Union[tuple[str, Vehicle], Reason]:
    return chosen if isinstance(chosen, Reason) else (chosen.address.id, chosen.vehicle)


@pytest.mark.parametrize(
    ("hours_ago", "charged"), [(0, False), (48, False), (48.1, True), (7 * 24, True)]
)  # fmt: skip
def test_zalo_takes_a_message_within_seven_days_and_wants_money_after_two(hours_ago: float, charged: bool) -> None:
    chosen = choose(PLAIN, zalo(hours_ago))
    assert isinstance(chosen, Choice)
    assert (chosen.vehicle, chosen.charged, chosen.price) == (Vehicle.MESSAGE, charged, 0)


@pytest.mark.parametrize("hours_ago", [7 * 24 + 0.1, 9_000, None])
def test_after_seven_days_only_a_template_is_left(hours_ago: Optional[float]) -> None:
    assert choose(PLAIN, zalo(hours_ago)) is Reason.WINDOW_CLOSED
    assert choose(TO_EACH, zalo(hours_ago), facts=AN) == Choice(
        Address("zalo", "8001"), Vehicle.TEMPLATE, '{"ten":"Kính gửi Nguyễn An"}', 140
    )


def test_a_template_that_the_agency_does_not_have_is_none() -> None:
    unknown = msgspec.structs.replace(TO_EACH, template="78")
    assert choose(unknown, zalo(None), facts=AN) is Reason.WINDOW_CLOSED


def test_what_cannot_go_to_the_address_used_last_goes_to_the_next() -> None:
    assert way(choose(PLAIN, zalo(500), TELEGRAM)) == ("91001", Vehicle.MESSAGE)
    assert way(choose(PLAIN, TELEGRAM, zalo(5))) == ("91001", Vehicle.MESSAGE)
    assert way(choose(TO_EACH, zalo(500), TELEGRAM, facts=AN)) == ("8001", Vehicle.TEMPLATE)


def test_a_phone_number_is_reached_by_template_alone() -> None:
    assert choose(PLAIN, PHONE) is Reason.PHONE_WITHOUT_TEMPLATE
    chosen = choose(TO_EACH, PHONE, facts=AN)
    assert isinstance(chosen, Choice)
    assert (chosen.vehicle, chosen.price) == (Vehicle.PHONE, 200)


@pytest.mark.parametrize("facts", [{}, {"ten": ""}, {"ten": "  "}, {"khac": "An"}])
def test_a_placeholder_without_a_value_is_sent_to_nobody(facts: Mapping[str, str]) -> None:
    assert choose(TO_EACH, TELEGRAM, facts=facts) is Reason.MISSING_VALUE
    assert choose(TO_EACH, PHONE, facts=facts) is Reason.MISSING_VALUE


def test_what_the_message_lacks_the_template_may_not_need() -> None:
    fixed = msgspec.structs.replace(TO_EACH, template_facts={"ten": "Quý vị"})
    assert way(choose(fixed, TELEGRAM, zalo(None))) == ("8001", Vehicle.TEMPLATE)


def text(chosen: Union[Choice, Reason]) -> str:
    assert isinstance(chosen, Choice)
    return chosen.text


@pytest.mark.parametrize(
    ("content", "language", "said"),
    [
        (PLAIN, "vi", ["Mời ông/bà đến họp.", "phường Thử Nghiệm"]),
        (PLAIN, "en", ["Please come.", "Test ward"]),
        (TO_EACH, "vi", ["Mời Nguyễn An đến họp.", "phường Thử Nghiệm"]),
        (TO_EACH, "en", ["Mời Nguyễn An đến họp."]),
    ],
)
def test_text_is_in_the_language_of_the_recipient_with_the_values_of_their_row_and_of_the_house(
    content: Content, language: str, said: list[str]
) -> None:
    written = text(choose(content, TELEGRAM, facts=AN, language=language))
    assert [part for part in said if part not in written] == []


def test_everybody_has_their_own_values() -> None:
    vehicles = Vehicles(TO_EACH, RULES, AGENCY)
    for name in ("Bình", "Chi", "Bình"):
        assert f"Mời {name} đến" in text(vehicles.choose(Recipient(name, (TELEGRAM,), "vi", {"ten": name}), NOW))


ARTICLE = msgspec.structs.replace(PLAIN, article=True)


def test_followers_read_the_article_and_nothing_else() -> None:
    assert way(choose(ARTICLE, TELEGRAM, zalo(5))) == (TO_FOLLOWERS.id, Vehicle.ARTICLE)
    assert way(choose(ARTICLE, zalo(None))) == (TO_FOLLOWERS.id, Vehicle.ARTICLE)
    assert way(choose(ARTICLE, TELEGRAM, zalo(5, follows=False))) == ("91001", Vehicle.MESSAGE)
    assert way(choose(PLAIN, zalo(5))) == ("8001", Vehicle.MESSAGE)


@pytest.mark.parametrize(
    "audience",
    [
        Audience(topics=("dat_dai",)),
        Audience(wards=("x",)),
        Audience(asked="1"),
        Audience(file=1),
        Audience(languages=("vi",)),
    ],
)
def test_an_article_would_reach_more_than_a_narrowed_audience(audience: Audience) -> None:
    assert way(choose(msgspec.structs.replace(ARTICLE, audience=audience), zalo(5))) == ("8001", Vehicle.MESSAGE)


def test_every_reason_is_said_in_plain_words() -> None:
    assert SENTENCES.keys() == set(Reason)
    assert len(set(SENTENCES.values())) == len(Reason)
