"""What every queue of jobs keeps, whichever way it is stored."""

from __future__ import annotations

import asyncio
import datetime as dt
import subprocess
import sys
from pathlib import Path

import pytest

from bot.jobs.crew import SIDE_BY_SIDE, WAITS
from bot.jobs.protocol import Facts
from bot.jobs.schedules import EVERY_MINUTE, Every
from bot.records import now
from tests.bot.jobs.works import Works

ROOT = Path(__file__).parents[3]
SOON = dt.timedelta(seconds=0.1)


async def test_a_job_runs_once_with_its_facts(works: Works) -> None:
    crew = works.crew({"send": works.do})
    await crew.put("send", "5", {"what": "thông báo"})
    await works.until(lambda: works.did)
    await works.end(crew)
    assert works.did == ["thông báo"]
    works.crew({"send": works.do, "plan": works.do})
    await works.queue().put("plan", "5", {"what": "kế hoạch"})
    await works.until(lambda: len(works.did) > 1)
    assert works.did == ["thông báo", "kế hoạch"]


async def test_who_only_puts_needs_no_crew(works: Works) -> None:
    queue = works.queue()
    await queue.put("send", "5", {"what": 1})
    await queue.close()
    works.crew({"send": works.do})
    await works.until(lambda: works.did)


async def test_a_job_waits_for_its_moment(works: Works) -> None:
    crew = works.crew({"send": works.do})
    await crew.put("send", "tomorrow", {"what": "later"}, now() + dt.timedelta(days=1))
    await crew.put("send", "soon", {"what": "soon"}, now() + SOON)
    await crew.put("send", "at once", {"what": "first"})
    await works.until(lambda: len(works.did) == 2)
    assert works.did == ["first", "soon"]


async def test_what_waits_already_is_one_job(works: Works) -> None:
    queue = works.queue()
    for what in ("once", "again"):
        await queue.put("send", "5", {"what": what})
    await queue.put("send", "6", {"what": "another"})
    await queue.close()
    crew = works.crew({"send": works.do})
    await works.until(lambda: len(works.did) == 2)
    await works.end(crew)
    assert sorted(works.did) == ["another", "once"]


async def test_what_is_put_while_it_is_worked_at_runs_again_afterwards(works: Works) -> None:
    let_end, under_way = asyncio.Event(), 0

    async def send(facts: Facts) -> None:
        nonlocal under_way
        under_way += 1
        await works.do({"what": under_way})
        await let_end.wait()
        under_way -= 1

    crew = works.crew({"send": send, "look": works.do})
    await crew.put("send", "5", {})
    await works.until(lambda: works.did)
    for _ in range(2):
        await crew.put("send", "5", {})
    await crew.put("look", "", {"what": "look"})
    await works.until(lambda: "look" in works.did)
    assert works.did == [1, "look"]
    let_end.set()
    await works.until(lambda: len(works.did) == 3)
    assert works.did == [1, "look", 1]


async def test_long_jobs_do_not_block_another_name(works: Works) -> None:
    async def send(facts: Facts) -> None:
        await works.do(facts)
        await asyncio.Event().wait()

    crew = works.crew({"send": send, "look": works.do})
    for number in range(SIDE_BY_SIDE + 2):
        await crew.put("send", str(number), {"what": "send"})
    await works.until(lambda: works.did.count("send") == SIDE_BY_SIDE)
    await crew.put("look", "", {"what": "look"})
    await works.until(lambda: "look" in works.did)
    assert works.did.count("send") == SIDE_BY_SIDE


async def test_some_names_have_more_places(works: Works) -> None:
    async def send(facts: Facts) -> None:
        await works.do(facts)
        await asyncio.Event().wait()

    crew = works.crew({"send": send}, places={"send": SIDE_BY_SIDE + 1})
    for number in range(SIDE_BY_SIDE + 2):
        await crew.put("send", str(number), {"what": "send"})
    await works.until(lambda: works.did.count("send") > SIDE_BY_SIDE)
    assert works.did.count("send") == SIDE_BY_SIDE + 1


async def test_a_failing_job_is_tried_again_and_then_set_aside(works: Works, caplog: pytest.LogCaptureFixture) -> None:
    async def fail(facts: Facts) -> None:
        await works.do(facts)
        raise RuntimeError("it rains")

    crew = works.crew({"send": fail, "plan": works.do}, waits=(0.01, 0.02))
    await crew.put("send", "5", {"what": "try"})
    await works.until(lambda: works.pages)
    assert works.did == ["try"] * 3
    assert [name for name, _ in works.pages] == ["job-aside-send"]
    assert "send 5" in works.pages[0][1]
    assert sum("it rains" in (record.exc_text or "") for record in caplog.records) == 3
    # What was set aside keeps nobody from asking for it anew.
    await crew.put("send", "5", {"what": "anew"})
    await works.until(lambda: len(works.pages) == 2)
    assert works.did == ["try"] * 3 + ["anew"] * 3


def test_the_waits_grow_and_there_are_five_attempts() -> None:
    assert list(WAITS) == sorted(set(WAITS))
    assert len(WAITS) + 1 == 5


async def test_asking_again_during_an_attempt_does_not_hide_that_it_fails(works: Works) -> None:
    queue = works.queue()

    async def fail(facts: Facts) -> None:
        await works.do({"what": "try"})
        await queue.put("send", "5", {})
        raise RuntimeError("it rains")

    await queue.put("send", "5", {})
    works.crew({"send": fail}, waits=(0.01, 0.01))
    await works.until(lambda: works.pages)
    assert works.did[:3] == ["try"] * 3
    await queue.close()


async def test_a_job_that_cancels_itself_has_failed(works: Works) -> None:
    async def give_up(facts: Facts) -> None:
        raise asyncio.CancelledError

    crew = works.crew({"send": give_up})
    await crew.put("send", "5", {})
    await works.until(lambda: works.pages)


async def test_closing_lets_jobs_end(works: Works) -> None:
    begun = asyncio.Event()

    async def take_a_while(facts: Facts) -> None:
        begun.set()
        await asyncio.sleep(0.05)
        await works.do(facts)

    crew = works.crew({"send": take_a_while})
    await crew.put("send", "5", {"what": "to its end"})
    await begun.wait()
    await works.end(crew)
    assert works.did == ["to its end"]


async def test_what_takes_too_long_is_cancelled_and_begun_anew(works: Works) -> None:
    async def hang(facts: Facts) -> None:
        await works.do({"what": "begun"})
        try:
            await asyncio.Event().wait()
        finally:
            await works.do({"what": "cancelled"})

    crew = works.crew({"send": hang})
    await crew.put("send", "5", {"what": "anew"})
    await works.until(lambda: works.did)
    await works.end(crew, 0.01)
    works.crew({"send": works.do})
    await works.until(lambda: len(works.did) == 3)
    assert works.did == ["begun", "cancelled", "anew"]
    assert works.pages == []  # a restart is no failed attempt, and this crew allows none


async def test_what_a_killed_process_was_working_at_runs_again(works: Works) -> None:
    queue = works.queue()
    await queue.put("send", "5", {"what": "thông báo"})
    await queue.close()
    command = [sys.executable, "-m", "tests.bot.jobs.hanging", works.url]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    said = await process.stdout.readline()
    process.kill()
    await process.wait()
    assert said.decode().strip() == "thông báo"
    works.crew({"send": works.do}, waits=(0.01,))
    await works.until(lambda: works.did)
    assert works.did == ["thông báo"]


async def test_a_job_that_takes_every_process_along_is_set_aside(works: Works) -> None:
    queue = works.queue()
    await queue.put("send", "5", {"what": "poison"})
    await queue.tend()
    (job,) = await queue.claim({"send": 1})
    await queue.again(job, None, "as if it were killed")
    await queue.close()
    works.crew({"send": works.do}, waits=())
    await works.until(lambda: works.pages)
    assert works.did == []


async def test_a_periodic_job_runs_once_for_each_due_moment_in_two_crews(works: Works) -> None:
    at = dt.datetime(2026, 8, 7, 3, 0, 30, tzinfo=dt.timezone.utc)
    look = Every("look", "", EVERY_MINUTE)

    async def note(facts: Facts) -> None:
        await works.do({"what": at.minute})

    crews = [works.crew({"look": note}, [look], clock=lambda: at) for _ in range(2)]
    for times, minute in enumerate((0, 1, 3), 1):
        at = at.replace(minute=minute)
        await works.until(lambda times=times: len(works.did) >= times)
    for crew in crews:
        await works.end(crew)
    # Restarted within the same minute.
    crew = works.crew({"look": note, "send": works.do}, [look], clock=lambda: at)
    await crew.put("send", "last", {"what": "last"})
    await works.until(lambda: "last" in works.did)
    await works.end(crew)
    assert [what for what in works.did if isinstance(what, int)] == [0, 1, 3]


async def test_a_due_moment_is_put_once_whoever_asks(works: Works) -> None:
    due = dt.datetime(2026, 8, 7, 3, 0, tzinfo=dt.timezone.utc)
    queues = [works.queue(), works.queue()]
    for queue in queues:
        await queue.tend()
        await queue.put_due("look", "", due)
    (job,) = await queues[0].claim({"look": 2})
    await queues[1].put_due("look", "", due)
    await queues[0].done(job)
    await queues[1].put_due("look", "", due)
    assert await queues[1].claim({"look": 2}) == []
    await queues[1].put_due("look", "", due + dt.timedelta(minutes=1))
    assert len(await queues[0].claim({"look": 2})) == 1
    for queue in queues:
        await queue.close()


async def test_what_was_done_while_the_database_was_away_is_written_down_later(
    works: Works, caplog: pytest.LogCaptureFixture
) -> None:
    go_on = asyncio.Event()

    async def send(facts: Facts) -> None:
        await works.do(facts)
        await go_on.wait()

    crew = works.crew({"send": send})
    await crew.put("send", "5", {"what": "once"})
    await works.until(lambda: works.did)
    await works.hide()
    go_on.set()
    await works.until(lambda: any("cannot be written down" in record.message for record in caplog.records))
    await works.until(lambda: any("cannot be read" in record.message for record in caplog.records))
    await works.show()
    await crew.put("send", "5", {"what": "and the next"})
    await works.until(lambda: len(works.did) == 2)
    await works.end(crew)
    assert works.did == ["once", "and the next"]
