"""What citizens can ask to be told about, and how they say it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Callable, Iterator, Optional

import msgspec
import yaml

from knowledge.procedures import Names, Part, Text

SUBSCRIPTIONS_FILE = Path(__file__).parent / "data" / "subscriptions.yml"


class SubscriptionTopic(Part, frozen=True):
    """``names`` are everyday words for it, with marks; the title counts as a name too."""

    id: str
    title: Text
    names: Names


class SubscriptionTopics:
    """All of them, in the order in which they are offered. ``fold`` turns text into lower case without marks."""

    def __init__(self, topics: tuple[SubscriptionTopic, ...], fold: Callable[[str], str]) -> None:
        self._topics = {topic.id: topic for topic in topics}
        self._named = {fold(name): topic.id for topic in topics for name in _names(topic)}
        longest_first = sorted(self._named, key=len, reverse=True)  # "đất đai" before "đất"
        self._any = re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b")

    def __iter__(self) -> Iterator[SubscriptionTopic]:
        return iter(self._topics.values())

    def get(self, topic_id: str) -> Optional[SubscriptionTopic]:
        return self._topics.get(topic_id)

    def find(self, folded: str) -> list[SubscriptionTopic]:
        """The topics named in a folded text, each once, in the order said."""
        ids = dict.fromkeys(self._named[name] for name in self._any.findall(folded))
        return [self._topics[topic_id] for topic_id in ids]

    def without_names(self, folded: str) -> str:
        """What a folded text says besides topics."""
        return self._any.sub(" ", folded)


def read_subscription_topics(fold: Callable[[str], str], path: Path = SUBSCRIPTIONS_FILE) -> SubscriptionTopics:
    """The shipped topics. Raises msgspec.ValidationError with the place in the file."""
    topics = msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), tuple[SubscriptionTopic, ...])
    return SubscriptionTopics(topics, fold)


def _names(topic: SubscriptionTopic) -> Iterator[str]:
    yield from (topic.title.vi, *topic.names.vi, *topic.names.en)
