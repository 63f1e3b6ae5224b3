"""An assistant that says what it heard; some words make it offer, hang, fail or talk at length."""

from __future__ import annotations

import asyncio
from typing import Mapping

from connectors.messages import Choice, Reply
from nlu.assistant import Answer, Utterance

CHOICES = tuple(Choice(f"Lựa chọn thứ {number}", f'/choose{{"number":"{number}"}}') for number in range(1, 16))
LONG = "\n\n".join(
    f"Mục {number}. Người đi đăng ký nộp giấy chứng sinh, tờ khai theo mẫu và xuất trình thẻ căn cước. " * 3
    for number in range(1, 41)
).strip()
FAMILY = "👨\u200d👩\u200d👧 \u202bمرحبا\u202c 🇻🇳"
FAILED = "Xin lỗi ông/bà, câu này chưa trả lời được."

# What to say so that the parrot does not simply repeat it.
OFFER, TALK, FAIL, POISON, DRAW = "cho tôi chọn", "nói dài vào", "hỏng đi", "thuốc độc", "vẽ đi"
_REPLIES: Mapping[str, Reply] = {
    OFFER: Reply("Ông/bà chọn gì?", choices=CHOICES),
    TALK: Reply(LONG),
    # No database takes this one: the message fails however often it is tried.
    POISON: Reply("Không lưu được", custom={"what": object()}),
    DRAW: Reply(FAMILY),
}


class Parrot:
    """nlu.assistant.Assistant. It answers while ``open`` is set, and keeps in ``heard`` what it has answered."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.pressed: list[str] = []
        self.open = asyncio.Event()
        self.open.set()

    async def answer(self, citizen_id: str, text: str, *, pressed: bool = False) -> Answer:
        await self.open.wait()
        self.heard.append(text)
        if pressed:
            self.pressed.append(text)
        if text == FAIL:
            raise RuntimeError("as it was told")
        return Answer((Utterance("said", {"text": text}),), "say", 1.0)

    async def forget(self, citizen_id: str) -> None:
        self.heard.clear()


class Words:
    """Stands where bot.wording.wording.Wording does."""

    def word(self, utterance: Utterance, language: str) -> Reply:
        if utterance.name == "failed":
            return Reply(FAILED)
        text = utterance.facts.get("text", utterance.name)
        return _REPLIES.get(text) or Reply(echo(text))


def echo(text: str) -> str:
    return f"Nghe: {text}"
