"""An answer arrives once, whatever happens on its way, and nobody is written to against their will."""

from __future__ import annotations

import asyncio
import datetime as dt

from connectors.errors import RefusedReason
from tests.connectors.contract.differences import having
from tests.connectors.contract.office import Office
from tests.connectors.contract.parrot import echo

AN = 1
DAY = dt.timedelta(days=1).total_seconds()


@having("go_down")
async def test_a_platform_that_is_away_gets_the_answer_later(office: Office) -> None:
    office.side.go_down()
    await office.side.say(AN, "xin chào")
    await office.in_time(lambda: office.side.tries >= 2)
    assert office.side.answers(AN) == []
    office.side.come_back()
    await office.quiet()
    assert office.side.answers(AN) == [echo("xin chào")]


@having("flood")
async def test_who_is_asked_to_wait_waits(office: Office) -> None:
    office.side.flood()
    await office.side.say(AN, "xin chào")
    await office.until(lambda: has_failed_once(office))
    await asyncio.sleep(0.1)  # some looks of the outbox, and hardly a moment of the pause
    assert (office.side.tries, office.side.answers(AN)) == (1, [])
    await office.quiet()
    assert (office.side.tries, office.side.answers(AN)) == (2, [echo("xin chào")])


async def has_failed_once(office: Office) -> bool:
    return office.side.tries == 1 and await office.sendings() == ["waiting"]


@having("lose_answer")
async def test_an_answer_of_the_platform_that_is_lost_is_no_reason_to_send_again(office: Office) -> None:
    office.side.lose_answer()
    await office.side.say(AN, "xin chào")
    await office.until(lambda: bool(office.side.answers(AN)))
    await office.quiet()
    assert (office.side.tries, office.side.answers(AN)) == (1, [echo("xin chào")])


@having("lose_answer")
async def test_a_restart_while_nobody_knows_whether_it_was_sent(office: Office) -> None:
    office.side.lose_answer()
    await office.side.say(AN, "xin chào")
    await office.until(lambda: bool(office.side.answers(AN)))
    await office.restart()
    await office.quiet()
    assert (office.side.tries, office.side.answers(AN)) == (1, [echo("xin chào")])


@having("block")
async def test_who_has_left_is_not_written_to_until_they_come_back(office: Office) -> None:
    office.parrot.open.clear()
    await office.side.say(AN, "câu hỏi số 1")
    await office.stored(1)
    office.side.block(AN)
    office.parrot.open.set()
    await office.quiet()
    assert (await office.contact(AN)).refused is RefusedReason.LEFT
    office.clock.advance(DAY)
    await office.quiet()
    assert (office.side.tries, office.side.answers(AN), await office.sendings()) == (1, [], ["failed"])
    await office.side.say(AN, "câu hỏi số 2")
    await office.quiet()
    assert office.side.answers(AN) == [echo("câu hỏi số 2")]
    assert (await office.contact(AN)).refused is None


@having("hang_up")
async def test_a_line_that_breaks_gets_the_answer_when_it_is_back(office: Office) -> None:
    office.parrot.open.clear()
    await office.side.say(AN, "xin chào")
    await office.stored(1)
    await office.side.hang_up(AN)
    office.parrot.open.set()
    await office.until(lambda: office.parrot.heard == ["xin chào"])
    await office.side.call_again(AN)
    await office.quiet()
    assert office.side.answers(AN) == [echo("xin chào")]
    assert office.parrot.heard == ["xin chào"]
