"""Sources read on from where they stopped, and what they said kept.

Reading and keeping are one activity, so that what people wrote does not pass through histories. It
may be killed at any moment: the cursor moves with what it brought, in one transaction, so the
source is asked for the same again, and what was seen is passed over.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.service import RPCError

from activities.city import CityDesk
from activities.sources import Outside, fetched, opened, others_fault
from juanchi.domain.channels import TRIES, Kept, Unreadable
from juanchi.domain.ticket import Clue
from juanchi.domain.watching import (
    UNTIL_CHANGED,
    Reading,
    ReadOut,
    Skip,
    Watched,
    pause_after,
    skipped,
)
from juanchi.intake.channels.adapter import (
    Adapter,
    BadSettings,
    Fetched,
    Source,
    SourceTrouble,
)
from juanchi.intake.channels.clues import clue_of, urgent_ones
from juanchi.intake.tools import Tools
from juanchi.ledger.arrivals import Arrivals
from juanchi.ledger.channels import Channels
from juanchi.ledger.watching import watched, will_be_tried

log = structlog.get_logger(__name__)

PAGES: Final = 10
"""Pages of one activity; the workflow asks for more while there are more."""
BEAT: Final = timedelta(seconds=3)
AGAIN: Final = timedelta(milliseconds=300)
"""Before a page is asked for again in which something could not be read."""
LONGEST_PROBLEM, LONGEST_LINE = 500, 200


class WatchingActivities:
    """Reads channels."""

    def __init__(self, engine: AsyncEngine, desk: CityDesk, outside: Outside) -> None:
        self._engine = engine
        self._desk = desk
        self._outside = outside

    @activity.defn
    async def read_channel(self, reading: Reading) -> ReadOut:
        """Read a channel on, unless it rests. A source's trouble is written down and answered.

        Raises what the ledger raises while it is away; then nothing of the last page was kept.
        """
        found = await watched(self._engine, reading.channel)
        if found is None:
            return ReadOut(skipped=Skip.GONE)
        if why := skipped(found, reading, datetime.now(UTC)):
            return ReadOut(skipped=why)
        tools = await self._desk.tools()
        async with _beating():
            return await _Visit(self._engine, self._outside, tools, found).made()


class _Visit:
    """One reading of one channel."""

    def __init__(self, engine: AsyncEngine, outside: Outside, tools: Tools, found: Watched) -> None:
        self._engine = engine
        self._outside = outside
        self._tools = tools
        self._channel = found.channel
        self._state = found.state
        self._out = ReadOut()

    async def made(self) -> ReadOut:
        """What was found; a source's trouble is written down with how long it is left alone."""
        try:
            await self._read()
        except SourceTrouble as trouble:
            return await self._failed(trouble.problem, trouble.retry_after)
        except BadSettings as bad:
            return await self._failed(str(bad), None, for_good=True)
        return self._out

    async def _read(self) -> None:
        with others_fault():
            kind = self._outside.kind(self._channel.adapter)
            kind.check(self._channel.settings)
        cursor = self._state.cursor
        async with opened(kind, self._source()) as adapter:
            for _ in range(PAGES):
                page = await self._page(adapter, cursor)
                cursor = page.cursor
                if not self._out.more:
                    break

    async def _page(self, adapter: Adapter, cursor: str) -> Fetched:
        """Read one page and keep it. One in which something cannot be read is asked for again,
        until that has had its tries; only then does the cursor move on.
        """
        for left in range(TRIES - 1, -1, -1):
            page = await fetched(adapter, cursor)
            again = await self._kept(page, left)
            if not again:
                return page
            await asyncio.sleep(AGAIN.total_seconds())
        raise AssertionError("the last try is not followed by another")

    async def _kept(self, page: Fetched, left: int) -> bool:
        """Keep a page; whether it is to be asked for again, with so many tries left."""
        now = datetime.now(UTC)
        clues, unreadable = self._sorted(page, now)
        ids = [bad.external_id for bad in unreadable]
        again = left > 0 and await will_be_tried(self._engine, self._channel.code, ids)
        kept = await Arrivals(self._engine).keep(
            self._channel.code,
            clues,
            unreadable,
            cursor=None if again else page.cursor,
            read_at=now,
            urgent=urgent_ones(clues, self._tools.pack.screening.urgent),
        )
        if kept.wake:
            await self._wake()
        first = left == TRIES - 1
        self._count(page, kept, unreadable=len(unreadable) if first else 0, known=first)
        return again

    def _count(self, page: Fetched, kept: Kept, *, unreadable: int, known: bool) -> None:
        this = ReadOut(
            pages=1,
            new=kept.new,
            known=kept.known if known else 0,
            unreadable=unreadable,
            set_aside=kept.set_aside,
            more=page.more and not kept.slow_down,
            slowed=page.more and kept.slow_down,
        )
        self._out = self._out.plus(this)

    def _sorted(self, page: Fetched, now: datetime) -> tuple[list[Clue], list[Unreadable]]:
        """The clues of a page, and what cannot be one."""
        clues, unreadable = [], list(page.unreadable)
        for arrival in page.arrivals:
            try:
                clues.append(clue_of(self._channel, arrival, now, self._outside.seal))
            except ValidationError as error:
                problem = _printable(str(error.errors()[0]["msg"]))[:LONGEST_LINE]
                bad = Unreadable(external_id=arrival.external_id, problem=problem, raw=arrival.text)
                unreadable.append(bad)
        return clues, unreadable

    async def _wake(self) -> None:
        # What waits is in the ledger; the admission looks there by itself, only later.
        with suppress(RPCError):
            await self._outside.wake()

    async def _failed(
        self, problem: str, asked: timedelta | None, *, for_good: bool = False
    ) -> ReadOut:
        now = datetime.now(UTC)
        problem = _printable(problem)[:LONGEST_PROBLEM]
        failures = 1 if self._out.pages else self._state.failures + 1
        policy, _ = self._tools.rulebook(now)
        pause = pause_after(failures, self._channel.every, policy.watching, asked)
        until = UNTIL_CHANGED if for_good else now + pause
        code = self._channel.code
        await Channels(self._engine).failed(code, problem, at=now, backoff_until=until)
        log.warning("channel not read", channel=code, problem=problem, until=until.isoformat())
        return self._out.plus(ReadOut(problem=problem))

    def _source(self) -> Source:
        return Source(
            channel=self._channel.code,
            settings=self._channel.settings,
            http=self._outside.http,
            secret=self._secret,
            zone=ZoneInfo(self._tools.pack.timezone),
            now=lambda: datetime.now(UTC),
        )

    def _secret(self, name: str) -> str:
        try:
            return self._outside.secret(name)
        except LookupError as error:
            raise BadSettings("secret", str(error)) from None


def _printable(text: str) -> str:
    # A source's own words may hold what PostgreSQL cannot, and what terminals act on.
    return "".join(char if char.isprintable() else " " for char in text).strip()


@asynccontextmanager
async def _beating() -> AsyncIterator[None]:
    """Tell Temporal that this process lives, so that a killed one is noticed within seconds."""

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(BEAT.total_seconds())

    beats = asyncio.create_task(beat())
    try:
        yield
    finally:
        beats.cancel()
