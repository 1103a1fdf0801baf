"""A journal walked through: every entry, with the ticket before and after it."""

from collections.abc import Sequence
from typing import NamedTuple

from juanchi.domain import machine
from juanchi.domain.events import AnyEvent, Entry
from juanchi.domain.ticket import Ticket
from juanchi.ledger.journal import beginning


class Step(NamedTuple):
    """One entry of a journal, and what it did."""

    seq: int
    event: AnyEvent
    before: Ticket
    after: Ticket


def walk(ticket_id: str, entries: Sequence[Entry]) -> list[Step]:
    """The steps of a life, from its first entry."""
    ticket = beginning(entries, ticket_id)
    steps: list[Step] = []
    for entry in entries:
        before, ticket = ticket, machine.evolve(ticket, entry.event)
        steps.append(Step(entry.seq, entry.event, before, ticket))
    return steps
