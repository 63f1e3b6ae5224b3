"""What is said about notices: whole sentences with the topics' own names."""

from __future__ import annotations

from typing import Any, Callable

import pytest

from actions.choices import Payload
from connectors.messages import Reply

Word = Callable[..., Reply]


@pytest.mark.parametrize(
    ("name", "facts", "has", "lacks"),
    [
        ("subscribed", {"topics": ["land", "jobs"]}, ["đất đai; việc làm", "ở xã, phường nào"], ["đã ghi"]),
        ("subscribed", {"topics": ["land"], "ward": "Xã Mỹ Đức"}, ["đã ghi: Xã Mỹ Đức"], ["ở xã, phường nào"]),
        ("subscribe_which", {}, ["đất đai; bảo hiểm, trợ cấp; y tế", "về việc gì?"], ["đang nhận", "đã ghi"]),
        ("subscribe_which", {"topics": ["land"]}, ["đang nhận tin về: đất đai."], ["phường; đất đai"]),
        ("subscriptions", {}, ["chưa đăng ký"], ["đang nhận"]),
        ("subscriptions", {"opted_out": True, "ward": "Xã Mỹ Đức"}, ["đã ngừng nhận tin", "Xã Mỹ Đức"], []),
        ("subscriptions", {"topics": ["health"], "opted_out": False}, ["đang nhận tin về: y tế."], ["ngừng"]),
        ("residence_kept", {"ward": "Xã Mỹ Đức"}, ["đã ghi: Xã Mỹ Đức."], []),
        ("residence_elsewhere", {"ward": "Xã A", "wards": ["Xã B", "Xã C"]}, ["Xã A không", "Xã B; Xã C."], []),
        ("residence_elsewhere", {"ward": "Xã A", "wards": ["Xã B"] * 11}, ["Xã A không"], ["Xã B"]),
        ("unsubscribed", {"topics": ["tax", "land"]}, ["thôi gửi tin về đất đai."], []),
        ("unsubscribed", {"named": ["land"]}, ["không đăng ký nhận tin về đất đai"], []),
        ("opted_out", {}, ["không gửi tin thông báo"], ["theo dõi"]),
        ("opted_out", {"watched": ["H57.132-260804-0583"]}, ["Hồ sơ ông/bà nhờ theo dõi thì tôi vẫn báo"], []),
    ],
)
def test_the_sentences(word: Word, name: str, facts: dict[str, Any], has: list[str], lacks: list[str]) -> None:
    text = word(name, **facts).text
    assert [words for words in has if words not in text] == []
    assert [words for words in lacks if words in text] == []


def test_the_buttons(word: Word) -> None:
    payloads = [
        Payload("subscribe", topic="land"),
        Payload("unsubscribe", topic="land"),
        Payload("subscribe"),
        Payload("unsubscribe"),
    ]
    reply = word("subscriptions", choices=[str(payload) for payload in payloads])
    titles = ["Đất đai", "Thôi nhận tin đất đai", "Đăng ký nhận tin", "Ngừng nhận mọi tin"]
    assert [choice.title for choice in reply.choices] == titles
