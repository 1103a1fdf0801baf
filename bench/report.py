"""The figures: what is aimed at, a table to read, and `results.json` to keep."""

import json
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final, NamedTuple

import psutil
from rich.console import Console
from rich.table import Table

Figures = dict[str, float | int | str]

RESULTS: Final = Path(__file__).with_name("results.json")


class Target(NamedTuple):
    """What a figure is to be at least, or at most."""

    limit: float
    at_least: bool

    def met(self, value: float) -> bool:
        """Whether the figure is as it should be."""
        return value >= self.limit if self.at_least else value <= self.limit

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.limit:,g}"


TARGETS: Final[dict[str, Target]] = {
    "straight_through_ratio": Target(0.65, at_least=True),
    "straight_through_vs_dbos": Target(1.2, at_least=True),
    "straight_through_events": Target(60, at_least=False),
    "straight_through_actions": Target(26, at_least=False),
    "noise_events": Target(9, at_least=False),
    "workflow_rss_kb": Target(150, at_least=False),
    "core_decisions_per_s": Target(20_000, at_least=True),
    "core_whatif_tickets_per_s": Target(2_000, at_least=True),
    "doctor_s": Target(5, at_least=False),
    "dispatch_top1": Target(0.52, at_least=True),
    "dispatch_top3": Target(0.78, at_least=True),
    "dispatch_coverage_at_98": Target(0.08, at_least=True),
    "dispatch_auto_precision": Target(0.98, at_least=True),
    "category_macro_f1": Target(0.93, at_least=True),
    "recognise_ms_p50": Target(5, at_least=False),
    "desk_ms_p99": Target(1_000, at_least=False),
}

TOLD: Final[dict[str, str]] = {
    "straight_through_ratio": "straight-through tickets/s ÷ bare workflow's on the SDK as it comes",
    "straight_through_ratio_lean": "the same ÷ bare workflow's in our own, cheaper sandbox",
    "straight_through_vs_dbos": "straight-through tickets/s ÷ the same on DBOS",
    "straight_through_per_s": "straight-through tickets/s, one worker, ledger written",
    "bare_per_s": "bare workflows/s, one worker",
    "bare_lean_per_s": "bare workflows/s in our own sandbox, one worker",
    "dbos_per_s": "the same tickets on DBOS, tickets/s, one process",
    "straight_through_worker_ms": "worker's processor time for one ticket, ms",
    "bare_worker_ms": "the same for a bare workflow, ms",
    "bare_lean_worker_ms": "the same for a bare workflow in our own sandbox, ms",
    "dbos_worker_ms": "the same for a ticket on DBOS, ms",
    "straight_through_audited": "tickets that the audit then found in order",
    "straight_through_events": "events in a straight ticket's history",
    "straight_through_actions": "billable actions of a straight ticket",
    "straight_through_history_bytes": "bytes of a straight ticket's history",
    "noise_events": "events in a discarded clue's history",
    "workflow_rss_kb": "worker's memory for one open cached ticket, KB",
    "worker_rss_mb": "worker's memory with all of them open, MB",
    "core_decisions_per_s": "decisions/s of the pure core, one core",
    "core_lives_per_s": "whole straight lives/s of the pure core, one core",
    "core_whatif_tickets_per_s": "journals/s lived again under another policy, one core",
    "core_whatif_dispatched_per_s": "the same of those alone that reached a unit",
    "core_whatif_parsed_per_s": "the same with their parsing from JSON",
    "core_whatif_all_clocks_per_s": "the same with every clock planned anew",
    "core_whatif_tickets": "tickets in it",
    "core_whatif_events": "their events",
    "core_whatif_overdue_before": "tickets overdue as they were lived",
    "core_whatif_overdue_after": "tickets overdue under the other policy",
    "doctor_s": "the list doctor on 4,000 items in 85 streets, s, one core",
    "doctor_duties": "rows of their responsibility list",
    "doctor_findings": "what it finds in them",
    "doctor_errors": "of which must be put right",
    "category_macro_f1": "macro-F1 of a text model, seven classes, five folds by group",
    "category_macro_f1_reference": "the same of a plain linear SVM on characters",
    "category_macro_f1_spread": "standard deviation of the first over its folds",
    "category_ece": "how far its probabilities are from what came true, on average",
    "category_train_s": "training it on all of them, calibration included, s",
    "category_model_mb": "the trained model as bytes, MB",
    "text_model_ms_p50": "its answer to one text, median, ms",
    "recognise_ms_p50": "one clue screened, located, recognised, routed: half take at most, ms",
    "recognise_ms_p99": "the same, 99 in 100 take at most, ms",
    "recognise_per_s": "such clues/s, one core",
    "recognise_lists_ms_p50": "the same without models, by the lists' own words, ms",
    "recognise_real_ms_p50": "the same on real citizens' messages, ms",
    "recognise_real_ms_p99": "the same on them, 99 in 100 take at most, ms",
    "recognise_items": "items in the catalogue",
    "recognise_regions": "regions",
    "recognise_train_s": "training and judging all three models, s of one core",
    "recognise_trained_on": "tickets they were trained on",
    "model_rss_mb": "a worker's extra memory for the three models and their libraries, MB",
    "model_bytes_mb": "the three models as they lie in the ledger, MB",
    "herd_tickets": "tickets whose clocks are due in the same second",
    "herd_rings_per_s": "rings/s of such a herd until the ledger has them all, one worker",
    "herd_p50_late_s": "how late half of these rings are at most, s",
    "herd_p99_late_s": "how late 99 in 100 of them are at most, s",
    "desk_ms_p50": "a street team's round of 500 tasks read and walked: half take at most, ms",
    "desk_ms_p99": "the same, 99 in 100 take at most, ms",
    "desk_read_ms_p50": "of that the ledger's reading, ms",
    "desk_tickets": "open tickets in that ledger",
    "desk_tasks": "tasks of one team",
    "desk_with_nearby": "of which have something near that may handle them already",
    "replan_tickets_per_s": "open tickets/s planned anew after a calendar import, one worker",
    "import_tickets": "tickets of the Pingshan stream",
    "import_tickets_per_s": "tickets/s imported, dispatched, answered and closed",
    "import_audit_s": "the audit's time for them, s",
    "dispatch_top1": "later tickets whose unit is the model's first answer",
    "dispatch_top3": "the same among its first three",
    "dispatch_coverage_at_98": "share of them, likeliest first, that is 98 % right (afterwards)",
    "dispatch_auto_precision": "right of those dispatched alone, by the threshold chosen before",
    "dispatch_auto_coverage": "share dispatched alone",
    "dispatch_threshold": "that threshold",
    "dispatch_ece": "mean distance of promised and measured probability",
    "dispatch_list_top1": "first answer right, with a list learned from the first 80 % beside it",
    "dispatch_list_top3": "the same among the first three",
    "dispatch_list_coverage_at_98": "coverage at 98 % with that list",
    "dispatch_list_alone_top1": "that list alone, right",
    "dispatch_reference_top1": "logistic regression on raw fields, first answer right",
    "dispatch_reference_top3": "the same among the first three",
    "dispatch_reference_coverage_at_98": "its coverage at 98 %",
    "dispatch_reference_raw_top1": "the same with units as the file names them, aliases apart",
    "dispatch_reference_raw_top3": "the same among the first three",
    "dispatch_reference_raw_coverage_at_98": "its coverage at 98 %",
    "dispatch_several_units_share": "tickets not led by the commonest unit of their item and place",
    "dispatch_train_s": "training of the dispatch model, processor time, s",
    "dispatch_ms": "one answer of it, processor time, ms",
}


def save(figures: Mapping[str, Any], about: Mapping[str, Any], file: Path = RESULTS) -> None:
    """Keep the figures; those that were not measured this time stay as they were."""
    before: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    kept = before | {name: _rounded(value) for name, value in figures.items()} | dict(about)
    file.write_text(json.dumps(kept, ensure_ascii=False, indent=2) + "\n", "utf-8")


def show(figures: Mapping[str, Any], skipped: Mapping[str, str], console: Console) -> bool:
    """Print the table; whether every target that was measured is met."""
    table = Table(title="make bench", title_justify="left")
    for heading in ("figure", "what it is"):
        table.add_column(heading)
    for heading in ("measured", "target", "met"):
        table.add_column(heading, justify="right")
    fine = True
    for name, value in figures.items():
        target = TARGETS.get(name)
        met = target is None or target.met(float(value))
        fine = fine and met
        verdict = "" if target is None else "[green]yes[/]" if met else "[bold red]no[/]"
        told = f"{_rounded(value):,}" if isinstance(value, int | float) else str(value)
        table.add_row(name, TOLD.get(name, ""), told, str(target or ""), verdict)
    for name, why in skipped.items():
        table.add_row(name, f"skipped: {why}", "", "", "", style="dim")
    console.print(table)
    return fine


def about_machine(servers: Mapping[str, str]) -> dict[str, Any]:
    """When, and on what: to be kept beside the figures."""
    about = {
        "cores": psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "cpu": _cpu(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "temporalio": _version("temporalio"),
        "dbos": _version("dbos"),
        "temporal_server": servers.get("temporal", ""),
        "postgres": servers.get("postgres", ""),
    }
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {"date": now, **{f"machine_{name}": value for name, value in about.items()}}


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _rounded(value: Any) -> Any:
    if not isinstance(value, float):
        return value
    return round(value) if abs(value) >= 1000 else round(value, 1 if abs(value) >= 10 else 3)
