"""``import``: a file of clues, row by row, under a mapping; or a replay of what really happened."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from juanchi.cli.display import lang, line, out
from juanchi.cli.import_progress import Counts, State
from juanchi.cli.import_run import Import, Options, Prepared, prepare
from juanchi.cli.session import FAILED, city, client_on, fail, open_ledger, run
from juanchi.cli.tables import facts_table
from juanchi.demo.replay_pace import REPLAY_POLICY, slowest
from juanchi.intake.encodings import FileTrouble
from juanchi.intake.mapping import MappingFaults, read_mapping
from juanchi.ledger import views
from juanchi.ledger.city import load_pack
from juanchi.packs import read_pack, shipped, shipped_names
from juanchi.runtime.settings import Settings
from juanchi.words import say

CONCURRENCY = 48


def _t(key: str, **facts: object) -> str:
    return say(f"import.{key}", lang(), **facts)


def import_command(
    file: Annotated[Path, typer.Argument(help=_t("help.file"))],
    *,
    mapping: Annotated[Path, typer.Option("--mapping", "-m", help=_t("help.mapping"))],
    replay: Annotated[bool, typer.Option("--replay", help=_t("help.replay"))] = False,
    limit: Annotated[int | None, typer.Option(min=1, help=_t("help.limit"))] = None,
    rate: Annotated[float | None, typer.Option(min=0.01, help=_t("help.rate"))] = None,
    concurrency: Annotated[
        int, typer.Option(min=1, max=500, help=_t("help.concurrency"))
    ] = CONCURRENCY,
    rejects: Annotated[Path | None, typer.Option(help=_t("help.rejects"))] = None,
    restart: Annotated[bool, typer.Option("--restart", help=_t("help.restart"))] = False,
) -> None:
    options = Options(
        file=file,
        mapping=mapping,
        replay=replay,
        limit=limit,
        rate=rate,
        concurrency=concurrency,
        rejects=rejects,
        restart=restart,
        lang=lang(),
    )

    async def work(settings: Settings) -> int:
        try:
            return await import_file(options, settings)
        except MappingFaults as faults:
            fail(_faults(faults))
        except FileTrouble as trouble:
            fail(_t(f"file.{trouble.code}", **trouble.facts))

    run(work)


async def import_file(options: Options, settings: Settings) -> int:
    """Import a file and say what became of it; the result is the command's exit code.

    Raises ``MappingFaults``, ``FileTrouble``, ``RuntimeTrouble`` or ``LedgerError``.
    """
    async with open_ledger(settings) as engine:
        if options.replay:
            await _have_pace(engine, options)
        prepared = await prepare(options, engine, settings.home)
        _print_prepared(prepared)
        state = prepared.keeper.state
        if state.finished or state.counts.rows >= prepared.total:
            line(_t("nothing_left"), "green")
        else:
            juanchi = await client_on(settings, engine)
            if options.replay and not await _worker_there(juanchi.temporal, settings):
                fail(_t("no_worker"))
            with _bar(prepared) as moved:
                state = await Import(prepared, juanchi, engine).run(moved)
    _print_summary(state, replay=options.replay)
    return FAILED if state.counts.disagree or state.counts.not_played else 0


async def _have_pace(engine: AsyncEngine, options: Options) -> None:
    """See to it that a replay can end: an empty ledger gets the pack at a replay's pace.

    A ledger with tickets in it keeps its policy: real deadlines are not shortened by a replay.
    """
    pack = await city(engine)
    if pack is not None and not slowest(pack):
        return
    wanted = read_mapping(options.mapping).city or (pack.code if pack else None)
    empty = not await views.find(engine, limit=1)
    if not empty or wanted not in shipped_names():
        fail(_t("no_pace", policy=REPLAY_POLICY, slowest=slowest(pack) if pack else ""))
    loaded = await load_pack(
        engine, read_pack(shipped(wanted), REPLAY_POLICY), by="import --replay"
    )
    line(_t("pace_loaded", policy=REPLAY_POLICY, version=loaded.version), "yellow")


async def _worker_there(client: Client, settings: Settings) -> bool:
    """Whether a worker has asked for tickets lately: without one a replay would wait in silence."""
    queue = TaskQueue(name=settings.tickets_queue)
    asked = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=queue,
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    return bool((await client.workflow_service.describe_task_queue(asked)).pollers)


def _faults(faults: MappingFaults) -> str:
    told = [
        f"{faults.path}: {f'{key}: ' if key else ''}{_t(f'mapping.{code}', **facts)}"
        for key, code, facts in faults.faults
    ]
    return "\n".join(told)


def _print_prepared(prepared: Prepared) -> None:
    source, scan = prepared.source, prepared.scan
    line(_t("scanned", rows=f"{scan.rows:,}", form=source.form, encoding=source.encoding))
    if prepared.added is not None and prepared.added.new:
        facts = {"units": len(scan.units), "items": len(scan.items)}
        line(_t("added", version=prepared.added.version, **facts), "yellow")
    if prepared.keeper.state.line:
        line(_t("resumed", line=prepared.keeper.state.line), "yellow")


@contextmanager
def _bar(prepared: Prepared) -> Iterator[Callable[[Counts], None]]:
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TaskProgressColumn(show_speed=True),
        TextColumn("{task.fields[rejected]}"),
        TimeRemainingColumn(),
    )
    # In a pipe or a log a bar is noise.
    bar = Progress(*columns, console=console, disable=not console.is_terminal)
    so_far = prepared.keeper.state.counts
    before = so_far.tickets
    with bar:
        task = bar.add_task(
            _t("importing"), total=prepared.total, completed=so_far.rows, rejected=""
        )

        def moved(counts: Counts) -> None:
            seconds = bar.tasks[0].elapsed or 0
            speed = (counts.tickets - before) / seconds if seconds > 1 else 0
            told = _t("moved", speed=f"{speed:.0f}", rejected=counts.rejected)
            bar.update(task, completed=counts.rows, rejected=told)

        yield moved


def _print_summary(state: State, *, replay: bool) -> None:
    counts, seconds = state.counts, state.seconds
    shown: dict[str, object] = {
        _t("summary.rows"): f"{counts.rows:,}",
        _t("summary.tickets"): f"{counts.tickets:,}",
        _t("summary.rejected"): f"{counts.rejected:,}",
    }
    if replay:
        shown[_t("summary.on_time")] = f"{counts.on_time:,}"
        shown[_t("summary.overdue")] = f"{counts.overdue:,}"
        shown[_t("summary.disagree")] = f"{counts.disagree:,}"
        shown[_t("summary.not_played")] = f"{counts.not_played:,}"
    shown[_t("summary.seconds")] = f"{seconds:,.1f}"
    shown[_t("summary.speed")] = f"{counts.tickets / seconds:.1f}" if seconds else "–"
    if state.rejects_bytes:
        shown[_t("summary.rejects")] = state.rejects
    out().print(facts_table(shown))
    if replay:
        agree = not counts.disagree and not counts.not_played
        line(_t("agree" if agree else "differ"), "bold green" if agree else "bold red")
