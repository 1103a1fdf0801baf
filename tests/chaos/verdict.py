"""What must be true after a storm: of the ledger as a whole, and of each ticket."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.clocks import Rang
from juanchi.domain.clue import Received
from juanchi.domain.deadlines import clock_key
from juanchi.domain.events import ActionRefused, Entry
from juanchi.domain.notices import notices
from juanchi.domain.ruling import RulingGiven
from juanchi.domain.supervised import OrderIssued
from juanchi.domain.terms import EndKind
from juanchi.domain.ticket import Ticket
from juanchi.domain.voices import VoicesOwed
from juanchi.ledger.audit import audit
from juanchi.ledger.journal import stream
from juanchi.ledger.tables import NoticeRow, TicketRow
from tests.chaos.clockwork import clocks_wrong, orders_wrong
from tests.chaos.fairness import passed_on, unanswered
from tests.chaos.life import Life
from tests.chaos.tally import Tally
from tests.chaos.walking import Step, walk


@dataclass(frozen=True)
class Verdict:
    """``problems``: all that is wrong, each a sentence that begins with its ticket."""

    problems: list[str]
    tally: Tally


async def judge(engine: AsyncEngine, lives: Sequence[Life], open_workflows: set[str]) -> Verdict:
    """Look at everything that a storm has left behind."""
    report = await audit(engine, open_workflows)
    problems = [f"audit: {problem}" for problem in report.problems]
    journals: dict[str, list[Entry]] = {}
    async with engine.connect() as connection:
        async for chunk in stream(connection):
            journals |= {life.ticket_id: life.entries() for life in chunk}
        rows = set((await connection.scalars(select(TicketRow.id))).all())
        told: dict[str, set[str]] = {}
        for key in await connection.scalars(select(NoticeRow.key)):
            # Whose news it is: answers lie with the clue of whoever is told.
            told.setdefault(key.partition("#")[0], set()).add(key)
    expected = {life.ticket for life in lives}
    problems += [f"{id_}: nobody reported it" for id_ in sorted(journals.keys() - expected)]
    problems += [f"{id_}: lost from the ledger" for id_ in sorted(expected - journals.keys())]
    problems += [f"{id_}: it has no row" for id_ in sorted(expected - rows)]
    tally = Tally()
    for life in lives:
        if entries := journals.get(life.ticket):
            tally.count(entries)
            wrong = wrongs(life, entries, told.get(life.ticket, set()))
            problems += [f"{life.ticket} ({life.script}): {problem}" for problem in wrong]
    return Verdict(problems, tally)


def wrongs(life: Life, entries: Sequence[Entry], told: set[str]) -> Iterator[str]:
    """What is wrong with one ticket's journal."""
    steps = walk(life.ticket, entries)
    yield from _end_wrong(life, steps[-1].after)
    yield from _course_wrong(life, steps)
    yield from _effects_wrong(life, entries)
    yield from _refusals_wrong(life, entries)
    yield from clocks_wrong(steps)
    yield from orders_wrong(steps)
    yield from unanswered(steps)
    yield from passed_on(steps)
    wanted = {n.key for step in steps for n in notices(step.after, step.event, step.seq)}
    answered = [step.seq for step in steps if isinstance(step.event, VoicesOwed)]
    wanted |= {f"{life.ticket}#{seq}>{voice}" for seq in answered for voice in life.voices}
    if told != wanted:
        yield f"notices are {sorted(told)}, the journal says {sorted(wanted)}"


def _end_wrong(life: Life, ticket: Ticket) -> Iterator[str]:
    end = ticket.ending
    if end is None or not ticket.archived:
        yield f"it did not end: {ticket.phase}, version {ticket.version}"
        return
    if (end.kind, end.reason, end.into) != (life.end, life.reason, life.into):
        yield f"it ended {end.kind} ({end.reason}, into {end.into}), not {life.end} ({life.reason})"
    if end.kind is EndKind.CLOSED and ticket.lead != life.lead:
        yield f"{ticket.lead} had it in the end, not {life.lead}"
    if life.rated not in (None, end.rated):
        yield f"its rating counts: {end.rated}, it should be {life.rated}"
    if ticket.reworks != life.reworks:
        yield f"it was sent back {ticket.reworks} times, not {life.reworks}"
    if ticket.voices != life.voices:
        yield f"it speaks for {ticket.voices}, not {life.voices}"


def _course_wrong(life: Life, steps: Sequence[Step]) -> Iterator[str]:
    """What the people of this life did, or waited for, must have happened."""
    events = [step.event for step in steps]
    kinds = {str(event.kind) for event in events}
    if sum(isinstance(event, Received) for event in events) != 1:
        yield "it was not received exactly once"
    rang = {clock_key(event.clock, event.subject) for event in events if isinstance(event, Rang)}
    yield from (f"{clock} should have rung" for clock in life.rang if clock not in rang)
    yield from (f"{kind} should have happened" for kind in life.happened - kinds)
    rulings = sum(isinstance(event, RulingGiven) for event in events)
    if rulings != life.rulings:
        yield f"it was ruled {rulings} times, not {life.rulings}"
    orders = sum(isinstance(event, OrderIssued) for event in events)
    if orders < life.orders:
        yield f"it brought {orders} orders, not {life.orders}"


def _effects_wrong(life: Life, entries: Sequence[Entry]) -> Iterator[str]:
    """Every action that was taken had its effect once, and everybody got the same answer."""
    effects = Counter(
        (e.event.cause, e.event.kind, getattr(e.event, "request", ""))
        for e in entries
        if e.event.cause
    )
    for (cause, kind, _), times in effects.items():
        if times > 1:
            yield f"{cause} brought about {kind} {times} times"
    version = {e.event.cause: e.seq for e in entries if e.event.cause}
    for key, answers in life.answers.items():
        told = {answer.version for answer in answers}
        if key not in version:
            yield f"{key} was taken but is not in the journal"
        elif told != {version[key]}:
            yield f"{key} was answered with versions {sorted(told)}, its effect is {version[key]}"
    absorbed = {f"absorb:voice:{voice}" for voice in life.voices}
    unasked = version.keys() - life.answers.keys() - life.refused.keys() - absorbed
    if unasked:
        yield f"nobody was told that these were taken: {unasked}"


def _refusals_wrong(life: Life, entries: Sequence[Entry]) -> Iterator[str]:
    """A refused signal is journalled, once and with its reason; a refused update is not."""
    refusals = [e.event for e in entries if isinstance(e.event, ActionRefused)]
    told = {refusal.cause: refusal.code for refusal in refusals}
    wanted = {key: code.value for key, code in life.refused.items()}
    if told != wanted:
        yield f"the journal says {told} were refused, it should be {wanted}"
    if len(told) != len(refusals):
        yield "an action was refused twice"
    traces = {e.event.cause for e in entries} & life.denied
    if traces:
        yield f"these were refused, and yet left a trace: {traces}"
