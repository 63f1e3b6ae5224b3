"""The topics of notices are found in everyday words, however they are typed."""

from __future__ import annotations

import pytest

from knowledge.subscription_topics import SubscriptionTopics, read_subscription_topics
from nlu.vietnamese.folding import fold


@pytest.fixture(scope="module")
def topics() -> SubscriptionTopics:
    return read_subscription_topics(fold)


@pytest.mark.parametrize(
    ("said", "ids"),
    [
        ("đăng ký nhận tin đất đai", ["land"]),
        ("dang ky nhan tin dat dai", ["land"]),
        ("đăng ký nhận tin: cư trú, đất đai và y tế", ["residence", "land", "health"]),
        ("có lịch tiêm chủng thì báo tôi", ["health"]),
        ("tin về nhà ở xã hội", ["construction"]),
        ("có đợt trợ cấp cho người cao tuổi thì nhắn", ["benefits"]),
        ("cho tôi nhận tin của phường", ["general"]),
        ("news about land and taxes", ["land", "business"]),
        ("khi nào tuyển nghĩa vụ quân sự", ["military"]),
        ("đăng ký nhận tin", []),
        ("có gì nhắn em nha", []),
        ("đăng ký", []),
    ],
)
def test_found_in_what_people_say(topics: SubscriptionTopics, said: str, ids: list[str]) -> None:
    assert [topic.id for topic in topics.find(fold(said))] == ids


def test_every_topic_is_found_by_its_own_title(topics: SubscriptionTopics) -> None:
    for topic in topics:
        assert topic.title.en
        assert topics.find(fold(topic.title.vi))[0] is topic
        assert topic in topics.find(fold(topic.title.en))
        assert topics.get(topic.id) is topic


def test_no_name_leads_to_two_topics(topics: SubscriptionTopics) -> None:
    named = [(fold(name), topic.id) for topic in topics for name in {*topic.names.vi, *topic.names.en, topic.title.vi}]
    by_name = dict(named)
    assert [(name, topic) for name, topic in named if by_name[name] != topic] == []
