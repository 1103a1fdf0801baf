"""``audit``, ``rebuild`` and ``migrate``: proving and repairing what is remembered."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Annotated, NamedTuple

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from juanchi.cli.display import lang, line, out, t
from juanchi.cli.session import FAILED, open_ledger, run
from juanchi.cli.tables import facts_table
from juanchi.domain.channels import ArrivalState
from juanchi.ledger.audit import AuditReport
from juanchi.ledger.audit import audit as audit_ledger
from juanchi.ledger.migrate import migrate as migrate_ledger
from juanchi.ledger.rebuild import rebuild as rebuild_views
from juanchi.runtime.database import database_url, normalised
from juanchi.runtime.settings import Settings
from juanchi.runtime.temporal import connect
from juanchi.words.catalogue import named

OPEN = 'WorkflowType IN ("Ticket", "DutyChange") and ExecutionStatus="Running"'
TRIES = 3
LAG_S = 1.0


def audit(
    *,
    ledger_only: Annotated[bool, typer.Option("--ledger-only", help=t("help.ledger_only"))] = False,
) -> None:
    async def work(settings: Settings) -> int:
        async with open_ledger(settings) as engine:
            client = None if ledger_only else await connect(settings)
            with _progress() as progress:
                task = progress.add_task(t("auditing"), total=None)
                proved = await prove(
                    engine, client, lambda done: progress.update(task, completed=done)
                )
        print_audit(proved)
        return 0 if proved.report.ok else FAILED

    run(work)


class Proved(NamedTuple):
    """An audit's report, and how many tickets' workflows ran in Temporal, if it was asked."""

    report: AuditReport
    running: int | None


async def prove(
    engine: AsyncEngine, client: Client | None, looked: Callable[[int], None] | None = None
) -> Proved:
    """Audit the ledger, and against Temporal where there is a client; also under load.

    What began or ended while the audit looked is not held against it, and Temporal is asked again
    before a ticket is called lost: its lists lag behind by a moment.
    """
    if client is None:
        return Proved(await audit_ledger(engine, None, looked), None)
    before = await open_workflows(client)
    for tries_left in range(TRIES - 1, -1, -1):
        report = await audit_ledger(engine, before, looked)
        after = await open_workflows(client)
        report = _without(report, before ^ after)
        if report.ok or not tries_left:
            return Proved(report, len(before))
        await asyncio.sleep(LAG_S)
        before = await open_workflows(client)
    raise AssertionError("the last try returns")


def _without(report: AuditReport, moved: set[str]) -> AuditReport:
    # A report that tells only of the first problems cannot be sifted by what it does not tell.
    if not moved or report.problems_found > len(report.problems):
        return report
    kept = tuple(
        problem
        for problem in report.problems
        if "workflow" not in problem or problem.partition(": ")[0] not in moved
    )
    return report.model_copy(update={"problems": kept, "problems_found": len(kept)})


async def open_workflows(client: Client) -> set[str]:
    """The ids of all workflows of tickets and changes that run in Temporal; read page by page."""
    return {found.id async for found in client.list_workflows(OPEN, page_size=1000)}


def print_audit(proved: Proved, console: Console | None = None) -> None:
    """An audit as people read it: what was looked at, and every problem as a sentence."""
    report, running = proved
    shown = {
        t("audit.tickets"): f"{report.tickets:,}",
        t("audit.open"): f"{report.open:,}",
        t("audit.closed"): f"{report.closed:,}",
        t("audit.archived"): f"{report.archived:,}",
        t("audit.events"): f"{report.events:,}",
        t("audit.rungs"): f"{report.rungs:,}",
        t("audit.duty_changes"): f"{report.duty_changes:,}",
        t("audit.arrivals"): _arrivals(report.arrivals),
        t("audit.workflows"): t("audit.not_asked") if running is None else f"{running:,}",
        t("audit.seconds"): f"{report.seconds:.1f}",
    }
    (console or out()).print(facts_table(shown))
    for problem in report.problems:
        line(f"✗ {problem}", "red")
    hidden = report.problems_found - len(report.problems)
    if hidden > 0:
        line(t("audit.more", n=hidden), "red")
    if report.ok:
        line(t("audit.clean"), "bold green")
    else:
        line(t("audit.broken", n=report.problems_found), "bold red")


def _arrivals(by_state: Mapping[str, int]) -> str:
    """All that channels ever brought; and what of it is no ticket, if anything."""
    others = [
        f"{n:,} {named('arrival_count', state, lang())}"
        for state, n in sorted(by_state.items())
        if state != ArrivalState.ADMITTED
    ]
    return t("audit.arrived", n=f"{sum(by_state.values()):,}", others=", ".join(others))


def rebuild() -> None:
    async def work(settings: Settings) -> int:
        async with open_ledger(settings) as engine:
            with _progress() as progress:
                task = progress.add_task(t("rebuilding"), total=None)
                done = await rebuild_views(
                    engine, lambda n, total: progress.update(task, completed=n, total=total)
                )
        line(t("rebuilt", n=done.tickets, dropped=done.dropped), "green")
        for problem in done.damaged:
            line(f"✗ {problem}", "red")
        return FAILED if done.damaged else 0

    run(work)


def migrate() -> None:
    async def work(settings: Settings) -> None:
        await migrate_ledger(normalised(database_url(settings)))
        line(t("migrated"), "green")

    run(work)


def _progress() -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    # In a pipe or a log a bar is noise.
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
