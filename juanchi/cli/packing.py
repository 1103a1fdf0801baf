"""``pack check`` and ``pack load``: a city's data from a folder into the ledger."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from juanchi.cli.display import line, out, t
from juanchi.cli.session import FAILED, city, open_ledger, run, teller
from juanchi.cli.tables import change_table, facts_table
from juanchi.domain.lists import Pack
from juanchi.ledger.city import Loaded, load_pack
from juanchi.packs import PackErrors, Problem, examine
from juanchi.runtime.settings import Settings

POLICY = "policy.toml"
_Folder = Annotated[Path, typer.Argument(help=t("help.pack_dir"))]
_Policy = Annotated[str, typer.Option(help=t("help.policy"))]


def check(folder: _Folder, *, policy: _Policy = POLICY) -> None:
    async def work(settings: Settings) -> int:
        examined = examine(folder, policy)
        _print_problems(examined.problems)
        if examined.pack is None:
            errors = sum(not problem.warning for problem in examined.problems)
            line(t("pack_broken", n=errors), "bold red")
            return FAILED
        _print_pack(examined.pack)
        line(t("pack_sound"), "bold green")
        return 0

    run(work)


def load(folder: _Folder, *, policy: _Policy = POLICY) -> None:
    async def work(settings: Settings) -> None:
        examined = examine(folder, policy)
        if examined.pack is None:
            raise PackErrors(str(folder), examined.problems)
        _print_problems(examined.problems)
        async with open_ledger(settings) as engine:
            before = await city(engine)
            loaded = await load_pack(engine, examined.pack, by="starter.py pack load")
        if before is not None and before.code != examined.pack.code:
            line(t("other_city", before=before.code, now=examined.pack.code), "yellow")
        print_loaded(loaded, examined.pack)

    run(work)


def print_loaded(loaded: Loaded, pack: Pack) -> None:
    """What a load has changed."""
    if not loaded.new:
        line(t("pack_same", version=loaded.version), "green")
        return
    out().print(change_table(loaded.changed, teller(pack)))
    line(t("pack_loaded", version=loaded.version), "bold green")


def _print_pack(pack: Pack) -> None:
    lists: dict[str, Sequence[object]] = {
        "regions": pack.regions,
        "units": pack.units,
        "items": pack.items,
        "duties": pack.duties,
        "handlings": pack.handlings,
        "channels": pack.channels,
        "calendars": pack.calendars,
    }
    shown: dict[str, object] = {t(f"list.{name}"): len(rows) for name, rows in lists.items()}
    policy = f"{pack.policy.code}@{pack.policy.version}"
    out().print(
        facts_table({t("pack"): f"{pack.code}@{pack.version}", t("policy"): policy, **shown})
    )


def _print_problems(problems: Sequence[Problem]) -> None:
    for problem in problems:
        line(problem, "yellow" if problem.warning else "red")
