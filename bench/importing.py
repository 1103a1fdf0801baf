"""``import_tickets_per_s``, ``import_audit_s``: a real district's stream, and the proof of it.

The Pingshan events, out of the folder that `JUANCHI_DATA` names, are imported and replayed by what
is behind `starter.py import --replay`, on a ledger and a worker of their own: every row becomes a
ticket that is dispatched, answered and closed, on time or overdue as it really was, at a replay's
pace. The rate is over the whole import, its waiting for overdue tickets included. Then the whole
ledger is audited, against Temporal's open workflows too, and that time is taken.
"""

import time
from pathlib import Path
from typing import Final

from bench.process import Skipped
from bench.proof import proved
from bench.report import Figures
from bench.scene import Scene
from juanchi.cli.import_run import Options
from juanchi.cli.importing import import_file
from juanchi.packs import shipped

EVENTS: Final = Path("pingshan") / "events.csv"
MAPPING: Final = Path("mappings") / "pingshan.toml"
CITY: Final = "shenzhen"

_QUICK_ROWS: Final = 60


async def measure(scene: Scene, data: Path | None, *, quick: bool = False) -> Figures:
    """Import, then audit. Raises ``Skipped`` without the data."""
    if data is None:
        raise Skipped(f"set JUANCHI_DATA to the folder that has {EVENTS}")
    if not (data / EVENTS).exists():
        raise Skipped(f"{data / EVENTS} is not there")
    options = Options(
        file=data / EVENTS,
        mapping=shipped(CITY) / MAPPING,
        replay=True,
        limit=_QUICK_ROWS if quick else None,
    )
    async with scene.ticket_worker():
        began = time.perf_counter()
        failed = await import_file(options, scene.settings)
        took = time.perf_counter() - began
        report = await proved(scene)
    assert not failed, "the replay differs from what really happened"
    return {
        "import_tickets": report.tickets,
        "import_tickets_per_s": report.tickets / took,
        "import_audit_s": report.seconds,
    }
