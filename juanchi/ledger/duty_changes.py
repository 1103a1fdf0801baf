"""Changes of the lists in the ledger: filed under a number, lived turn by turn, entered once.

A turn is one transaction: it locks the change, sees all of its journal, and writes what happens
with the row and, when the change comes into force, with the batch of the lists. So a turn that is
run again after a crash finds all of its work there, or none.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import func, insert, literal, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from juanchi.domain.duty_change.ball import duty_tasks
from juanchi.domain.duty_change.change import OVER, DutyChange, Proposal
from juanchi.domain.duty_change.desk import entering
from juanchi.domain.duty_change.entering import Entered
from juanchi.domain.duty_change.events import DutyEntry
from juanchi.domain.duty_change.fit import DoesNotFit
from juanchi.domain.duty_change.gaps import Filed
from juanchi.domain.duty_change.line import DutyChangeLine
from juanchi.domain.lines import ProposalLine
from juanchi.ledger.city import change_within
from juanchi.ledger.duty_tables import SERIAL, DutyChangeRow, DutyJournalRow, FilingRow
from juanchi.ledger.errors import JournalDamaged, NoDutyChange
from juanchi.ledger.rows import Row
from juanchi.ledger.supervision_tables import ProposalRow

_ENTRIES: Final = TypeAdapter(list[DutyEntry])
_LOCK: Final = 0x4A5543_03  # one filing at a time
MOST_AT_ONCE = 100


async def file(engine: AsyncEngine, key: str, proposal: Proposal) -> Filed:
    """Give a proposal its number; the same key has the same number, and the first proposal."""
    async with engine.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        known = select(FilingRow.number, FilingRow.proposal).where(FilingRow.key == key)
        if found := (await connection.execute(known)).one_or_none():
            stands = Proposal.model_validate(found.proposal)
            return Filed(key=key, number=found.number, proposal=stands)
        number = f"DC-{await connection.scalar(select(SERIAL.next_value()))}"
        body = proposal.model_dump(mode="json")
        await connection.execute(
            insert(FilingRow).values(key=key, number=number, proposal=body, at=func.now())
        )
    return Filed(key=key, number=number, proposal=proposal)


async def unfiled(engine: AsyncEngine, limit: int = MOST_AT_ONCE) -> list[ProposalLine]:
    """Proposals of rulings that have no number yet, the oldest first."""
    key = func.right(literal("ruling/") + ProposalRow.ticket_id + "/" + ProposalRow.ruling, 200)
    query = (
        select(*ProposalRow.__table__.columns)
        .where(~select(FilingRow.key).where(FilingRow.key == key).exists())
        .order_by(ProposalRow.at, ProposalRow.ticket_id)
        .limit(limit)
    )
    async with engine.connect() as connection:
        rows = (await connection.execute(query)).mappings()
        return [ProposalLine.model_validate(dict(row)) for row in rows]


async def gap(engine: AsyncEngine, ruling: str) -> ProposalLine | None:
    """What a ruling that found a gap proposes; None if there is no such ruling."""
    if "\0" in ruling:
        return None
    query = select(*ProposalRow.__table__.columns).where(ProposalRow.ruling == ruling).limit(1)
    async with engine.connect() as connection:
        row = (await connection.execute(query)).mappings().one_or_none()
    return ProposalLine.model_validate(dict(row)) if row else None


async def unbegun(engine: AsyncEngine, limit: int = MOST_AT_ONCE) -> list[Filed]:
    """What is filed but has no journal yet, the oldest first."""
    begun = select(DutyJournalRow.number).where(DutyJournalRow.number == FilingRow.number)
    query = select(*FilingRow.__table__.columns).where(~begun.exists())
    async with engine.connect() as connection:
        rows = (await connection.execute(query.order_by(FilingRow.at).limit(limit))).all()
    return [
        Filed(key=row.key, number=row.number, proposal=Proposal.model_validate(row.proposal))
        for row in rows
    ]


class DutyBook:
    """A change's journal, opened for one turn and locked until the turn is over."""

    def __init__(
        self, connection: AsyncConnection, number: str, entries: Sequence[DutyEntry]
    ) -> None:
        self._connection = connection
        self._number = number
        self.entries = entries
        """What is written already."""

    async def enter(self, change: DutyChange) -> Entered:
        """Load the change into the lists in force as one batch, in this very transaction."""
        if change.in_force_on is None:
            raise ValueError(f"{change.number} has no date in force")
        change_of_lists = partial(entering, rows=change.rows, on=change.in_force_on)
        try:
            loaded = await change_within(self._connection, change_of_lists, by=change.id)
        except DoesNotFit as unfit:
            return Entered(misfits=unfit.misfits)
        return Entered(batch=loaded.batch, lists_version=loaded.version)

    async def write(self, change: DutyChange, entries: Sequence[DutyEntry]) -> None:
        """Add entries to the journal, and put the change's row as it stands after them."""
        if not entries:
            return
        rows = [journal_row(self._number, entry) for entry in entries]
        await self._connection.execute(insert(DutyJournalRow), rows)
        proposed_at = (self.entries or entries)[0].event.at
        row = change_row(change, proposed_at, entries[-1].event.at)
        stands = upsert(DutyChangeRow).values(**row)
        await self._connection.execute(
            stands.on_conflict_do_update(index_elements=["number"], set_=row)
        )


@asynccontextmanager
async def opened(engine: AsyncEngine, number: str) -> AsyncIterator[DutyBook]:
    """The journal of a change, for one turn. Raises ``NoDutyChange``, ``JournalDamaged``."""
    async with engine.begin() as connection:
        # Not the journal's own rows: at the first turn there are none to be locked.
        filed = select(FilingRow.key).where(FilingRow.number == number).with_for_update()
        if (await connection.execute(filed)).one_or_none() is None:
            raise NoDutyChange(number)
        yield DutyBook(connection, number, await _entries(connection, number))


async def read(engine: AsyncEngine, number: str) -> list[DutyEntry]:
    """All that has happened to a change; nothing if there is none, or it has not begun."""
    async with engine.connect() as connection:
        return await _entries(connection, number)


async def _entries(connection: AsyncConnection, number: str) -> list[DutyEntry]:
    if "\0" in number:
        return []
    query = (
        select(DutyJournalRow.seq, DutyJournalRow.event)
        .where(DutyJournalRow.number == number)
        .order_by(DutyJournalRow.seq)
    )
    rows = (await connection.execute(query)).mappings()
    return parsed(number, [dict(row) for row in rows])


def parsed(number: str, rows: list[dict[str, Any]]) -> list[DutyEntry]:
    """Journal rows as entries. Raises ``JournalDamaged`` when one cannot be read."""
    try:
        return _ENTRIES.validate_python(rows)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        problem = f"unreadable entry {where}: {first['msg']}"
        raise JournalDamaged(f"duty-change/{number}", problem) from None


def journal_row(number: str, entry: DutyEntry) -> Row:
    """An entry as a row of the journal."""
    event = entry.event
    return {
        "number": number,
        "seq": entry.seq,
        "at": event.at,
        "kind": event.kind,
        "by_role": event.by.role.value,
        "by_unit": event.by.unit,
        "cause": event.cause,
        "event": event.model_dump(mode="json"),
    }


def change_row(change: DutyChange, proposed_at: datetime, updated_at: datetime) -> Row:
    """How a change stands, as the row of ``duty_changes``."""
    tasks = duty_tasks(change)
    return {
        "number": change.number,
        "version": change.version,
        "phase": change.phase.value,
        "origin": change.proposal.origin.value,
        "ruling": change.proposal.ruling,
        "ticket_id": change.proposal.ticket_id,
        "reason": change.proposal.reason,
        "rows": [row.model_dump(mode="json") for row in change.rows],
        "tasks": [task.model_dump(mode="json") for task in tasks],
        "holders": sorted({task.holder for task in tasks}),
        "proposed_at": proposed_at,
        "since": change.since,
        "in_force_on": change.in_force_on,
        "batch": change.batch,
        "updated_at": updated_at,
    }


async def changes(
    engine: AsyncEngine,
    *,
    holder: str | None = None,
    open: bool | None = None,  # noqa: A002 - the field's word
    limit: int = 100,
) -> list[DutyChangeLine]:
    """Changes, the newest first; of one holder those in which it owes something."""
    query = select(*DutyChangeRow.__table__.columns)
    if holder is not None:
        if "\0" in holder:
            return []
        query = query.where(DutyChangeRow.holders.contains([holder]))
    if open is not None:
        over = DutyChangeRow.phase.in_([phase.value for phase in OVER])
        query = query.where(~over if open else over)
    query = query.order_by(DutyChangeRow.proposed_at.desc(), DutyChangeRow.number).limit(limit)
    async with engine.connect() as connection:
        return [_line(row) for row in (await connection.execute(query)).mappings()]


def _line(row: Any) -> DutyChangeLine:
    return DutyChangeLine.model_validate({n: v for n, v in row.items() if n != "holders"})
