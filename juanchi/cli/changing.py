"""``calendar import``, ``policy import`` and ``replan``: new rules of time, and what they move."""

import asyncio
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from temporalio.client import WorkflowHandle

from juanchi.bulk import Bulk
from juanchi.cli.display import lang as language
from juanchi.cli.display import line, out
from juanchi.cli.packing import print_loaded, print_problems
from juanchi.cli.session import FAILED, city, open_ledger, run
from juanchi.cli.tables import facts_table
from juanchi.domain.actor import Actor
from juanchi.domain.lists import Pack, with_calendar, with_policy
from juanchi.domain.sweeps import Swept
from juanchi.domain.terms import Role
from juanchi.ledger.city import change_pack, current_pack
from juanchi.packs import PackErrors, Problem
from juanchi.packs.single import examine_calendar_file, examine_policy_file
from juanchi.runtime.settings import Settings
from juanchi.runtime.temporal import connect
from juanchi.words import say

LOOK_S = 0.5
OPERATOR = Actor(role=Role.SUPERVISOR, staff="operator")


def b(key: str, **facts: object) -> str:
    """Words of the bulk commands."""
    return say(f"bulk.{key}", language(), **facts)


_Wait = Annotated[bool, typer.Option("--wait/--no-wait", help=b("help.wait"))]
_File = Annotated[Path, typer.Argument(help=b("help.file"))]


def import_calendar(
    file: _File,
    *,
    year: Annotated[int | None, typer.Option(help=b("help.year"))] = None,
    wait: _Wait = True,
) -> None:
    async def work(settings: Settings) -> int:
        table, problems = examine_calendar_file(file, year)
        _sound(file, table, problems)
        assert table is not None  # noqa: S101 - _sound raises without one
        change = partial(with_calendar, year=table)
        reason = b("calendar_reason", year=table.year)
        return await _changed(settings, change, reason, wait, years=[table.year])

    run(work)


def import_policy(file: _File, *, wait: _Wait = True) -> None:
    async def work(settings: Settings) -> int:
        async with open_ledger(settings) as engine:
            pack = await city(engine)
        policy, problems = examine_policy_file(file, pack)
        _sound(file, policy, problems)
        assert policy is not None  # noqa: S101 - _sound raises without one
        change = partial(with_policy, policy=policy)
        reason = b("policy_reason", version=policy.version, day=policy.valid_from)
        return await _changed(settings, change, reason, wait)

    run(work)


def replan(
    reason: Annotated[str, typer.Argument(help=b("help.reason"))], *, wait: _Wait = True
) -> None:
    async def work(settings: Settings) -> int:
        async with open_ledger(settings) as engine:
            _, version = await current_pack(engine)
        return await _replanned(settings, f"{version}/{uuid.uuid4().hex[:8]}", reason, wait)

    run(work)


def _sound(file: Path, found: object, problems: Sequence[Problem]) -> None:
    if found is None:
        raise PackErrors(str(file), tuple(problems))
    print_problems(problems)


async def _changed(
    settings: Settings,
    change: Callable[[Pack], Pack],
    reason: str,
    wait: bool,
    years: Sequence[int] = (),
) -> int:
    """Put the change in force as a batch, then move every open ticket through its own journal."""
    async with open_ledger(settings) as engine:
        loaded = await change_pack(engine, change, by="starter.py")
        pack, version = await current_pack(engine)
    print_loaded(loaded, pack)
    return await _replanned(settings, version, reason, wait, years)


async def _replanned(
    settings: Settings, version: str, reason: str, wait: bool, years: Sequence[int] = ()
) -> int:
    bulk = Bulk(await connect(settings), settings.queue("bulk"))
    handle = await bulk.replan(version, reason, OPERATOR, years)
    if not wait:
        line(b("started", id=handle.id))
        return 0
    return print_swept(await watched(handle))


async def watched(handle: WorkflowHandle[Any, Swept], doing: str = "sweeping") -> Swept:
    """A sweep's result, its progress shown while it goes on."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn())
    with Progress(*columns, console=out()) as progress:
        task = progress.add_task(b(doing), total=None)
        result = asyncio.ensure_future(handle.result())
        while not result.done():
            await asyncio.wait([result], timeout=LOOK_S)
            if not result.done():
                swept: Swept = await handle.query("progress", result_type=Swept)
                progress.update(task, completed=swept.asked)
    return result.result()


def print_swept(swept: Swept, taken: str = "taken", command: str = "replan") -> int:
    """What a sweep did; fails when tickets gave no answer."""
    facts: dict[str, object] = {b("asked"): swept.asked, b(taken): swept.taken}
    for code, count in swept.refused.items():
        facts[b("refused", why=code)] = count
    out().print(facts_table(facts))
    if swept.failed:
        line(b("failed", command=command, ids=", ".join(swept.failed[:10])), "red")
        return FAILED
    return 0
