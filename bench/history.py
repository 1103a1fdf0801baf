"""What a ticket costs in Temporal's history: events, billable actions, and a discarded clue.

``straight_through_events``, ``straight_through_actions``: the most over a few straight tickets,
each message sent when the one before has been answered, as people do. ``noise_events``: an
advertisement's whole history. Actions are counted out of the history, as Temporal Cloud bills
them: a start, an update, a signal, a timer, an upsert of search attributes, each try of an
activity, and one for all the local activities of a workflow task.
"""

import asyncio
from collections.abc import Iterable
from typing import Final

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from bench import messages
from bench.report import Figures
from bench.scene import Scene

SAMPLES: Final = 3

_BILLED: Final = frozenset(
    {
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
        EventType.EVENT_TYPE_TIMER_STARTED,
        EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
        EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED,
    }
)
_LOCAL: Final = "core_local_activity"
"""The marker that records a local activity's result."""


async def measure(scene: Scene, *, quick: bool = False) -> Figures:
    """Histories of a few tickets, each alone on a worker; ``quick`` changes nothing."""
    async with scene.ticket_worker():
        straight = [await straight_history(scene, f"h{n}") for n in range(SAMPLES)]
        noise = await _noise(scene)
    return {
        "straight_through_events": max(len(events) for events in straight),
        "straight_through_actions": max(actions(events) for events in straight),
        "straight_through_history_bytes": max(
            sum(event.ByteSize() for event in events) for events in straight
        ),
        "noise_events": len(noise),
    }


async def straight_history(scene: Scene, name: str) -> list[HistoryEvent]:
    """A straight ticket's history, each message sent while the ticket rests."""
    juanchi = scene.juanchi
    ticket = (await juanchi.report(messages.clue(name))).ticket_id
    for message in messages.straight():
        await _at_rest(scene, ticket)
        await juanchi.act(ticket, message)
    await _at_rest(scene, ticket)
    return await _history(scene, ticket)


def actions(events: Iterable[HistoryEvent]) -> int:
    """Billable actions of a history."""
    billed = 0
    local = False
    for event in events:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            local = False
        elif is_local(event) and not local:
            local = True
            billed += 1
        elif event.event_type in _BILLED:
            billed += 1
    return billed


def turns(events: Iterable[HistoryEvent]) -> list[list[int]]:
    """For each turn, the bytes that each of its local activities returned."""
    found: list[list[int]] = [[]]
    for event in events:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
            found.append([])
        elif is_local(event):
            details = event.marker_recorded_event_attributes.details
            found[-1].append(sum(len(part.data) for part in details["result"].payloads))
    return found


def is_local(event: HistoryEvent) -> bool:
    """Whether it records a local activity."""
    return event.marker_recorded_event_attributes.marker_name == _LOCAL


async def _noise(scene: Scene) -> list[HistoryEvent]:
    reported = await scene.juanchi.report(messages.noise("n1"))
    await scene.client.get_workflow_handle(reported.ticket_id).result()
    return await _history(scene, reported.ticket_id)


async def _at_rest(scene: Scene, ticket: str, within: float = 20.0) -> None:
    """Wait until the engine waits for somebody, and the server has been told so."""
    async with asyncio.timeout(within):
        while True:
            last = (await _history(scene, ticket))[-1].event_type
            # Somebody's task is under way as long as it is the last that the server knows of.
            if last not in (
                EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
                EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
                EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
            ):
                return
            await asyncio.sleep(0.05)


async def _history(scene: Scene, ticket: str) -> list[HistoryEvent]:
    history = await scene.client.get_workflow_handle(ticket).fetch_history()
    return list(history.events)
