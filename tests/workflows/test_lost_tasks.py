"""A workflow task lost after its turn was written: the journal stands, and the ticket goes on.

Here the lost attempt is written by hand, exactly as a worker would have that was killed between the
writing and the task's completion: other times, perhaps another order, the same ledger.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from juanchi.client import Juanchi
from juanchi.domain import machine
from juanchi.domain.actor import Actor
from juanchi.domain.closure import Rate, Review
from juanchi.domain.clue import Received, ScreenResult
from juanchi.domain.events import Entry, entry
from juanchi.domain.messages import Event
from juanchi.domain.refusal import Refused
from juanchi.domain.supervision import Progress, Sign
from juanchi.domain.terms import ClueVerdict, Role
from juanchi.domain.ticket import Clue, Phase, Rating, Ticket
from juanchi.domain.turn import Recording
from juanchi.ledger.audit import audit
from juanchi.ledger.journal import fold_journal, read
from juanchi.ledger.reading import LedgerViews
from juanchi.ledger.writer import LedgerWriter
from tests.life import VERIFIED
from tests.town import HOLE, Town

ROADS = Actor(role=Role.UNIT, unit="roads")


async def lost(town: Town, ticket: Ticket, events: Iterable[Event]) -> Ticket:
    """Write a turn that Temporal never heard of."""
    entries: list[Entry] = []
    for event in events:
        ticket = machine.evolve(ticket, event)
        entries.append(entry(ticket, event))
    await LedgerWriter(town.engine).record(Recording(ticket=ticket, entries=tuple(entries)))
    return ticket


async def is_whole(town: Town, ticket: str) -> Ticket:
    """The live ticket, which is the fold of its journal."""
    state = await town.state(ticket)
    assert fold_journal(await read(town.engine, ticket)) == state
    return state


async def test_the_same_message_comes_again(town: Town) -> None:
    """The unit's signature was written; its workflow task was lost; Temporal delivers it again."""
    ticket = await town.report("lost-sign")
    await town.verify(ticket)
    sign = Sign(id="s1", actor=ROADS, at=datetime.now(UTC))
    before = await town.state(ticket)
    now = datetime.now(UTC) - timedelta(seconds=1)
    written = await lost(town, before, machine.decide(before, sign, now))
    answer = await town.juanchi.act(ticket, sign)
    assert answer.version == written.version
    assert await is_whole(town, ticket) == written
    assert await town.history(ticket) == [*VERIFIED, "signed"]


async def test_another_message_comes_first(town: Town) -> None:
    """What was written has happened; what came in meanwhile happens after it."""
    ticket = await town.report("lost-other")
    await town.verify(ticket)
    before = await town.state(ticket)
    sign = Sign(id="s1", actor=ROADS, at=datetime.now(UTC))
    await lost(town, before, machine.decide(before, sign, datetime.now(UTC)))
    note = Progress(id="p1", actor=ROADS, at=datetime.now(UTC), note="on it")
    await town.juanchi.act(ticket, note)
    assert await town.history(ticket) == [*VERIFIED, "signed", "progressed"]
    assert (await is_whole(town, ticket)).phase is Phase.HANDLING
    assert (await town.juanchi.act(ticket, sign)).version == before.version + 1


async def test_what_was_done_is_not_refused_to_the_one_who_did_it(town: Town) -> None:
    """Two turns were written and lost; the second's sender asks again before the first's."""
    ticket = await town.handled("lost-rating")
    before = await town.state(ticket)
    desk = Actor(role=Role.CHECKER, unit="town-desk")
    now = datetime.now(UTC)
    review = Review(id="r1", actor=desk, at=now, accepted=True)
    reviewed = await lost(town, before, machine.decide(before, review, now))
    rate = Rate(id="r2", actor=desk, at=now, rating=Rating(overall=1))
    rated = await lost(town, reviewed, machine.decide(reviewed, rate, now))
    # As a signal: no validator of a cached workflow stands before the loop.
    await town.juanchi.tell(ticket, rate)
    answer = await town.juanchi.act(ticket, review)
    assert answer.version == reviewed.version
    assert (await town.juanchi.act(ticket, rate)).version == rated.version
    assert "action_refused" not in await town.history(ticket)
    assert (await is_whole(town, ticket)).phase is Phase.DISPUTED


async def test_a_signal_is_not_lost_either(town: Town) -> None:
    ticket = await town.report("lost-signal")
    await town.verify(ticket)
    before = await town.state(ticket)
    sign = Sign(id="s1", actor=ROADS, at=datetime.now(UTC))
    await lost(town, before, machine.decide(before, sign, datetime.now(UTC)))
    stranger = Actor(role=Role.UNIT, unit="bins")
    wrong = Progress(id="p1", actor=stranger, at=datetime.now(UTC), note="ours?")
    await town.juanchi.tell(ticket, wrong)
    await town.reply(ticket)
    assert (await town.history(ticket))[len(VERIFIED) :] == [
        "signed",
        "action_refused",
        "replied",
        "planned",
    ]
    await is_whole(town, ticket)


async def test_the_first_turn(town: Town) -> None:
    """Killed right after the clue was written: the ticket is neither lost nor begun twice."""
    at = datetime.now(UTC) - timedelta(seconds=2)
    clue = Clue(channel="wall", external_id=f"{town.mark}-lost", text=HOLE, reported_at=at)
    newborn, received = machine.begin(clue, at)
    screened = ScreenResult(verdict=ClueVerdict.ACTIONABLE, rule="default", verify=True)
    events = [received, *machine.complete(newborn, screened, at)]
    await lost(town, newborn, events)
    reported = await town.juanchi.report(clue)
    await town.verify(reported.ticket_id)
    assert await town.history(reported.ticket_id) == VERIFIED
    state = await is_whole(town, reported.ticket_id)
    assert state.received_at == at
    entries = await read(town.engine, reported.ticket_id)
    assert isinstance(entries[0].event, Received)


async def test_a_ticket_that_temporal_has_forgotten_is_told_by_the_ledger(town: Town) -> None:
    at = datetime.now(UTC) - timedelta(seconds=2)
    clue = Clue(channel="wall", external_id=f"{town.mark}-old", text=HOLE, reported_at=at)
    newborn, received = machine.begin(clue, at)
    rubbish = ScreenResult(verdict=ClueVerdict.NOISE, rule="noise")
    written = await lost(town, newborn, [received, *machine.complete(newborn, rubbish, at)])
    remembering = Juanchi(town.juanchi.temporal, ledger=LedgerViews(town.engine))
    assert await remembering.ticket(clue.ticket_id) == written
    with pytest.raises(Refused):
        await town.juanchi.ticket(clue.ticket_id)
    # Handed in again it takes over the life it had, and so ends as it ended.
    await town.juanchi.report(clue)
    handle = town.juanchi.temporal.get_workflow_handle(clue.ticket_id)
    assert await handle.result() == "discarded"


async def test_the_ledger_is_sound_after_all_that(town: Town) -> None:
    report = await audit(town.engine)
    assert report.ok, report.problems
