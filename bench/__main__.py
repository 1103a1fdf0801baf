"""Measure, show and keep the figures.

python -m bench                 all; keeps them in bench/results.json
python -m bench --only memory   one group; the other figures stay as they were
python -m bench --quick         small numbers, to see that it runs; keeps nothing
"""

import argparse
import sys
from pathlib import Path
from typing import Any, Final

import uvloop
from rich.console import Console

from bench import (
    core,
    desk,
    dispatching,
    doctor,
    herd,
    history,
    importing,
    memory,
    merging,
    recognising,
    recognition,
    remembered,
    screening,
    storm,
    straight,
    stream,
    watch,
    whatif,
)
from bench.process import Skipped, forget_environment
from bench.report import RESULTS, Figures, about_machine, save, show
from bench.scene import Scene, scene
from juanchi.runtime.settings import Settings

PURE: Final = {"core": core.measure, "whatif": whatif.measure, "doctor": doctor.measure}
"""Those that need no servers."""

OF_DATA: Final = {
    "recognise": recognising.measure,
    "recognition": recognition.measure,
    "dispatch": dispatching.measure,
    "screening": screening.measure,
    "merging": merging.measure,
}
"""Those that need no servers but the real data, for a part of it or for all."""

ON_SERVERS: Final = {
    "history": history.measure,
    "straight": straight.measure,
    "memory": memory.measure,
    "herd": herd.measure,
    "desk": desk.measure,
    "storm": storm.measure,
    "watch": watch.measure,
}

ON_SERVERS_OF_DATA: Final = {
    "remembered": remembered.measure,
    "importing": importing.measure,
    "stream": stream.measure,
}

GROUPS: Final = (*PURE, *OF_DATA, *ON_SERVERS, *ON_SERVERS_OF_DATA)


async def measured(
    names: tuple[str, ...], data: Path | None, quick: bool, console: Console
) -> tuple[Figures, dict[str, str], dict[str, Any]]:
    """The figures of these groups, what was skipped and why, and on what."""
    figures: Figures = {}
    skipped: dict[str, str] = {}
    versions: dict[str, str] = {}
    for name in names:
        console.print(f"[dim]measuring {name} ...[/]")
        if pure := PURE.get(name):
            figures |= pure(quick=quick)
            continue
        if of_data := OF_DATA.get(name):
            try:
                figures |= of_data(data, quick=quick)
                if data is None:
                    skipped[f"{name}, real data"] = "set JUANCHI_DATA to the folder that has it"
            except Skipped as why:
                skipped[name] = str(why)
            continue
        # Servers of its own for each: a figure does not depend on which ones came before it.
        async with scene() as stage:
            versions = stage.servers.state.versions
            try:
                figures |= await _group(name, stage, data, quick)
            except Skipped as why:
                skipped[name] = str(why)
    return figures, skipped, about_machine(versions)


async def _group(name: str, stage: Scene, data: Path | None, quick: bool) -> Figures:
    if of_data := ON_SERVERS_OF_DATA.get(name):
        return await of_data(stage, data, quick=quick)
    return await ON_SERVERS[name](stage, quick=quick)


def main() -> int:
    """Run the bench from the command line; 1 when a target is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--only", choices=GROUPS, help="one group of figures")
    parser.add_argument("--quick", action="store_true", help="small numbers; keeps nothing")
    parser.add_argument("--out", type=Path, default=RESULTS, help="where figures are kept")
    asked = parser.parse_args()
    data = Settings().data
    forget_environment()
    console = Console()
    names = (asked.only,) if asked.only else GROUPS
    figures, skipped, about = uvloop.run(measured(names, data, asked.quick, console))
    fine = show(figures, skipped, console)
    if asked.quick:
        console.print("[dim]quick numbers say only that it runs; nothing was kept[/]")
        return 0
    save(figures, about, asked.out)
    console.print(f"kept in {asked.out}")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
