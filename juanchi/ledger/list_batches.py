"""Batches of lists: put in force whole or not at all, and never under the feet of open tickets."""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.list_changes import RowChange, carried, compare, with_lists_of
from juanchi.domain.lists import Pack
from juanchi.ledger.batches import city_in, last_pack
from juanchi.ledger.city import BatchKind, City, Loaded, load, lock, newest
from juanchi.ledger.errors import ListsRefused
from juanchi.ledger.orphans import NAMED, Orphans, open_dispatched, orphans_of, would_orphan


class Proposed(NamedTuple):
    """A batch as it would be, or is: before and after, and what it means for open tickets.

    ``loaded`` is None on a dry run. ``dispatched`` open tickets keep the version they have.
    """

    before: City
    after: Pack
    orphans: Orphans
    dispatched: int
    loaded: Loaded | None


async def change_lists(
    engine: AsyncEngine,
    change: Callable[[Pack], Pack],
    by: str,
    note: str = "",
    *,
    kind: BatchKind = BatchKind.LISTS,
    allow_orphans: bool = False,
    dry_run: bool = False,
) -> Proposed:
    """Put a change of the lists in force as one batch; on a ``dry_run`` only say what it would do.

    Raises what ``change`` raises, ``NoCity``, and ``ListsRefused``: would_orphan (not on a dry
    run, which tells of them). Nothing has changed then.
    """
    async with engine.begin() as connection:
        await lock(connection)
        before = await newest(connection)
        after = change(before.pack)
        orphans = await orphans_of(connection, before.pack, after)
        dispatched = await open_dispatched(connection)
        loaded = None
        if not dry_run:
            if orphans.tickets and not allow_orphans:
                raise would_orphan(orphans)
            loaded = await load(connection, after, by, kind, note)
    return Proposed(before, after, orphans, dispatched, loaded)


async def roll_back(
    engine: AsyncEngine,
    batch: int,
    by: str,
    note: str = "",
    *,
    allow_orphans: bool = False,
    dry_run: bool = False,
) -> Proposed:
    """A new batch whose units, items, duties and implementation lists are those of an older one.

    Regions, channels, calendars and policies stay. Raises as ``change_lists`` does, and
    ``ListsRefused``: no_batch, other_city.
    """
    async with engine.connect() as connection:
        old = (await city_in(connection, batch)).pack

    def back(pack: Pack) -> Pack:
        if old.code != pack.code:
            raise ListsRefused("other_city", batch=batch, theirs=old.code, ours=pack.code)
        return with_lists_of(pack, old)

    return await change_lists(
        engine,
        back,
        by,
        note,
        kind=BatchKind.ROLLBACK,
        allow_orphans=allow_orphans,
        dry_run=dry_run,
    )


class Drops(StrEnum):
    """What loading a whole pack does with rows that came otherwise since the last one."""

    REFUSE = "refuse"
    KEEP = "keep"
    REPLACE = "replace"


class PackLoad(NamedTuple):
    """A whole pack as it is, or would be, put in force. ``own``: rows that came since the last
    pack by imports, batches of lists or published calendars and policies, and that the new pack
    has not; ``loaded`` is None on a dry run.
    """

    before: City | None
    after: Pack
    own: tuple[RowChange, ...]
    loaded: Loaded | None


async def load_whole_pack(
    engine: AsyncEngine,
    pack: Pack,
    by: str,
    drops: Drops = Drops.REFUSE,
    *,
    dry_run: bool = False,
) -> PackLoad:
    """Load a whole city, minding what the ledger has of its own.

    Raises ``ListsRefused``: would_drop, when there is any and ``drops`` does not say what to do
    with it (not on a dry run).
    """
    async with engine.begin() as connection:
        await lock(connection)
        base = await last_pack(connection)
        before = await newest(connection) if base else None
        after, own = pack, list[RowChange]()
        if base and before and before.pack.code != pack.code:
            own = compare(base.pack, before.pack)
        elif base and before:
            kept = carried(base.pack, before.pack, pack)
            own = compare(pack, kept)
            after = kept if drops is Drops.KEEP else pack
        loaded = None
        if not dry_run:
            if own and drops is Drops.REFUSE:
                raise ListsRefused("would_drop", n=len(own), rows=_some(own))
            loaded = await load(connection, after, by, BatchKind.PACK)
    return PackLoad(before, after, tuple(own), loaded)


def _some(changes: list[RowChange]) -> str:
    named = ", ".join(f"{one.listing} {one.key}" for one in changes[:NAMED])
    return f"{named}, …" if len(changes) > NAMED else named
