"""A small Talk for the tests of the doors: keeps its entries in memory and answers from a short script."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import defaultdict
from typing import Optional, Sequence

from connectors.channel import Entry
from connectors.messages import Address, Card, Choice, IncomingMessage, Link, Reply

ASK_STATUS = '/ask_procedure{"code":"1.001193"}'

PAPERS = Reply(
    text="Đăng ký khai sinh (mã 1.001193) cần 2 giấy tờ:\n1. Giấy chứng sinh: 1 bản chính\n2. Tờ khai: 1 bản chính",
    cards=(
        Card(
            title="Đăng ký khai sinh",
            subtitle="Mã 1.001193 · cấp xã",
            lines=(("Thời hạn", "Trong ngày làm việc"), ("Lệ phí", "Miễn lệ phí nếu đúng hạn")),
            items=("Giấy chứng sinh: 1 bản chính", "Tờ khai đăng ký khai sinh theo mẫu: 1 bản chính"),
            notes=("Xuất trình thẻ căn cước của người đi đăng ký.", "Đã kiểm tra ngày 01/11/2026."),
            link=Link("Cổng Dịch vụ công quốc gia", "https://dichvucong.gov.vn/p/home/1.001193?a=1&b=2"),
        ),
    ),
    choices=(
        Choice("Lệ phí bao nhiêu?", '/ask_fee{"code":"1.001193"}'),
        Choice("Nộp ở đâu?", '/ask_place{"code":"1.001193"}'),
        Choice("Làm trực tuyến được không?", '/ask_online{"code":"1.001193"}'),
        Choice("Tra cứu hồ sơ khác", ASK_STATUS),
    ),
    custom={"procedure": "1.001193"},
)
FEE = Reply(text="Đăng ký khai sinh đúng hạn được miễn lệ phí. Đăng ký quá hạn: 5.000 đồng.")
ENGLISH = Reply(text="Birth registration needs two papers.", language="en")
PERSON = Reply(text="Chào bà, tôi là cán bộ một cửa. Tôi đang xem hồ sơ.", author="person")


class ScriptedTalk:
    """Answers "khai sinh" with a card and choices, a pressed choice with the fee, anything else with its own text."""

    def __init__(self) -> None:
        self.received: list[IncomingMessage] = []
        self.open = asyncio.Event()
        self.open.set()
        self.broken = False
        self._entries: dict[Address, list[Entry]] = defaultdict(list)
        self._answers: dict[str, list[Entry]] = {}
        self._order: dict[Address, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._seq = 0

    async def handle(self, message: IncomingMessage) -> Sequence[Entry]:
        if self.broken:
            raise ConnectionError("the database is away")
        async with self._order[message.address]:
            if message.id not in self._answers:
                self.received.append(message)
                await self.open.wait()
                question = self._store(message.address, text=message.text, message_id=message.id)
                answer = self._store(message.address, reply=self._reply_to(message))
                self._answers[message.id] = [question, answer]
            return self._answers[message.id]

    async def history(self, address: Address, after: int = 0) -> Sequence[Entry]:
        if self.broken:
            raise ConnectionError("the database is away")
        return [entry for entry in self._entries[address] if entry.seq > after][-200:]

    def say(self, address: Address, reply: Reply) -> None:
        """What an official does at the desk."""
        self._store(address, reply=reply)

    def _reply_to(self, message: IncomingMessage) -> Reply:
        if message.pressed:
            return FEE
        if message.language == "en":
            return ENGLISH
        return PAPERS if "khai sinh" in message.text else Reply(text=f"Ông/bà vừa viết: {message.text}")

    def _store(
        self, address: Address, text: str = "", message_id: Optional[str] = None, reply: Optional[Reply] = None
    ) -> Entry:
        self._seq += 1
        at = dt.datetime(2026, 11, 20, 1, 30, tzinfo=dt.timezone.utc) + dt.timedelta(minutes=self._seq)
        entry = Entry(self._seq, at, text, message_id, reply)
        self._entries[address].append(entry)
        return entry
