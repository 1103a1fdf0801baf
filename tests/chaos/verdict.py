"""What must be true after a storm: of the ledger as a whole, and of each ticket."""

from collections import Counter
from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain import machine
from juanchi.domain.clocks import Planned, Rang
from juanchi.domain.clue import Received
from juanchi.domain.deadlines import Deadline
from juanchi.domain.events import ActionRefused, Entry
from juanchi.domain.notices import notices
from juanchi.domain.terms import ClockName, RungKind
from juanchi.domain.ticket import Ticket
from juanchi.ledger.audit import audit
from juanchi.ledger.journal import beginning, stream
from juanchi.ledger.tables import NoticeRow, TicketRow
from tests.chaos.people import Life


async def judge(engine: AsyncEngine, lives: Sequence[Life], open_workflows: set[str]) -> list[str]:
    """Everything that is wrong, each a sentence that begins with its ticket; best nothing."""
    report = await audit(engine, open_workflows)
    problems = [f"audit: {problem}" for problem in report.problems]
    journals: dict[str, list[Entry]] = {}
    async with engine.connect() as connection:
        async for chunk in stream(connection):
            journals |= {life.ticket_id: life.entries() for life in chunk}
        rows = set((await connection.scalars(select(TicketRow.id))).all())
        told: dict[str, set[str]] = {}
        for ticket_id, key in await connection.execute(select(NoticeRow.ticket_id, NoticeRow.key)):
            told.setdefault(ticket_id, set()).add(key)
    expected = {life.ticket for life in lives}
    problems += [f"{id_}: nobody reported it" for id_ in sorted(journals.keys() - expected)]
    problems += [f"{id_}: lost from the ledger" for id_ in sorted(expected - journals.keys())]
    problems += [f"{id_}: it has no row" for id_ in sorted(expected - rows)]
    for life in lives:
        if entries := journals.get(life.ticket):
            wrong = wrongs(life, entries, told.get(life.ticket, set()))
            problems += [f"{life.ticket} ({life.script}): {problem}" for problem in wrong]
    return problems


def wrongs(life: Life, entries: Sequence[Entry], told: set[str]) -> Iterator[str]:
    """What is wrong with one ticket's journal."""
    ticket = beginning(entries, life.ticket)
    wanted: set[str] = set()
    for entry in entries:
        ticket = machine.evolve(ticket, entry.event)
        wanted |= {notice.key for notice in notices(ticket, entry.event, entry.seq)}
    yield from _end_wrong(life, ticket)
    yield from _effects_wrong(life, entries)
    yield from _rungs_wrong(entries)
    rang = {e.event.clock for e in entries if isinstance(e.event, Rang)}
    yield from (f"{clock} should have rung" for clock in life.rang if clock not in rang)
    if sum(isinstance(entry.event, Received) for entry in entries) != 1:
        yield "it was not received exactly once"
    if told != wanted:
        yield f"notices are {sorted(told)}, the journal says {sorted(wanted)}"


def _end_wrong(life: Life, ticket: Ticket) -> Iterator[str]:
    end = ticket.ending
    if end is None or not ticket.archived:
        yield f"it did not end: {ticket.phase}, version {ticket.version}"
    elif (end.kind, end.reason, end.into) != (life.end, life.reason, life.into):
        yield f"it ended {end.kind} ({end.reason}, into {end.into}), not {life.end} ({life.reason})"
    if ticket.reworks != life.reworks:
        yield f"it was sent back {ticket.reworks} times, not {life.reworks}"
    if ticket.voices != life.voices:
        yield f"it speaks for {ticket.voices}, not {life.voices}"


def _effects_wrong(life: Life, entries: Sequence[Entry]) -> Iterator[str]:
    """Every action that was taken had its effect once, and everybody got the same answer."""
    effects = Counter((e.event.cause, e.event.kind) for e in entries if e.event.cause)
    for (cause, kind), times in effects.items():
        if times > 1:
            yield f"{cause} brought about {kind} {times} times"
    version = {e.event.cause: e.seq for e in entries if e.event.cause}
    for key, answers in life.answers.items():
        told = {answer.version for answer in answers}
        if key not in version:
            yield f"{key} was taken but is not in the journal"
        elif told != {version[key]}:
            yield f"{key} was answered with versions {sorted(told)}, its effect is {version[key]}"
    refused = {e.event.cause for e in entries if isinstance(e.event, ActionRefused)}
    if refused != life.refused:
        yield f"the journal says {refused} were refused, it should be {life.refused}"
    absorbed = {f"absorb:voice:{voice}" for voice in life.voices}
    unasked = version.keys() - life.answers.keys() - life.refused - absorbed
    if unasked:
        yield f"nobody was told that these were taken: {unasked}"


def _rungs_wrong(entries: Sequence[Entry]) -> Iterator[str]:
    """Each planned deadline's rungs ring once, in order, none before its time."""
    running: dict[ClockName, tuple[Deadline, list[RungKind]]] = {}
    for entry in entries:
        event = entry.event
        if isinstance(event, Planned):
            running |= {deadline.clock: (deadline, []) for deadline in event.deadlines}
        if not isinstance(event, Rang):
            continue
        if event.clock not in running:
            yield f"entry {entry.seq}: {event.clock} rang {event.rung} but was never planned"
            continue
        deadline, rung = running[event.clock]
        rung += [*event.missed, event.rung]
        kinds = [planned.kind for planned in deadline.rungs]
        if kinds[: len(rung)] != rung:
            yield f"entry {entry.seq}: {event.clock} rang {rung}, planned was {kinds}"
        elif event.at < deadline.rungs[len(rung) - 1].at:
            yield f"entry {entry.seq}: {event.clock} rang {event.rung} before its time"
