"""``pack check`` and ``pack load``: a city's data from a folder into the ledger."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from juanchi.cli.display import line, out, t
from juanchi.cli.list_options import DryRun, w
from juanchi.cli.list_printing import print_changes
from juanchi.cli.session import FAILED, open_ledger, run, teller
from juanchi.cli.tables import change_table, facts_table
from juanchi.domain.list_changes import compare
from juanchi.domain.lists import Pack
from juanchi.domain.refusal import Code, Refused
from juanchi.ledger.city import Loaded
from juanchi.ledger.list_batches import Drops, PackLoad, load_whole_pack
from juanchi.packs import PackErrors, Problem, examine
from juanchi.runtime.settings import Settings

POLICY = "policy.toml"
_Folder = Annotated[Path, typer.Argument(help=t("help.pack_dir"))]
_Policy = Annotated[str, typer.Option(help=t("help.policy"))]


def check(folder: _Folder, *, policy: _Policy = POLICY) -> None:
    async def work(settings: Settings) -> int:
        examined = examine(folder, policy)
        print_problems(examined.problems)
        if examined.pack is None:
            errors = sum(not problem.warning for problem in examined.problems)
            line(t("pack_broken", n=errors), "bold red")
            return FAILED
        _print_pack(examined.pack)
        line(t("pack_sound"), "bold green")
        return 0

    run(work)


def load(
    folder: _Folder,
    *,
    policy: _Policy = POLICY,
    keep: Annotated[bool, typer.Option("--keep", help=w("help.keep"))] = False,
    replace: Annotated[bool, typer.Option("--replace", help=w("help.replace"))] = False,
    dry_run: DryRun = False,
) -> None:
    async def work(settings: Settings) -> None:
        examined = examine(folder, policy)
        if examined.pack is None:
            raise PackErrors(str(folder), examined.problems)
        print_problems(examined.problems)
        if keep and replace:
            raise Refused(Code.BAD_INPUT, where="--keep", problem=w("keep_or_replace"))
        drops = Drops.REPLACE if replace else Drops.KEEP if keep else Drops.REFUSE
        async with open_ledger(settings) as engine:
            done = await load_whole_pack(
                engine, examined.pack, "starter.py pack load", drops, dry_run=dry_run
            )
        print_pack_load(done, drops)

    run(work)


def print_pack_load(done: PackLoad, drops: Drops) -> None:
    """What loading a pack changes, or would change, and what became of rows of the ledger's own."""
    before, pack = done.before, done.after
    if before is not None and before.pack.code != pack.code:
        line(t("other_city", before=before.pack.code, now=pack.code), "yellow")
    if done.loaded is None and before is not None:
        print_changes(compare(before.pack, pack), pack)
    if done.own:
        line(w("pack_own", n=len(done.own)), "yellow")
        print_changes(done.own, pack)
    if done.loaded is None:
        line(w("pack_dry" if done.own and drops is Drops.REFUSE else "dry_run"), "bold")
        return
    if done.own:
        line(w("pack_kept" if drops is Drops.KEEP else "pack_replaced"), "yellow")
    print_loaded(done.loaded, pack)


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


def print_problems(problems: Sequence[Problem]) -> None:
    """What is wrong with a file, warnings in yellow."""
    for problem in problems:
        line(problem, "yellow" if problem.warning else "red")
