"""Whatever is sent to a door: it answers, and stores a whole message or nothing."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any, AsyncIterator, Iterator, Mapping, Sequence, Union

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.inbox import _decode
from bot.storage import migrate
from bot.tables import inbox
from tests.connectors.contract import rest_side, telegram_side, zalo_side
from tests.connectors.contract.differences import open_office
from tests.connectors.contract.office import Office

ZALO = (
    zalo_side.EVENT,
    {**zalo_side.EVENT, "timestamp": 1795312800000},
    {
        **zalo_side.EVENT,
        "event_name": "user_send_image",
        "message": {
            "msg_id": "900001",
            "text": "giấy hẹn",
            "attachments": [{"type": "image", "payload": {"thumbnail": "https://t.example", "url": "https://p.example"}}],
        },
    },
    {
        **zalo_side.EVENT,
        "event_name": "user_send_file",
        "message": {
            "msg_id": "900001",
            "attachments": [{"type": "file", "payload": {"url": "https://p.example", "name": "đơn.pdf", "size": "5"}}],
        },
    },
    {**zalo_side.EVENT, "event_name": "oa_send_text", "sender": {"id": zalo_side.OA_ID, "admin_id": "7"}},
    {**zalo_side.EVENT, "event_name": "user_seen_message", "message": {"msg_ids": ["1", "2"]}},
    {
        **zalo_side.EVENT,
        "event_name": "anonymous_send_text",
        "message": {"msg_id": "900001", "text": "chào", "conversation_id": "cv_1"},
    },
    {"app_id": zalo_side.APP_ID, "event_name": "follow", "timestamp": "1795312800000", "oa_id": zalo_side.OA_ID,
     "follower": {"id": zalo_side.PERSON.format(2)}, "source": "oa_profile"},
    {"app_id": zalo_side.APP_ID, "event_name": "user_withdraw", "timestamp": "1795312800000",
     "oa_id": zalo_side.OA_ID, "user_id": zalo_side.PERSON.format(3)},
)  # fmt: skip
_GROUP = {"id": -1_001_234_567_890, "type": "supergroup", "title": "Tổ dân phố 5"}
_FILE = {"file_id": "BQACAgUAAx", "file_unique_id": "x", "file_size": 1_000}
_KEYBOARD = {"inline_keyboard": [[{"text": "Lệ phí", "callback_data": "12.0"}]]}
_MEMBER = {"user": telegram_side.MESSAGE["from"], "status": "member"}
TELEGRAM = tuple(
    {"update_id": 700_000_001, **update}
    for update in (
        {"message": telegram_side.MESSAGE},
        {"message": {**telegram_side.MESSAGE, "chat": _GROUP, "text": "@motcua_demo_bot chào"}},
        {"message": {**telegram_side.MESSAGE, "text": "/start hs_SDEyLjM0LTU2Nzg5MA"}},
        {"message": {**telegram_side.MESSAGE, "caption": "giấy hẹn", "photo": [{**_FILE, "width": 9, "height": 9}]}},
        {"message": {**telegram_side.MESSAGE, "document": {**_FILE, "file_name": "a.pdf", "mime_type": "image/png"}}},
        {"message": {**telegram_side.MESSAGE, "location": {"latitude": 10.7, "longitude": 106.6}}},
        {"edited_message": {**telegram_side.MESSAGE, "edit_date": 1_795_312_900}},
        {"callback_query": {"id": "900001", "from": telegram_side.MESSAGE["from"], "chat_instance": "1", "data": "12.0",
                            "message": {**telegram_side.MESSAGE, "reply_markup": _KEYBOARD}}},
        {"my_chat_member": {"chat": telegram_side.MESSAGE["chat"], "from": telegram_side.MESSAGE["from"],
                            "date": 1_795_312_800, "old_chat_member": _MEMBER,
                            "new_chat_member": {**_MEMBER, "status": "kicked"}}},
    )
)  # fmt: skip
REST = (rest_side.ASKED, {**rest_side.ASKED, "metadata": {"language": "en"}, "customData": {"a": 1}})

ODD = (
    None, True, 0, -1, 2**31, 2**53 + 1, 2**63, -(2**64), 10**400, 1.5, float("nan"), float("-inf"), 1e308,
    "", " ", "0", "-5", "1795312800000", "9" * 4_400, "\x00", "a\x00b", "\ud800", "\udfff\ud800", "\u202e‮\u2066",
    "e\u0301" * 50, "😀" * 3_000, "a" * 9_000, "/start", "#1.0", "/choose{\"number\":\"1\"}", "query:1:0:#5.1",
    [], {}, [[]], [None], [{}], {"": ""}, {"id": {"id": {}}}, {"\x00": "\ud800"}, [1] * 200,
    json.loads("[" * 60 + "]" * 60),
)  # fmt: skip
NUMBER = "900001"  # the message's id in every example; each mutated one has its own, or all would be repeats
Step = Union[str, int]
CHECKED = settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def paths(document: Any) -> Iterator[tuple[Step, ...]]:
    """Of everything in it, itself aside."""
    steps: Sequence[Step] = range(len(document)) if isinstance(document, list) else [*document]
    for step in steps:
        yield (step,)
        if isinstance(document[step], (dict, list)):
            yield from ((step, *rest) for rest in paths(document[step]))


@st.composite
def mutated(draw: st.DrawFn, examples: Sequence[Mapping[str, Any]]) -> bytes:
    """A real event, of which up to three things are odd, doubled or gone."""
    number = str(draw(st.integers(1, 10**9)))
    document = json.loads(json.dumps(draw(st.sampled_from(examples))).replace(NUMBER, number))
    for _ in range(draw(st.integers(0, 3))):
        every = [*paths(document)]
        if not every:
            break
        *above, last = draw(st.sampled_from(every))
        inside: Any = document
        for step in above:
            inside = inside[step]
        change = draw(st.sampled_from(("odd", "text", "number", "gone", "in a list")))
        if change == "gone":
            del inside[last]
        elif change == "in a list":
            inside[last] = [inside[last]] * draw(st.integers(1, 3))
        else:
            values = {"odd": st.sampled_from(ODD), "text": st.text(max_size=40), "number": st.integers() | st.floats()}
            inside[last] = copy.deepcopy(draw(values[change]))
    return json.dumps(document, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


@st.composite
def rubbish(draw: st.DrawFn, examples: Sequence[Mapping[str, Any]]) -> bytes:
    """No event at all, or one that was cut off or torn in the middle."""
    whole = [json.dumps(example).encode() for example in examples]
    special = [b"[" * 50_000, b'{"a":' * 9_000, b"9" * 60_000, b"1e400000", b"9" * 1_000_000, b"\xff\xfe{\x00}\x00"]
    kinds = (
        st.binary(max_size=200),
        st.text(max_size=200).map(lambda text: json.dumps(text).encode()),
        st.sampled_from(special),
        st.builds(lambda body, end: body[:end], st.sampled_from(whole), st.integers(0, 300)),
        st.builds(lambda body, at, torn: body[:at] + torn + body[at:],
                  st.sampled_from(whole), st.integers(0, 300), st.binary(max_size=8)),
    )  # fmt: skip
    return draw(st.one_of(kinds))


@pytest.fixture
async def office(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Office]:
    monkeypatch.setattr("bot.lanes.LOOK_SECONDS", 0.05)
    migrate(f"sqlite:///{tmp_path}/office.db")
    async with open_office(request.param, tmp_path / "office.db") as office:
        yield office
        await office.quiet()
        states = await office.states()
        assert {*states} == {"done"}
        assert len(states) > 10  # else nothing was tried


async def check(office: Office, body: bytes) -> None:
    assert await office.side.post(body) in (200, 400, 401, 413)
    rows = await office.database.run(lambda connection: connection.execute(sa.select(inbox)).all())
    for row in rows:
        if not row.person:  # of somebody who withdrew: only the id is left, so that no repeat counts as new
            assert (row.document, row.state) == ("", "done")
            continue
        incoming = _decode(row.document)
        assert (incoming.id, incoming.address.channel, incoming.address.id) == (row.message_id, row.channel, row.person)
        assert 0 < len(incoming.id) <= 64


@pytest.mark.parametrize("office", ["zalo"], indirect=True)
@CHECKED
@given(body=mutated(ZALO) | rubbish(ZALO))
async def test_zalo(office: Office, body: bytes) -> None:
    await check(office, body)


@pytest.mark.parametrize("office", ["telegram-webhook"], indirect=True)
@CHECKED
@given(body=mutated(TELEGRAM) | rubbish(TELEGRAM))
async def test_telegram(office: Office, body: bytes) -> None:
    await check(office, body)


@pytest.mark.parametrize("office", ["rest"], indirect=True)
@CHECKED
@given(body=mutated(REST) | rubbish(REST))
async def test_rest(office: Office, body: bytes) -> None:
    await check(office, body)
