"""Words what is said about the agency's news: what a citizen is told about, where they live, and that it is over."""

from __future__ import annotations

from typing import Any, Callable, Iterator, Mapping, Sequence

from bot.wording.speaker import Speaker
from knowledge.subscription_topics import SubscriptionTopics

Facts = Mapping[str, Any]
MOST_WARDS = 10  # that anybody reads


class SubscriptionWords:
    def __init__(self, topics: SubscriptionTopics) -> None:
        self._topics = topics
        self.by_utterance: Mapping[str, Callable[[Speaker, Facts], Iterator[str]]] = {
            "subscribed": self._subscribed,
            "subscribe_which": self._which,
            "subscriptions": self._present,
            "residence_kept": _kept,
            "residence_elsewhere": _elsewhere,
            "unsubscribed": self._unsubscribed,
            "opted_out": _opted_out,
        }

    def _subscribed(self, say: Speaker, facts: Facts) -> Iterator[str]:
        yield say("Dạ, từ nay có tin mới về {topics} thì tôi nhắn ông/bà.", topics=self._titles(say, facts["topics"]))
        if facts.get("ward"):
            yield _lives(say, facts["ward"])
        else:
            yield say("Ông/bà ở xã, phường nào, xin nhắn tôi để nhận đúng tin nơi ở. Ví dụ: “tôi ở xã Mỹ Đức”.")
        yield say("Không nhận nữa thì gõ “ngừng nhận tin”.")

    def _which(self, say: Speaker, facts: Facts) -> Iterator[str]:
        if facts.get("ward"):
            yield _lives(say, facts["ward"])
        told = facts.get("topics") or []
        if told:
            yield say("Ông/bà đang nhận tin về: {topics}.", topics=self._titles(say, told))
        left = [topic.id for topic in self._topics if topic.id not in told]
        yield say("Tôi nhắn được tin mới về: {topics}.", topics=self._titles(say, left))
        yield say("Ông/bà muốn nhận tin về việc gì?")

    def _present(self, say: Speaker, facts: Facts) -> Iterator[str]:
        if facts.get("opted_out"):
            yield say("Ông/bà đã ngừng nhận tin, nên tôi không gửi tin nào.")
        elif facts.get("topics"):
            yield say("Ông/bà đang nhận tin về: {topics}.", topics=self._titles(say, facts["topics"]))
        else:
            yield say("Ông/bà chưa đăng ký nhận tin về việc nào.")
        if facts.get("ward"):
            yield _lives(say, facts["ward"])
        yield say("Muốn nhận thêm thì gõ “nhận tin” kèm việc cần biết, ví dụ “nhận tin đất đai”.")

    def _unsubscribed(self, say: Speaker, facts: Facts) -> Iterator[str]:
        if facts.get("topics"):
            yield say("Dạ, tôi thôi gửi tin về {topics}.", topics=self._titles(say, facts["topics"]))
        else:
            yield say("Ông/bà không đăng ký nhận tin về {topics}.", topics=self._titles(say, facts["named"]))
        yield say("Muốn thôi nhận mọi tin thì gõ “ngừng nhận tin”.")

    def _titles(self, say: Speaker, topics: Sequence[str]) -> str:
        held = (self._topics.get(topic) for topic in topics)
        return "; ".join(say.text(topic.title) for topic in held if topic is not None)


def _kept(say: Speaker, facts: Facts) -> Iterator[str]:
    yield _lives(say, facts["ward"])
    yield say("Có tin riêng cho nơi này thì tôi nhắn ông/bà.")


def _elsewhere(say: Speaker, facts: Facts) -> Iterator[str]:
    yield say("{ward} không thuộc nơi tôi báo tin, nên tôi không ghi.", ward=facts["ward"])
    if len(facts["wards"]) <= MOST_WARDS:
        yield say("Tôi báo tin cho: {wards}.", wards="; ".join(facts["wards"]))


def _opted_out(say: Speaker, facts: Facts) -> Iterator[str]:
    yield say("Dạ, từ nay tôi không gửi tin thông báo cho ông/bà nữa. Ông/bà vẫn hỏi tôi được như thường.")
    if facts.get("watched"):
        yield say("Hồ sơ ông/bà nhờ theo dõi thì tôi vẫn báo. Không cần nữa thì gõ “thôi theo dõi hồ sơ”.")
    yield say("Muốn nhận lại thì gõ “đăng ký nhận tin”.")


def _lives(say: Speaker, ward: str) -> str:
    return say("Nơi ở của ông/bà tôi đã ghi: {ward}.", ward=ward)
