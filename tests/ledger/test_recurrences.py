"""The same place and item again: what counts as the same place, and how long after the closing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.overlays import Strength
from juanchi.domain.place import Place
from juanchi.domain.policy_terms import Terms
from juanchi.domain.ticket import Ticket
from juanchi.domain.wording import letters
from juanchi.ledger.errors import LedgerUnavailable
from juanchi.ledger.recurrences import MOST, recurrences
from juanchi.ledger.tables import TicketRow
from juanchi.ledger.writer import LedgerWriter
from juanchi.runtime.database import make_engine
from juanchi.runtime.embedded import Embedded
from tests.ledger.conftest import force
from tests.ledger.peek import rows
from tests.walk import HANDLED, Walked, walk

TERMS = Terms()
STREET = Place(region="street-1")


def at(address: str = "", lon: float | None = None, lat: float | None = None) -> Place:
    return Place(region="street-1", address=address, lon=lon, lat=lat)


async def closed(
    writer: LedgerWriter, place: Place = STREET, path: Sequence[str] = HANDLED, name: str = "old"
) -> Walked:
    """A ticket that was closed at a place."""
    life = walk(path, external_id=name)
    there = life.ticket.having(place=place)
    await writer.record(life.whole.model_copy(update={"ticket": there}))
    return life


def again(old: Walked, after: timedelta, place: Place | None = STREET, **more: Any) -> Ticket:
    """A ticket that came in some time after the other was closed."""
    assert old.ticket.ending is not None
    ticket = walk("unsigned", external_id="new").ticket
    received = old.ticket.ending.at + after
    return ticket.having(place=place, received_at=received, **more)


async def found(engine: AsyncEngine, ticket: Ticket, **more: Any) -> list[str]:
    seen = await recurrences(engine, ticket, TERMS, **{"street": True, **more})
    return [f"{one.strength} {one.ticket_id.rpartition('/')[2]}" for one in seen]


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (timedelta(), ["strong old"]),
        (timedelta(hours=72), ["strong old"]),
        (timedelta(hours=72, seconds=1), ["weak old"]),
        (timedelta(days=30), ["weak old"]),
        (timedelta(days=30, seconds=1), []),
        (timedelta(seconds=-1), []),
    ],
)
async def test_how_long_after_the_closing(
    engine: AsyncEngine, writer: LedgerWriter, after: timedelta, told: list[str]
) -> None:
    old = await closed(writer)
    assert await found(engine, again(old, after)) == told


async def test_the_policy_says_how_long(engine: AsyncEngine, writer: LedgerWriter) -> None:
    old = await closed(writer)
    short = Terms(strong_hours=1, weak_days=2)
    (seen,) = await recurrences(engine, again(old, timedelta(days=2)), short, street=True)
    assert (seen.strength, seen.closed_at) == (Strength.WEAK, old.ticket.ending.at)  # type: ignore[union-attr]
    assert not await recurrences(engine, again(old, timedelta(days=3)), short, street=True)


HERE, NEAR, FAR = (114.05, 22.54), (114.0509, 22.5401), (114.0511, 22.54)
"""Some place, one 93 m from it, one 113 m from it."""


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        (at(), at(), True),
        (at(lon=HERE[0], lat=HERE[1]), at(lon=NEAR[0], lat=NEAR[1]), True),
        (at(lon=HERE[0], lat=HERE[1]), at(lon=FAR[0], lat=FAR[1]), False),
        (at("A 1", *HERE), at("B 2", *NEAR), True),
        (at("A 1", *HERE), at("A 1", *FAR), False),
        (at("海谷科技大厦 旁"), at("海谷科技大厦，旁"), True),
        (at("Mill Rd. 5"), at("ＭＩＬＬ　ＲＤ　５"), True),
        (at("Mill Rd. 5"), at("Mill Rd. 15"), False),
        (at("Mill Rd. 5", *HERE), at("Mill Rd 5"), True),
        (at("Mill Rd. 5"), at(), False),
        (at(), at("Mill Rd. 5"), False),
        (at(lon=HERE[0], lat=HERE[1]), at(), False),
        (at(), at(lon=HERE[0], lat=HERE[1]), False),
        (at("。。"), at("!"), True),
        (at(lon=HERE[0]), at(lat=HERE[1]), False),
        (Place(region="street-2"), at(), False),
    ],
)
async def test_what_is_the_same_place(
    engine: AsyncEngine, writer: LedgerWriter, old: Place, new: Place, same: bool
) -> None:
    life = await closed(writer, old)
    assert bool(await found(engine, again(life, timedelta(hours=1), new))) is same


async def test_a_region_alone_counts_only_when_it_is_a_street(
    engine: AsyncEngine, writer: LedgerWriter
) -> None:
    old = await closed(writer)
    new = again(old, timedelta(hours=1))
    assert await found(engine, new, street=False) == []
    exact = await closed(writer, at("Mill Rd. 5"), name="exact")
    address = again(exact, timedelta(hours=1), at("Mill Rd. 5"))
    assert await found(engine, address, street=False) == ["strong exact"]


async def test_a_community_and_its_street_are_told_of_the_same_place(
    engine: AsyncEngine, writer: LedgerWriter
) -> None:
    street = await closed(writer, at("Mill Rd. 5"))
    inside = at("Mill Rd. 5").model_copy(update={"region": "community-1"})
    new = again(street, timedelta(hours=1), inside)
    assert await found(engine, new) == []
    assert await found(engine, new, like=("community-1", "street-1")) == ["strong old"]
    bare = again(street, timedelta(hours=1), Place(region="community-1"))
    await closed(writer, name="bare")
    assert await found(engine, bare, like=("community-1", "street-1")) == []
    await closed(writer, Place(region="community-1"), name="inside")
    assert await found(engine, bare, like=("community-1", "street-1")) == ["strong inside"]


async def test_only_what_was_closed_and_is(engine: AsyncEngine, writer: LedgerWriter) -> None:
    old = await closed(writer)
    for path in (("verify", "sign"), ("verify", "withdraw"), (*HANDLED, "reopen")):
        await closed(writer, path=path, name=path[-1])
    new = again(old, timedelta(hours=1))
    assert await found(engine, new) == ["strong old"]
    assert await found(engine, new.having(id=old.ticket.id)) == []
    assert await found(engine, new.having(item="lamp")) == []
    archived = await closed(writer, path=(*HANDLED, "wait"), name="archived")
    assert sorted(await found(engine, again(archived, timedelta(hours=1)))) == [
        "strong archived",
        "strong old",
    ]


@pytest.fixture
async def away(servers: Embedded) -> AsyncIterator[AsyncEngine]:
    """A ledger that does not answer."""
    base, _, _ = servers.database_url.rpartition("/")
    engine = make_engine(f"{base}/no_such_database")
    yield engine
    await engine.dispose()


async def test_nothing_is_asked_without_item_or_place(away: AsyncEngine) -> None:
    ticket = walk("unsigned").ticket
    for unknown in (
        ticket.having(item=None),
        ticket.having(place=None),
        ticket.having(place=Place(address="somewhere")),
    ):
        assert await recurrences(away, unknown, TERMS, street=True) == ()
    with pytest.raises(LedgerUnavailable):
        await recurrences(away, ticket, TERMS, street=True)


async def test_only_the_last_few_are_told(engine: AsyncEngine, writer: LedgerWriter) -> None:
    old = await closed(writer)
    columns = ", ".join(k for k in TicketRow.__table__.columns.keys() if k not in NEW)  # noqa: SIM118
    await force(
        engine,
        f"INSERT INTO tickets (id, number, closed_at, {columns}) "  # noqa: S608
        f"SELECT 'ticket/video/n' || n, 'N' || n, closed_at - n * interval '1 hour', {columns} "
        "FROM tickets, generate_series(1, 50) n",
    )
    assert len(await rows(engine, TicketRow)) == 51
    told = await found(engine, again(old, timedelta(hours=1)))
    assert told == ["strong old", *(f"strong n{n}" for n in range(1, MOST))]


NEW = ("id", "number", "closed_at")


async def test_many_ask_at_once_in_few_round_trips(
    engine: AsyncEngine, writer: LedgerWriter
) -> None:
    """Each gets its own answer, also two that ask about the same ticket in different words."""
    old = await closed(writer)
    asked: list[str] = []

    def note(*args: Any) -> None:
        asked.append(args[2])

    tickets = [
        again(old, timedelta(hours=n), STREET, id=f"ticket/video/{n // 2}") for n in range(100)
    ]
    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        told = await asyncio.gather(*(found(engine, ticket) for ticket in tickets))
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)
    assert told == [["strong old" if n <= 72 else "weak old"] for n in range(100)]
    assert len(asked) <= 3


def test_spots() -> None:
    assert letters("  石岩街道，海谷科技大厦（Ａ座）5-1 ") == "石岩街道海谷科技大厦a座51"
    assert letters("") == letters(" ,.") == ""
