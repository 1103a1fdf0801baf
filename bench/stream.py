"""``stream_...``: a year of real letters through screening, item, place and merging to tickets.

The letters of a city whose places are anonymous, out of the folder that `JUANCHI_DATA` names, come
in by a channel in the order in which they were written, as fast as the engine takes them: what lay
weeks apart comes within minutes, so more of it is near enough in time to be merged than really was.
One worker, as `python worker.py` composes it, and no people: what a person would decide waits. At
the end the ledger is audited, and the supervisor's report is printed.
"""

import asyncio
import csv
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import Console
from sqlalchemy import text

from bench.letters_city import CHANNEL, letters_city
from bench.process import Skipped
from bench.proof import proved
from bench.report import Figures
from bench.scene import Scene
from juanchi.cli.intake import counted, report
from juanchi.cli.session import teller
from juanchi.domain.metrics.arriving import Fate, Intake
from juanchi.domain.metrics.period import Period, period_of
from juanchi.domain.ticket import Clue
from juanchi.intake.channels.clues import urgent_ones
from juanchi.ledger.arrivals import Arrivals
from juanchi.ledger.city import load_pack

LETTERS: Final = Path("messages") / "stream_2019.csv"
ZONE: Final = ZoneInfo("Asia/Shanghai")

_PAGE: Final = 200
_QUICK: Final = 200
_MOST: Final = 10
_WITHIN: Final = 3600.0

_UNSETTLED: Final = text("""
SELECT (SELECT count(*) FROM arrivals WHERE state = 'waiting')
    + (SELECT count(*) FROM arrivals WHERE state = 'admitted' AND clue IS NOT NULL)
    + (SELECT count(*) FROM tickets WHERE phase IN ('screening', 'locating', 'routing'))
""")


async def measure(scene: Scene, data: Path | None, *, quick: bool = False) -> Figures:
    """The figures. Raises ``Skipped`` without the data."""
    if data is None:
        raise Skipped(f"set JUANCHI_DATA to the folder that has {LETTERS}")
    if not (data / LETTERS).exists():
        raise Skipped(f"{data / LETTERS} is not there")
    clues = _letters(data / LETTERS)[: _QUICK if quick else None]
    pack = letters_city(data)
    await load_pack(scene.engine, pack, by="bench")
    async with scene.ticket_worker() as worker:
        began, cpu = time.perf_counter(), worker.cpu()
        await _bring(scene, clues, pack.screening.urgent)
        await _settled(scene)
        took, cpu = time.perf_counter() - began, worker.cpu() - cpu
        await proved(scene)
    period = _now()
    found = await counted(scene.engine, period, _MOST)
    Console().print(report(found, period, teller(pack)))
    assert found.total == len(clues), f"{found.total} of {len(clues)} letters are there"
    return {**_figures(found), "stream_s": took, "stream_worker_ms": 1000 * cpu / len(clues)}


def _letters(file: Path) -> list[Clue]:
    with file.open(encoding="utf-8-sig", newline="") as rows:
        read = [_letter(row) for row in csv.DictReader(rows)]
    return sorted(read, key=lambda clue: clue.reported_at)


def _letter(row: dict[str, str]) -> Clue:
    words = f"{row['title']}\n{row['text']}"
    return Clue(
        channel=CHANNEL,
        external_id=row["id"],
        text="".join(one for one in words if one.isprintable() or one == "\n"),
        reported_at=datetime.fromisoformat(row["posted_at"]).replace(tzinfo=ZONE),
    )


async def _bring(scene: Scene, clues: Sequence[Clue], words: Sequence[str]) -> None:
    arrivals = Arrivals(scene.engine)
    for start in range(0, len(clues), _PAGE):
        page = clues[start : start + _PAGE]
        kept = await arrivals.keep(
            CHANNEL,
            page,
            cursor=str(start + len(page)),
            read_at=datetime.now(UTC),
            urgent=urgent_ones(page, words),
        )
        if kept.wake:
            await scene.juanchi.wake()


async def _settled(scene: Scene) -> None:
    """Until every letter is a ticket that waits for a person, or has ended."""
    async with asyncio.timeout(_WITHIN), scene.engine.connect() as connection:
        while await connection.scalar(_UNSETTLED):
            await connection.rollback()
            await asyncio.sleep(1)


def _now() -> Period:
    """Yesterday to tomorrow, so that a bench at midnight counts all."""
    today = datetime.now(ZONE).date()
    around = timedelta(days=1)
    return period_of(f"{today - around}..{today + around}", ZONE)


def _figures(found: Intake) -> Figures:
    fates = found.fates
    dispatched = fates[Fate.DISPATCHED_BY_ENGINE] + fates[Fate.DISPATCHED_BY_PERSON]
    return {
        "stream_messages": found.total,
        "stream_own": found.own,
        "stream_merged": fates[Fate.MERGED_BY_ENGINE],
        "stream_proposed": found.proposed,
        "stream_discarded": fates[Fate.DISCARDED],
        "stream_redirected": fates[Fate.REDIRECTED],
        "stream_placed_share": found.placed / found.total,
        "stream_dispatched_share": dispatched / found.total,
    }
