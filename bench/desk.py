"""``desk_*``: a street team's round among 50,000 open tickets, read from a real ledger.

The tickets are laid into the ledger's tables as they stand while they are verified, with the words
of the made city's letters and points within five kilometres; every team has 1,000 of them, and half
are tasks of its own. A round is read, compared with what is open around, and put in the order of a
walk: ``desk_ms_p50`` and ``desk_ms_p99`` are all of that, ``desk_read_ms_p50`` the reading alone.
"""

import random
import time
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.metropolis import letters, metropolis
from bench.report import Figures
from bench.scene import Scene
from juanchi.domain.on_site import Point
from juanchi.domain.rounds import Round
from juanchi.domain.ticket import Clue
from juanchi.ledger.rows import clue_row, task_rows, ticket_row
from juanchi.ledger.tables import ClueRow, Table, TaskRow, TicketRow
from juanchi.ledger.verifying import around, site_tasks
from tests.pure import MONDAY, PureEngine, tinytown

TICKETS: Final = 50_000
A_TEAM: Final = 1_000
CHUNK: Final = 500
ROUNDS: Final = 40
CENTRE: Final = Point(114.06, 22.54)

_QUICK: Final = (2_000, 5)


async def measure(scene: Scene, *, quick: bool = False) -> Figures:
    """Rounds of many teams, one after the other."""
    tickets, rounds = _QUICK if quick else (TICKETS, ROUNDS)
    await _laid_out(scene.engine, tickets)
    whole, reading, tasks, near = [], [], 0, 0
    for n in range(rounds):
        team = f"team-{n % (tickets // A_TEAM)}"
        began = time.perf_counter()
        mine, others = await site_tasks(scene.engine, team), await around(scene.engine, team)
        read = time.perf_counter()
        walked = Round(mine, others, datetime.now(UTC), UTC, CENTRE).neighbourhoods({})
        whole.append(time.perf_counter() - began)
        reading.append(read - began)
        visits = [visit for one in walked for visit in one.visits]
        tasks, near = len(visits), sum(bool(visit.nearby) for visit in visits)
    whole.sort()
    reading.sort()
    return {
        "desk_ms_p50": whole[len(whole) // 2] * 1000,
        "desk_ms_p99": whole[-1 - len(whole) // 100] * 1000,
        "desk_read_ms_p50": reading[len(reading) // 2] * 1000,
        "desk_tickets": tickets,
        "desk_tasks": tasks,
        "desk_with_nearby": near,
    }


async def _laid_out(engine: AsyncEngine, tickets: int) -> None:
    draw = random.Random(5)
    teams = tickets // A_TEAM
    # Each team has the same letters: only its own are ever compared.
    written = [one.text for one in letters(metropolis(), A_TEAM)]
    clue = Clue(channel="wall", external_id="0", text="a deep pothole in Mill Parish",
                reported_at=MONDAY)  # fmt: skip
    stands = PureEngine(tinytown(), clue).ticket
    base = ticket_row(stands, MONDAY)
    (task,) = task_rows(stands)
    for first in range(0, tickets, CHUNK):
        laid: dict[type[Table], list[dict[str, Any]]] = {TicketRow: [], TaskRow: [], ClueRow: []}
        for n in range(first, min(first + CHUNK, tickets)):
            id_, team = f"ticket/wall/{n}", f"team-{n % teams}"
            point = {
                "lon": CENTRE.lon + draw.uniform(-0.05, 0.05),
                "lat": CENTRE.lat + draw.uniform(-0.05, 0.05),
            }
            own = {
                "id": id_,
                "external_id": str(n),
                "text_start": written[n // teams][:120],
                **point,
            }
            laid[TicketRow].append({**base, **own, "street_team": team})
            known = {"ticket_id": id_, "external_id": str(n), "text": written[n // teams]}
            laid[ClueRow].append({**clue_row(stands), **known})
            if n // teams % 2 == 0:
                laid[TaskRow].append({**task, "ticket_id": id_, "holder": team})
        async with engine.begin() as connection:
            for table, rows in laid.items():
                await connection.execute(insert(table), rows)
    async with engine.connect() as connection:
        own_turn = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await own_turn.execute(text("ANALYZE"))
