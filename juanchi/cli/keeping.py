"""``audit``, ``rebuild`` and ``migrate``: proving and repairing what is remembered."""

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from temporalio.client import Client

from juanchi.cli.display import line, out, t
from juanchi.cli.session import FAILED, open_ledger, run
from juanchi.cli.tables import facts_table
from juanchi.ledger.audit import AuditReport
from juanchi.ledger.audit import audit as audit_ledger
from juanchi.ledger.migrate import migrate as migrate_ledger
from juanchi.ledger.rebuild import rebuild as rebuild_views
from juanchi.runtime.database import database_url, normalised
from juanchi.runtime.settings import Settings
from juanchi.runtime.temporal import connect

OPEN = 'WorkflowType="Ticket" and ExecutionStatus="Running"'


def audit(
    *,
    ledger_only: Annotated[bool, typer.Option("--ledger-only", help=t("help.ledger_only"))] = False,
) -> None:
    async def work(settings: Settings) -> int:
        async with open_ledger(settings) as engine:
            # Temporal first: a ticket that begins meanwhile is then no stranger to the ledger.
            running = None if ledger_only else await open_workflows(await connect(settings))
            with _progress() as progress:
                task = progress.add_task(t("auditing"), total=None)
                report = await audit_ledger(
                    engine, running, lambda done: progress.update(task, completed=done)
                )
        print_audit(report, None if running is None else len(running))
        return 0 if report.ok else FAILED

    run(work)


async def open_workflows(client: Client) -> set[str]:
    """The ids of all tickets' workflows that run in Temporal; read page by page."""
    return {found.id async for found in client.list_workflows(OPEN, page_size=1000)}


def print_audit(report: AuditReport, running: int | None, console: Console | None = None) -> None:
    """An audit as people read it: what was looked at, and every problem as a sentence."""
    shown = {
        t("audit.tickets"): f"{report.tickets:,}",
        t("audit.open"): f"{report.open:,}",
        t("audit.closed"): f"{report.closed:,}",
        t("audit.archived"): f"{report.archived:,}",
        t("audit.events"): f"{report.events:,}",
        t("audit.rungs"): f"{report.rungs:,}",
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
