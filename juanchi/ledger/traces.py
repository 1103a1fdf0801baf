"""Remembers clues, and finds those that may be the same matter.

Of two clues that come in at the same instant exactly one must see the other as earlier: one merges,
and they never merge into each other. So traces are numbered in the order in which they are
committed: a number is taken only under a lock that is held until it can be seen by everybody, and a
look comes after it, by a statement of its own. The lock is held for one statement, which the server
carries out by itself: a worker that dies or stalls holds nobody up.

A look costs the same however much is remembered: of each key only the newest traces are read, and
of all those found only the likeliest are judged.
"""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from operator import methodcaller
from typing import Any, Final, NamedTuple

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.policy_terms import SamenessTerms
from juanchi.domain.sameness import Likeness, Standing, Trace, judge
from juanchi.domain.sketches import Sketch
from juanchi.ledger.batching import Batches
from juanchi.ledger.errors import LedgerUnavailable, Unrecordable
from juanchi.ledger.failures import away, bad_data, told
from juanchi.ledger.rows import Row
from juanchi.ledger.trace_sql import COUNTED, LOOK, REMEMBER

MOST: Final = 5
"""How many likenesses are told of, the likeliest first."""

_ISO: Final = methodcaller("isoformat")


class _Asked(NamedTuple):
    trace: Trace
    terms: SamenessTerms


class Traces:
    """What is remembered of clues. One for each process and event loop."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._keeping: Batches[Trace, int] = Batches(partial(keep, self._engine), away)
        self._looking: Batches[_Asked, list[Likeness]] = Batches(self._look, away)

    async def remember(self, trace: Trace) -> int:
        """Remember a clue and return its number.

        A ticket that was remembered before keeps its number; what is remembered of it is brought up
        to date. Everything with a smaller number can be seen by a look that begins after this.
        Raises ``LedgerUnavailable`` when the database is away (ask again), ``Unrecordable`` for
        values that PostgreSQL refuses.
        """
        try:
            return await self._keeping.submit(trace)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise _meaning(error, trace) from error

    async def like(self, trace: Trace, terms: SamenessTerms) -> Sequence[Likeness]:
        """The tickets that may be the same matter, the likeliest first; at most ``MOST``.

        From ``terms.propose_above`` on, of those that were remembered before; of equal ones the
        earlier first. Never one that ended without an answer; a merged one is told of as its
        survivor. A clue that was not remembered finds others, but none that it may be merged into.
        Raises as ``remember`` does.
        """
        try:
            return await self._looking.submit(_Asked(trace, terms))
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise _meaning(error, trace) from error

    async def recall(self, trace: Trace, terms: SamenessTerms) -> Sequence[Likeness]:
        """Remember a clue, then find those like it."""
        await self.remember(trace)
        return await self.like(trace, terms)

    async def _look(self, batch: Sequence[_Asked]) -> list[list[Likeness]]:
        found: list[list[_Found]] = [[] for _ in batch]
        async with self._engine.connect() as connection:
            result = await connection.exec_driver_sql(LOOK, _columns(batch))
            for row in result.mappings():
                found[row["nth"] - 1].append(_found(row))
        return [_judged(asked, those) for asked, those in zip(batch, found, strict=True)]


async def keep(engine: AsyncEngine, traces: Sequence[Trace]) -> list[int]:
    """Remember clues in one statement, as ``Traces.remember`` does; returns their numbers.

    They grow in the order of the clues; of several of one ticket the last one stands.
    """
    latest = {trace.ticket_id: trace for trace in traces}
    rows = [trace_row(trace) for trace in latest.values()]
    data = json.dumps(rows, ensure_ascii=False, default=_ISO)
    autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
    async with autocommit.connect() as connection:
        result = await connection.exec_driver_sql(REMEMBER, (data,))
        numbers = {row.ticket_id: int(row.number) for row in result}
    return [numbers[trace.ticket_id] for trace in traces]


def trace_row(trace: Trace) -> Row:
    """A trace as its table holds it, but for its number."""
    words = trace.words
    return {
        "ticket_id": trace.ticket_id,
        "received_at": trace.received_at,
        "smallest": words.smallest,
        "runs": words.runs,
        "head": words.head,
        "marks": words.marks,
        "path": trace.path,
        "spot": trace.spot,
        "lon": trace.lon,
        "lat": trace.lat,
        "item": trace.item,
        "keys": sorted({*words.keys, *trace.place_keys}),
    }


_Rank = tuple[bool, bool, float, int]


class _Found(NamedTuple):
    """A trace that was found, and the ticket that speaks for it now with its own number.

    ``earlier``: that ticket was remembered before the clue that asks.
    """

    trace: Trace
    speaks: str
    number: int
    earlier: bool


def _columns(batch: Sequence[_Asked]) -> tuple[list[Any], ...]:
    """What is asked, column by column; hashes as text, since rows of unnest hold no arrays."""
    return (
        [one.trace.ticket_id for one in batch],
        [" ".join(map(str, one.trace.words.keys)) for one in batch],
        [" ".join(map(str, one.trace.place_keys)) for one in batch],
        [" ".join(map(str, one.trace.words.smallest[:COUNTED])) for one in batch],
        [one.trace.received_at - one.terms.reach for one in batch],
    )


def _found(row: Mapping[Any, Any]) -> _Found:
    # Straight from our own table: checking the sketches again would cost more than judging.
    words = Sketch.model_construct(
        smallest=row["smallest"], runs=row["runs"], head=row["head"], marks=row["marks"], keys=()
    )
    path = tuple(row["path"])
    if row["known"] and row["region"] != (path[0] if path else None):
        path = tuple(code for code in (row["region"], row["district"]) if code)
    trace = Trace.model_construct(
        ticket_id=row["ticket_id"],
        words=words,
        received_at=row["received_at"],
        path=path,
        spot=row["spot"],
        lon=row["lon"],
        lat=row["lat"],
        item=row["item"],
        standing=_standing(row["end_kind"]),
        closed_at=row["closed_at"],
    )
    speaks, number = row["ticket_id"], row["number"]
    if row["survivor"] is not None:
        # Its words are compared, but in the survivor's time: that is what would be merged into.
        speaks, number = row["survivor"], row["survivor_number"]
        now = {"standing": _standing(row["survivor_end"]), "closed_at": row["survivor_closed_at"]}
        trace = trace.model_copy(update=now)
    earlier = None not in (number, row["mine"]) and number < row["mine"]
    return _Found(trace, speaks, number or 0, earlier)


def _standing(end_kind: str | None) -> Standing:
    if end_kind is None:
        return Standing.OPEN
    return Standing.CLOSED if end_kind == "closed" else Standing.GONE


def _judged(asked: _Asked, found: Sequence[_Found]) -> list[Likeness]:
    """The likenesses worth telling, one of each ticket: the likeliest of those it speaks for."""
    best: dict[str, tuple[_Rank, Likeness]] = {}
    for one in found:
        if one.speaks == asked.trace.ticket_id:
            continue
        likeness = judge(asked.trace, one.trace, asked.terms)
        if likeness.score < asked.terms.propose_above:
            continue
        able = one.earlier and one.trace.standing is Standing.OPEN
        via = one.trace.ticket_id if one.trace.ticket_id != one.speaks else None
        rank = (likeness.sure and able, likeness.sure, likeness.score, -one.number)
        if one.speaks not in best or rank > best[one.speaks][0]:
            now = {"ticket_id": one.speaks, "via": via, "mergeable": able}
            best[one.speaks] = rank, likeness.model_copy(update=now)
    ranked = sorted(best.values(), key=lambda pair: pair[0], reverse=True)
    return [likeness for _, likeness in ranked[:MOST]]


def _meaning(error: Exception, trace: Trace) -> Exception:
    if bad_data(error):
        return Unrecordable(f"{trace.ticket_id}: {told(error)}")
    return LedgerUnavailable(told(error))
