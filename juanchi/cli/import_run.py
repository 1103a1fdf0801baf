"""The import itself: scanned, missing units and items added, then row by row, a few at a time."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.cli.import_progress import Counts, Ended, Keeper, Place, State
from juanchi.cli.patience import patiently
from juanchi.client import Juanchi
from juanchi.demo.replay import Replay
from juanchi.domain.lists import Pack
from juanchi.domain.refusal import Refused
from juanchi.intake.files import Problem, Row, Source
from juanchi.intake.mapper import Mapped, Mapper, Unmappable
from juanchi.intake.mapping import ClueMapping, check_mapping, read_mapping
from juanchi.intake.scanning import Scan, scan
from juanchi.ledger import views
from juanchi.ledger.city import FRESH_FOR, Loaded, add_units_and_items, current_pack
from juanchi.words import tell

SAVE_EVERY_S = 1.0
MOST_WAITING = 4000
"""Replayed tickets that wait for their due time; each holds a row in memory."""


@dataclass(frozen=True)
class Options:
    """What to import and how. ``rate`` is in tickets per second; ``limit`` counts the file's rows
    from its beginning.
    """

    file: Path
    mapping: Path
    replay: bool = False
    limit: int | None = None
    rate: float | None = None
    concurrency: int = 48
    rejects: Path | None = None
    restart: bool = False
    lang: str = "en"


@dataclass
class Prepared:
    """An import that is ready to run."""

    options: Options
    source: Source
    mapping: ClueMapping
    pack: Pack
    scan: Scan
    keeper: Keeper
    added: Loaded | None

    @property
    def total(self) -> int:
        """How many rows there are to go through, those already done included."""
        return min(self.scan.rows, self.options.limit or self.scan.rows)


def digest(options: Options) -> str:
    """The name of an import: the same file under the same mapping is the same import."""
    found = hashlib.sha256()
    with options.file.open("rb") as file:
        while chunk := file.read(1 << 20):
            found.update(chunk)
    found.update(options.mapping.read_bytes())
    found.update(b"replay" if options.replay else b"")
    return found.hexdigest()[:24]


async def prepare(options: Options, engine: AsyncEngine, home: Path) -> Prepared:
    """Read the mapping, scan the file, and add to the city's lists what it may add.

    The whole file is scanned whatever the limit, so that one batch holds all that it needs.
    Raises ``MappingFaults``, ``FileTrouble`` or ``NoCity``.
    """
    mapping = read_mapping(options.mapping)
    source = Source(options.file, mapping.file.format, mapping.file.delimiter)
    pack, _ = await current_pack(engine)
    check_mapping(options.mapping, mapping, pack, source.columns)
    scanned = await asyncio.to_thread(scan, source, Mapper(mapping, pack))
    added = None
    if scanned.units or scanned.items:
        by = f"import {options.file.name}"
        added = await add_units_and_items(engine, scanned.units, scanned.items, by)
        pack, _ = await current_pack(engine)
        # Workers trust the lists they have for a moment.
        await asyncio.sleep(FRESH_FOR + 0.5)
    name = digest(options)
    path = home / "imports" / f"{name}.json"
    if options.restart:
        path.unlink(missing_ok=True)
    rejects = options.rejects or home / "imports" / f"{options.file.stem}-{name[:8]}.rejects.csv"
    fresh = State(file=str(options.file), mapping=str(options.mapping), rejects=rejects)
    keeper = Keeper.resumed(path, fresh, source.shown_columns, options.lang)
    return Prepared(options, source, mapping, pack, scanned, keeper, added)


class Import:
    """Runs a prepared import. What it changes is safe to do twice."""

    def __init__(self, prepared: Prepared, juanchi: Juanchi, engine: AsyncEngine) -> None:
        self._prepared = prepared
        self._juanchi = juanchi
        self._mapper = Mapper(prepared.mapping, prepared.pack)
        self._keeper = prepared.keeper
        self._slots = asyncio.Semaphore(prepared.options.concurrency)
        self._waiting = asyncio.Semaphore(MOST_WAITING)
        self._replay: Replay | None = None
        if prepared.options.replay:
            self._replay = Replay(
                juanchi, prepared.pack, lambda id_: views.ticket_row(engine, id_), self._slots
            )

    async def run(self, moved: Callable[[Counts], None]) -> State:
        """Import what is left. ``moved`` is called about every second with the counts so far.

        However it ends, what was done is written down; a later run goes on from there.
        """
        state = self._keeper.state
        async with self._saving(moved):
            try:
                await self._all_rows()
            except ExceptionGroup as several:
                # One is as good as all: what stops one row (a server away for long) stops many.
                raise several.exceptions[0] from None
        state.finished = self._prepared.total == self._prepared.scan.rows
        self._keeper.save()
        moved(state.counts)
        return state

    async def _all_rows(self) -> None:
        pace = _Pace(self._prepared.options.rate)
        async with asyncio.TaskGroup() as group:
            for row in self._rows_left():
                place = self._keeper.begin(row.line)
                if isinstance(mapped := self._map(row), Problem):
                    self._reject(place, mapped, row)
                    continue
                await pace.wait()
                await self._waiting.acquire()
                await self._slots.acquire()
                group.create_task(self._row(place, mapped, row))

    @asynccontextmanager
    async def _saving(self, moved: Callable[[Counts], None]) -> AsyncIterator[None]:
        state = self._keeper.state
        before, began = state.seconds, time.monotonic()

        def save() -> None:
            state.seconds = before + time.monotonic() - began
            self._keeper.save()
            moved(state.counts)

        async def regularly() -> None:
            while True:
                await asyncio.sleep(SAVE_EVERY_S)
                save()

        saver = asyncio.create_task(regularly())
        try:
            yield
        finally:
            saver.cancel()
            with suppress(asyncio.CancelledError):
                await saver
            save()

    def _rows_left(self) -> Iterator[Row]:
        done = self._keeper.state.line
        for number, row in enumerate(self._prepared.source.rows(), start=1):
            if number > self._prepared.total:
                return
            if row.line > done:
                yield row

    def _map(self, row: Row) -> Mapped | Problem:
        first = self._prepared.scan.repeated.get(row.line)
        if first is not None:
            id_ = self._mapper.naming(row).external_id
            return Problem(row.line, "", id_, "repeated", {"first": first})
        try:
            return self._mapper.clue(row, datetime.now(UTC))
        except Unmappable as unmappable:
            return unmappable.problem

    async def _row(self, place: Place, mapped: Mapped, row: Row) -> None:
        try:
            await self._import(place, mapped, row)
        finally:
            self._slots.release()
            self._waiting.release()

    async def _import(self, place: Place, mapped: Mapped, row: Row) -> None:
        try:
            await patiently(
                lambda: self._juanchi.report(mapped.clue, contact=mapped.contact, backfill=True)
            )
        except Refused as refused:
            told = {"told": tell(refused, self._prepared.options.lang)}
            self._reject(place, Problem(row.line, "", "", "refused", told), row)
            return
        counts, problem = Counts(rows=1, tickets=1), None
        if self._replay is not None:
            played = await self._replay.play(mapped)
            counts.on_time, counts.overdue = int(played.late is False), int(played.late is True)
            counts.not_played = int(played.late is None)
            counts.disagree = int(mapped.late is not None and mapped.late is not played.late)
            if played.problem:
                problem = Problem(row.line, "", "", "not_played", {"told": played.problem})
        self._keeper.end(place, Ended(counts=counts, problem=problem, raw=row.raw))

    def _reject(self, place: Place, problem: Problem, row: Row) -> None:
        counts = Counts(rows=1, rejected=1)
        self._keeper.end(place, Ended(counts=counts, problem=problem, raw=row.raw))


class _Pace:
    """At most so many a second."""

    def __init__(self, rate: float | None) -> None:
        self._gap = 1 / rate if rate else 0.0
        self._next = time.monotonic()

    async def wait(self) -> None:
        """Return when the next one may go."""
        now = time.monotonic()
        if self._next > now:
            await asyncio.sleep(self._next - now)
        self._next = max(self._next, now) + self._gap
