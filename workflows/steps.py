"""How the workflow reaches the world: by activity name, quickly if it can, durably if it must.

What needs only the ledger first runs as a local activity: one marker instead of three events and
no queue hop. When that does not answer within seconds (a database outage), it becomes a normal
activity with unlimited retries, so that an outage of hours costs no history.
"""

from collections.abc import Awaitable
from datetime import timedelta
from typing import Any, NamedTuple

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy
from temporalio.exceptions import FailureError, is_cancelled_exception

from juanchi.domain.merging import AskSurvivor, AskSurvivorResult
from juanchi.domain.messages import Facts, Names, Result, Step
from juanchi.domain.notices import Notify, NotifyResult
from juanchi.domain.terms import Urgency
from juanchi.domain.ticket import Ticket
from juanchi.domain.turn import Advanced, Turn
from juanchi.domain.unmerging import LeaveSurvivor, LeaveSurvivorResult
from juanchi.domain.voices import AnswerVoices, AnswerVoicesResult

QUICK = timedelta(seconds=4)
"""All tries of a local activity; well below the workflow task's ten seconds."""
QUICK_RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=100), maximum_attempts=3)
# Bounded by tries as well: a local activity that waits between tries outlives its time limit.
ONE_TRY = timedelta(seconds=15)
PATIENT_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30)
)
URGENT_PRIORITY = Priority(priority_key=1)


class Hand(NamedTuple):
    """The activity that does something: its name, its result, its queue."""

    activity: str
    result: type[Any]
    queue: str


ADVANCE = Hand("advance", Advanced, "ledger")
CATCH_UP = Hand("catch_up", Advanced, "ledger")
LOOK_UP = Hand("look_up", Facts, "ledger")
HANDS: dict[type[Step], Hand] = {
    Notify: Hand("notify", NotifyResult, "notify"),
    AskSurvivor: Hand("ask_survivor", AskSurvivorResult, "notify"),
    LeaveSurvivor: Hand("leave_survivor", LeaveSurvivorResult, "notify"),
    AnswerVoices: Hand("answer_voices", AnswerVoicesResult, "ledger"),
}
"""The steps that leave the house, each by an activity of its own."""


async def advance(turn: Turn) -> Advanced:
    """Bring a turn to rest and write it; waits for as long as the ledger is away."""
    advanced: Advanced = await _quickly(ADVANCE, turn.ticket, turn)
    return advanced


async def catch_up(ticket: Ticket) -> Advanced:
    """Ask the ledger whether the journal goes further than the ticket."""
    advanced: Advanced = await _quickly(CATCH_UP, ticket, ticket)
    return advanced


async def look_up(ticket: Ticket, names: Names) -> Facts:
    """Ask the city's lists about the names that an action mentions."""
    facts: Facts = await _quickly(LOOK_UP, ticket, names)
    return facts


async def perform(ticket: Ticket, step: Step) -> Result:
    """Take a step that leaves the house."""
    result: Result = await _patiently(HANDS[type(step)], ticket, [ticket, step])
    return result


async def _quickly(hand: Hand, ticket: Ticket, argument: Turn | Names | Ticket) -> Any:
    try:
        return await workflow.execute_local_activity(
            hand.activity,
            argument,
            result_type=hand.result,
            schedule_to_close_timeout=QUICK,
            retry_policy=QUICK_RETRY,
        )
    except FailureError as failed:
        # Live it is an ActivityError; on replay the SDK raises its bare cause.
        if is_cancelled_exception(failed):
            raise
        workflow.logger.warning("waiting durably", extra={"step": hand.activity})
    return await _patiently(hand, ticket, [argument])


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
