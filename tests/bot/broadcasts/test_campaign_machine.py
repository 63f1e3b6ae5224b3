"""Several officials try whatever comes to their minds, in any order: the campaigns obey a small model."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any, Callable, Coroutine, Mapping, Optional, Sequence, TypeVar

import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from bot.audit import Actor
from bot.broadcasts.campaign import MOVES, Content
from bot.broadcasts.campaign import CampaignState as S
from bot.broadcasts.refusals import CampaignRefused, ChangedMeanwhile, NotAllowed, NotReady, OwnCampaign
from bot.broadcasts.schedules import start_due
from bot.console.tables import audit
from bot.storage import Database
from tests.bot.broadcasts.office_of_campaigns import HUNG, LAN, MAI, Clock, campaigns_of

Result = TypeVar("Result")
Draw = Callable[[st.SearchStrategy[Any]], Any]

OFFICIALS = st.sampled_from([MAI, HUNG, LAN])
TITLES = st.sampled_from(["Lệ phí", "Giờ làm việc", "Tiếp dân", "Nghỉ lễ", ""])
CONTENTS = st.builds(Content, title=TITLES, body=st.just({"vi": "Nội dung."}))
BEHIND = st.sampled_from([0, 0, 0, 1])  # by how many versions the official's page is out of date
REASONS = st.sampled_from(["", "Bão vào bờ"])
SHORT_LIFE = 6  # versions: nothing is cancelled before
OVER = (S.FINISHED, S.CANCELLED)
# When a step can be taken.
ALLOWED: Mapping[str, Sequence[S]] = {
    "change": (S.DRAFT, S.SUBMITTED, S.APPROVED, S.SCHEDULED),
    "submit": (S.DRAFT,),
    "give_back": (S.SUBMITTED,),
    "approve": (S.SUBMITTED,),
    "schedule": (S.APPROVED,),
    "unschedule": (S.SCHEDULED,),
    "start": (S.APPROVED, S.SCHEDULED),
    "pause": (S.SENDING, S.SCHEDULED),
    "resume": (S.PAUSED,),
    "finish": (S.SENDING,),
    "cancel": tuple(state for state in S if state not in OVER),
}
# What is tried twice as often, so that most lives come to their end.
FORWARD = {name: ALLOWED[name] for name in ("submit", "approve", "schedule", "start")}


class CampaignMachine(RuleBasedStateMachine):
    """The model: the state, the version, who had a part in the content, and how it was approved."""

    def __init__(self, loop: asyncio.AbstractEventLoop, database: Database) -> None:
        super().__init__()
        self.loop, self.database, self.clock = loop, database, Clock()
        self.campaigns = campaigns_of(database, self.clock)
        self.state: Optional[S] = None
        self.is_urgent, self.rows = False, self.audited()

    def wait(self, doing: Coroutine[Any, Any, Result]) -> Result:
        return self.loop.run_until_complete(doing)

    def audited(self) -> int:
        count = sa.select(sa.func.count()).select_from(audit)
        return self.wait(self.database.run(lambda connection: connection.execute(count).scalar()))

    def teardown(self) -> None:
        """Leaves nothing that the next example's clock would find due."""
        if self.state is not None and self.state not in OVER:
            self.wait(self.campaigns.cancel(self.id, MAI))

    @precondition(lambda self: self.state is None or self.state in OVER)
    @rule(by=OFFICIALS, content=CONTENTS)
    def create(self, by: Actor, content: Content) -> None:
        self.id = self.wait(self.campaigns.create(by, content)).id
        self.state, self.version, self.content, self.rows = S.DRAFT, 1, content, self.rows + 1
        self.writers, self.approver = {by.id}, None
        self.is_urgent, self.is_reviewed, self.send_at = False, False, None

    def take(
        self, doing: Coroutine[Any, Any, Any], error: Optional[type[CampaignRefused]], to: Optional[S], **also: Any
    ) -> None:
        """Refused just so, and then the model stays; else it leaves one version and one row of the audit log more."""
        if error is not None:
            with pytest.raises(CampaignRefused) as refused:
                self.wait(doing)
            assert refused.type is error
            return
        self.wait(doing)
        assert to is self.state or to in MOVES[self.state]
        self.state, self.version, self.rows = to, self.version + 1, self.rows + 1
        for name, value in also.items():
            setattr(self, name, value)

    def finishing(self) -> Coroutine[Any, Any, None]:
        return self.database.run(lambda connection: self.campaigns.finish(connection, self.id))

    @precondition(lambda self: self.state is not None and self.state not in OVER)
    @rule(by=OFFICIALS, behind=BEHIND, data=st.data())
    def take_a_step(self, by: Actor, behind: int, data: st.DataObject) -> None:
        """One rule for all of them: with a rule for each, few examples have those that lead to the end."""
        names = [name for name, states in (*ALLOWED.items(), *FORWARD.items()) if self.state in states]
        if self.version <= SHORT_LIFE:
            names.remove("cancel")
        getattr(self, data.draw(st.sampled_from(names)))(by, behind, data.draw)

    def change(self, by: Actor, behind: int, draw: Draw) -> None:
        content = draw(CONTENTS)
        doing = self.campaigns.change(self.id, self.version - behind, by, content)
        void = {"approver": None, "is_urgent": False, "is_reviewed": False, "send_at": None}
        error = ChangedMeanwhile if behind else None
        self.take(doing, error, S.DRAFT, content=content, writers=self.writers | {by.id}, **void)

    def submit(self, by: Actor, behind: int, draw: Draw) -> None:
        error = ChangedMeanwhile if behind else None if self.content.title else NotReady
        doing = self.campaigns.submit(self.id, self.version - behind, by)
        self.take(doing, error, S.SUBMITTED, writers=self.writers | {by.id})

    def give_back(self, by: Actor, behind: int, draw: Draw) -> None:
        doing = self.campaigns.give_back(self.id, self.version - behind, by, "Xem lại")
        self.take(doing, ChangedMeanwhile if behind else None, S.DRAFT)

    def approve(self, by: Actor, behind: int, draw: Draw) -> None:
        is_own, reason = by.id in self.writers, draw(REASONS)
        error = ChangedMeanwhile if behind else OwnCampaign if is_own and not reason else None
        doing = self.campaigns.approve(self.id, self.version - behind, by, urgent_reason=reason)
        self.take(doing, error, S.APPROVED, approver=by.id, is_urgent=is_own)

    def schedule(self, by: Actor, behind: int, draw: Draw) -> None:
        hours = draw(st.integers(min_value=0, max_value=3))
        at = self.clock.at + dt.timedelta(hours=hours)
        error = NotReady if hours == 0 else ChangedMeanwhile if behind else None
        self.take(self.campaigns.schedule(self.id, self.version - behind, by, at), error, S.SCHEDULED, send_at=at)

    def unschedule(self, by: Actor, behind: int, draw: Draw) -> None:
        doing = self.campaigns.unschedule(self.id, self.version - behind, by)
        self.take(doing, ChangedMeanwhile if behind else None, S.APPROVED, send_at=None)

    def start(self, by: Actor, behind: int, draw: Draw) -> None:
        doing = self.campaigns.start(self.id, self.version - behind, by)
        self.take(doing, ChangedMeanwhile if behind else None, S.SENDING)

    def pause(self, by: Actor, behind: int, draw: Draw) -> None:
        self.take(self.campaigns.pause(self.id, by, "Xem lại"), None, S.PAUSED)

    def resume(self, by: Actor, behind: int, draw: Draw) -> None:
        self.take(self.campaigns.resume(self.id, by), None, S.SENDING)

    def finish(self, by: Actor, behind: int, draw: Draw) -> None:
        self.take(self.finishing(), None, S.FINISHED)

    def cancel(self, by: Actor, behind: int, draw: Draw) -> None:
        self.take(self.campaigns.cancel(self.id, by), None, S.CANCELLED)

    @precondition(lambda self: self.is_urgent)
    @rule(by=OFFICIALS)
    def review(self, by: Actor) -> None:
        is_own = by.id == self.approver or by.id in self.writers
        error = NotAllowed if self.is_reviewed else OwnCampaign if is_own else None
        self.take(self.campaigns.review(self.id, by), error, self.state, is_reviewed=True)

    @precondition(lambda self: self.state is not None)
    @rule(by=OFFICIALS, name=st.sampled_from(sorted(ALLOWED)))
    def try_out_of_turn(self, by: Actor, name: str) -> None:
        if self.state in ALLOWED[name]:
            return
        given: Mapping[str, Sequence[Any]] = {
            "change": (self.version, by, self.content),
            "give_back": (self.version, by, "Xem lại"),
            "schedule": (self.version, by, self.clock.at + dt.timedelta(hours=1)),
            "pause": (by, "Xem lại"),
            "resume": (by,),
            "cancel": (by,),
        }
        step = getattr(self.campaigns, name)
        doing = self.finishing() if name == "finish" else step(self.id, *given.get(name, (self.version, by)))
        self.take(doing, NotAllowed, None)

    @precondition(lambda self: self.state is not None)
    @rule(minutes=st.integers(min_value=0, max_value=120))
    def look_at_the_clock(self, minutes: int) -> None:
        at, told = self.clock.forward(minutes=minutes), []

        async def page(name: str, sentence: str) -> None:
            told.append(name)

        sending = self.wait(start_due(self.campaigns, page, self.clock))
        is_due = self.state is S.SCHEDULED and self.send_at <= at
        if is_due:
            self.state = S.PAUSED if at - self.send_at > dt.timedelta(minutes=30) else S.SENDING
            self.version, self.rows = self.version + 1, self.rows + 1
        assert len(told) == (is_due and self.state is S.PAUSED)
        assert [one.id for one in sending] == ([self.id] if self.state is S.SENDING else [])

    @invariant()
    def the_campaign_is_as_the_model_says(self) -> None:
        if self.state is None:
            return
        campaign = self.wait(self.campaigns.get(self.id))
        assert (campaign.state, campaign.version, campaign.content) == (self.state, self.version, self.content)
        assert campaign.approved_by == self.approver
        assert (campaign.urgent_reason is not None, campaign.reviewed_by is not None) == (
            self.is_urgent,
            self.is_reviewed,
        )
        assert campaign.send_at == self.send_at

    @invariant()
    def what_may_go_out_was_approved_as_it_is_by_somebody_else(self) -> None:
        if self.state is None:
            return
        campaign = self.wait(self.campaigns.get(self.id))
        if campaign.state in (S.APPROVED, S.SCHEDULED, S.SENDING, S.PAUSED, S.FINISHED):
            assert campaign.approved_content == campaign.content
            assert campaign.urgent_reason or campaign.approved_by not in self.writers

    @invariant()
    def every_change_left_one_row(self) -> None:
        assert self.audited() == self.rows


def test_whatever_is_tried(database_url: str) -> None:
    loop, database = asyncio.new_event_loop(), Database(database_url)
    some = settings(deadline=None, max_examples=30, stateful_step_count=40)
    try:
        run_state_machine_as_test(lambda: CampaignMachine(loop, database), settings=some)
    finally:
        loop.run_until_complete(database.close())
        loop.close()
