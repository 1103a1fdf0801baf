"""Tickets as they stand in the ledger's lists, made without a ledger."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from juanchi.demo.narrator import Narrator
from juanchi.demo.sample import Sample, SampleClue
from juanchi.demo.stories import Story
from juanchi.demo.watch import News
from juanchi.domain import machine
from juanchi.domain.events import Entry, entry
from juanchi.domain.lines import TicketLine
from juanchi.domain.messages import Event
from juanchi.domain.ticket import Ticket
from juanchi.ledger.rows import ticket_row
from juanchi.words.naming import Names
from juanchi.words.telling import Teller

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)


def a_clue(external_id: str, script: str, **more: object) -> SampleClue:
    """A clue of a sample."""
    clue = {"channel": "app", "external_id": external_id, "text": "路灯坏了", "at_offset_s": 0}
    return SampleClue.model_validate({**clue, "script": script, **more})


def lived(clue: SampleClue, events: Iterable[Event]) -> tuple[TicketLine, list[Entry]]:
    """A ticket's line and journal after its receipt and these events."""
    ticket, received = machine.begin(clue.clue(NOON), NOON)
    journal: list[Entry] = []
    for event in (received, *events):
        ticket = machine.evolve(ticket, event)
        journal.append(entry(ticket, event))
    return line_of(ticket), journal


def line_of(ticket: Ticket) -> TicketLine:
    """A ticket's line."""
    return TicketLine.model_validate(ticket_row(ticket, NOON))


def at(seconds: float) -> datetime:
    """A moment after noon."""
    return NOON + timedelta(seconds=seconds)


def narrator(lang: str, stories: Sequence[Story] = ()) -> Narrator:
    """A narrator who knows no city's names."""
    return Narrator(Teller(Names(None, lang), UTC), stories, NOON)


def news(sample: Sample, journals: dict[str, tuple[TicketLine, list[Entry]]]) -> list[News]:
    """All that happened, as a watch would tell it."""
    told = [
        News(line, one.seq, one.event)
        for clue in sample.clues
        for line, journal in [journals[clue.ticket_id]]
        for one in journal
    ]
    return sorted(told, key=lambda item: item.event.at)
