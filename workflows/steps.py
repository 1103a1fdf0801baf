"""How the workflow reaches the world: by activity name, quickly if it can, durably if it must.

A step first runs as a local activity: one marker instead of three events and no queue hop. When
that does not answer within seconds (a database outage), it becomes a normal activity with
unlimited retries, so that an outage of hours costs no history.
"""

from collections.abc import Awaitable
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy
from temporalio.exceptions import FailureError, is_cancelled_exception

from juanchi.domain.clocks import Plan, PlanResult
from juanchi.domain.clue import Locate, LocateResult, Screen, ScreenResult
from juanchi.domain.filing import Route, RouteResult
from juanchi.domain.merging import AskSurvivor, AskSurvivorResult
from juanchi.domain.messages import Facts, Names, Result, Step
from juanchi.domain.notices import Notify, NotifyResult
from juanchi.domain.recording import Receipt, Recording
from juanchi.domain.terms import Urgency
from juanchi.domain.ticket import Ticket

T = TypeVar("T")

QUICK = timedelta(seconds=4)
"""All tries of a local activity; well below the workflow task's ten seconds."""
QUICK_RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=100), maximum_attempts=3)
# Bounded by tries as well: a local activity that waits between tries outlives its time limit.
ONE_TRY = timedelta(seconds=30)
PATIENT_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30)
)


class Hand(NamedTuple):
    """The activity that takes a step: its name, its result, its queue, whether it stays near."""

    activity: str
    result: type[Any]
    queue: str
    near: bool = True


HANDS: dict[type[Step], Hand] = {
    Screen: Hand("screen", ScreenResult, "intake"),
    Locate: Hand("locate", LocateResult, "intake"),
    Route: Hand("route", RouteResult, "intake"),
    Plan: Hand("plan", PlanResult, "ledger"),
    Notify: Hand("notify", NotifyResult, "notify", near=False),
    AskSurvivor: Hand("ask_survivor", AskSurvivorResult, "notify", near=False),
}

LOOK_UP = Hand("look_up", Facts, "ledger")
RECORD = Hand("record", Receipt, "ledger")

URGENT_PRIORITY = Priority(priority_key=1)


def stays_near(step: Step) -> bool:
    """Whether a step only reads the city's own lists; others leave the house."""
    return HANDS[type(step)].near


async def perform(ticket: Ticket, step: Step) -> Result:
    """Take an automatic step."""
    result: Result = await _reach(HANDS[type(step)], ticket, step)
    return result


async def look_up(ticket: Ticket, names: Names) -> Facts:
    """Ask the city's lists about the names that an action mentions."""
    facts: Facts = await _reach(LOOK_UP, ticket, names)
    return facts


async def record(recording: Recording) -> Receipt:
    """Write a turn to the ledger; waits for as long as the ledger is away."""
    receipt: Receipt = await _reach(RECORD, recording.ticket, recording)
    return receipt


async def _reach(hand: Hand, ticket: Ticket, argument: Any) -> Any:
    args = [argument] if hand is RECORD or hand is LOOK_UP else [ticket, argument]
    if hand.near:
        try:
            return await workflow.execute_local_activity(
                hand.activity,
                args=args,
                result_type=hand.result,
                schedule_to_close_timeout=QUICK,
                retry_policy=QUICK_RETRY,
            )
        except FailureError as failed:
            if is_cancelled_exception(failed):
                raise
            # Live it is an ActivityError; on replay the SDK raises its bare cause.
            workflow.logger.warning(
                "no quick answer, waiting durably", extra={"step": hand.activity}
            )
    return await _patiently(hand, ticket, args)


def _patiently(hand: Hand, ticket: Ticket, args: list[Any]) -> Awaitable[Any]:
    urgent = ticket.urgency is Urgency.URGENT
    return workflow.execute_activity(
        hand.activity,
        args=args,
        task_queue=workflow.info().task_queue.removesuffix("tickets") + hand.queue,
        result_type=hand.result,
        start_to_close_timeout=ONE_TRY,
        retry_policy=PATIENT_RETRY,
        priority=URGENT_PRIORITY if urgent else Priority.default,
    )
