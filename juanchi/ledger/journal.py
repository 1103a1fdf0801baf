"""Reading the journal, and folding it into the ticket that it tells of."""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Final, NamedTuple

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from juanchi.domain import machine
from juanchi.domain.clue import Received
from juanchi.domain.events import Entry
from juanchi.domain.ticket import Ticket
from juanchi.ledger.errors import JournalDamaged

CHUNK = 500
"""How many tickets are read from the server at a time."""

_ENTRIES: Final = TypeAdapter(list[Entry])

# One row for each ticket, its entries as one JSON text: parsed in one go, without an object per
# event in between.
_LIVES: Final = """
SELECT ticket_id,
    json_agg(json_build_object('seq', seq, 'event', event) ORDER BY seq)::text AS entries
FROM journal {where} GROUP BY ticket_id ORDER BY ticket_id
"""
_ALL: Final = text(_LIVES.format(where=""))
_SOME: Final = text(_LIVES.format(where="WHERE ticket_id = ANY(:ids)"))


class Life(NamedTuple):
    """A ticket's journal as it lies in the table, not yet parsed."""

    ticket_id: str
    json: str

    def entries(self) -> list[Entry]:
        """The entries in order. Raises ``JournalDamaged`` when one cannot be read."""
        try:
            return _ENTRIES.validate_json(self.json)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise JournalDamaged(
                self.ticket_id, f"unreadable entry {where}: {first['msg']}"
            ) from None


async def read(engine: AsyncEngine, ticket_id: str) -> list[Entry]:
    """A ticket's entries in order; none if there is no such ticket."""
    async with engine.connect() as connection:
        for life in await some(connection, [ticket_id]):
            return life.entries()
    return []


async def some(connection: AsyncConnection, ticket_ids: Sequence[str]) -> list[Life]:
    """The journals of these tickets, in the order of their ids; missing ones are left out."""
    rows = await connection.execute(_SOME, {"ids": [id_ for id_ in ticket_ids if "\0" not in id_]})
    return [Life(*row) for row in rows]


async def stream(connection: AsyncConnection, chunk: int = CHUNK) -> AsyncIterator[list[Life]]:
    """All journals in the order of their ids, ``chunk`` tickets at a time, by a server's cursor."""
    async with connection.stream(_ALL, execution_options={"yield_per": chunk}) as result:
        async for rows in result.partitions(chunk):
            yield [Life(*row) for row in rows]


def beginning(entries: Sequence[Entry], ticket_id: str = "") -> Ticket:
    """The ticket before its first event. Raises ``JournalDamaged`` if that is not its receipt."""
    if not entries or not isinstance(entries[0].event, Received):
        raise JournalDamaged(ticket_id, "the journal does not begin with the clue's receipt")
    received = entries[0].event
    ticket, _ = machine.begin(received.clue, received.at, received.by)
    if received.ticket_id != ticket.id or ticket_id not in ("", ticket.id):
        raise JournalDamaged(ticket_id, f"the clue's own ticket is {ticket.id}")
    return ticket


def fold_journal(entries: Iterable[Entry]) -> Ticket:
    """The ticket after its whole journal. Raises ``JournalDamaged`` when it does not fold.

    Contact data is not in the journal, so the ticket has none.
    """
    entries = list(entries)
    ticket = beginning(entries)
    for expected, entry in enumerate(entries, start=1):
        if entry.seq != expected:
            raise JournalDamaged(ticket.id, f"entry {expected} is missing")
        ticket = step(ticket, entry)
    return ticket


def step(ticket: Ticket, entry: Entry) -> Ticket:
    """The ticket after one more entry. Raises ``JournalDamaged`` when that cannot have happened."""
    try:
        return machine.evolve(ticket, entry.event)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        problem = f"entry {entry.seq} ({entry.event.kind}) does not fold: {error!r}"
        raise JournalDamaged(ticket.id, problem) from error
