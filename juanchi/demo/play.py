"""The play itself: clues come in, people act, the view shows it, until every ticket has ended."""

import asyncio
import time
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.client import Juanchi
from juanchi.demo.deeds import Cast
from juanchi.demo.expect import Wrong, mismatches
from juanchi.demo.figures import Figures, from_journal, from_rows
from juanchi.demo.narrator import Narrator
from juanchi.demo.pace import Pace
from juanchi.demo.people import People
from juanchi.demo.sample import Sample
from juanchi.demo.stage import Scene, View
from juanchi.demo.stories import Story, told_wrong
from juanchi.demo.watch import Watch
from juanchi.domain.lists import Pack
from juanchi.domain.terms import Role
from juanchi.ledger import views
from juanchi.words.telling import Teller

MOMENT = 0.25
"""Seconds between two looks at the ledger."""


class Played(NamedTuple):
    """What is known when the curtain falls. ``rows`` and ``journal`` must say the same;
    ``unreported`` clues had no time to come in.
    """

    watch: Watch
    rows: Figures
    journal: Figures
    wrong: list[Wrong]
    unreported: int


class Play:
    """One performance of a sample, on an engine that is at work."""

    def __init__(
        self,
        juanchi: Juanchi,
        engine: AsyncEngine,
        sample: Sample,
        stories: tuple[Story, ...],
        pack: Pack,
        teller: Teller,
        pace: Pace | None = None,
    ) -> None:
        self._engine = engine
        self._sample = sample
        self._stories = stories
        self._roles = {unit.code: unit.role for unit in pack.units}
        self._teller = teller
        cast = Cast(
            sample,
            stories,
            pace or Pace(),
            centre=pack.centre,
            roles=self._roles,
            lang=teller.lang,
        )
        self._people = People(juanchi, engine, cast)
        self._watch = Watch(engine)

    async def perform(self, view: View, within: float) -> Played:
        """Play until every ticket has ended, or for so many seconds."""
        began = time.monotonic()
        narrator = Narrator(self._teller, self._stories, datetime.now(UTC))

        def seconds() -> float:
            return time.monotonic() - began

        with view:
            async with self._people as people:
                reporting = asyncio.create_task(people.report(self._sample.clues, seconds))
                try:
                    while seconds() < within:
                        await self._moment(view, narrator, seconds())
                        if reporting.done():
                            reporting.result()
                            if self._watch.ended >= len(self._sample):
                                break
                        await asyncio.sleep(MOMENT)
                finally:
                    reporting.cancel()
            await self._moment(view, narrator, seconds(), acting=False)
        return await self._judged()

    async def _moment(
        self, view: View, narrator: Narrator, seconds: float, *, acting: bool = True
    ) -> None:
        told = narrator.hear(await self._watch.look())
        lines = list(self._watch.lines.values())
        view.show(Scene(lines, len(self._sample), seconds, narrator), told)
        if acting:
            await self._people.look(lines)

    async def _judged(self) -> Played:
        watch = self._watch
        told = await views.notices(self._engine, Role.SUPERVISOR, limit=10_000)
        rows = from_rows(watch.lines.values(), told)
        counted = from_journal(watch.lives)
        wrong = mismatches(self._sample, watch.lines, watch.lives)
        for story in self._stories:
            wrong += [
                Wrong(story.tickets[0], key) for key in told_wrong(story, watch.lives, self._roles)
            ]
        for ticket_id, trouble in self._people.troubles:
            wrong.append(Wrong(ticket_id, "refused", found=trouble))
        for name in rows.differing(counted):
            wrong.append(
                Wrong(name, "figure", str(getattr(rows, name)), str(getattr(counted, name)))
            )
        unreported = len(self._sample) - len(watch.lines)
        return Played(watch, rows, counted, wrong, unreported)
