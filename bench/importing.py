"""``import_tickets_per_s``, ``import_audit_s``: a real district's stream, and proof of it.

The Pingshan events, out of the folder that `JUANCHI_DATA` names, go through `starter.py import` as
anybody would import them, on an embedded home and a worker of their own; then the whole ledger is
audited, and the audit's own time is taken.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.process import ROOT, Skipped, environment
from bench.report import Figures
from bench.scene import Scene
from juanchi.ledger.audit import audit

EVENTS: Final = Path("pingshan") / "events.csv"
QUICK_ROWS: Final = 100


async def measure(scene: Scene, data: Path | None, *, quick: bool = False) -> Figures:
    """Import, then audit. Raises ``Skipped`` without the data."""
    if data is None:
        raise Skipped("set JUANCHI_DATA to the folder with pingshan/events.csv")
    if not (data / EVENTS).exists():
        raise Skipped(f"{data / EVENTS} is not there")
    raise Skipped("the import is not built yet")
