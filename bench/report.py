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
    "stream_messages": Target(4_326, at_least=True),
    "storm_urgent_dispatch_p99_s": Target(1800, at_least=False),
    "storm_lost": Target(0, at_least=False),
    "storm_doubled": Target(0, at_least=False),
    "merge_precision": Target(0.99, at_least=True),
    "merge_lookup_ms_p99_1m": Target(20, at_least=False),
    "watch_channels": Target(500, at_least=True),
    "watch_missed": Target(0, at_least=False),
    "watch_lag_p99_s": Target(5, at_least=False),
    "screen_per_s": Target(2_000, at_least=True),
    "screen_ms_p50": Target(0.5, at_least=False),
    "screen_real_discarded": Target(0, at_least=False),
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
    "screen_per_s": "real messages screened/s by the city's words, one core",
    "screen_ms_p50": "one of them, half take at most, ms",
    "screen_ms_p99": "one of them, 99 in 100 take at most, ms",
    "screen_model_per_s": "the same with a screening model in force",
    "screen_model_ms_p50": "one of them with it, half take at most, ms",
    "screen_model_ms_p99": "one of them with it, 99 in 100 take at most, ms",
    "screen_f1": "macro-F1 of verdicts by words on held-out texts of ours and real messages",
    "screen_model_f1": "the same with a model that learned from some hundred texts",
    "screen_held_out": "texts that both were asked about",
    "screen_real": "real messages, all of which somebody acted on",
    "screen_real_discarded": "of them discarded, all wrongly",
    "screen_real_redirected": "of them sent elsewhere",
    "screen_real_to_person": "of them left to a person",
    "screen_real_cut": "of them shortened as if there were advertising in them",
    "screen_real_model": "the same messages, with a model",
    "screen_real_model_discarded": "of them discarded, all wrongly",
    "screen_real_model_redirected": "of them sent elsewhere",
    "screen_real_model_to_person": "of them left to a person",
    "screen_real_model_cut": "of them shortened as if there were advertising in them",
    "screen_glued": "real messages with three advertising lines glued to them",
    "screen_glued_goes_on": "share of them that go on as matters",
    "screen_glued_cut": "share of the advertising lines that are cut out",
    "screen_glued_kept": "share of the messages' own sentences that are kept",
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
    "storm_contacts": "contacts of a storm, over eight channels, one of which floods",
    "storm_contacts_per_s": "at so many a second, one worker",
    "storm_urgent": "urgent ones among them",
    "storm_urgent_dispatch_p50_s": "half of these are dispatched, as the ledger shows it, within s",
    "storm_urgent_dispatch_p99_s": "99 in 100 of them within, s (their clock: 30 minutes)",
    "storm_lost": "contacts that became no ticket",
    "storm_doubled": "tickets that are there twice",
    "storm_queue_max": "most that waited to be admitted at a time",
    "storm_drain_s": "from the last contact until all were tickets, s",
    "storm_worker_ms": "worker's processor time for one contact, ms",
    "import_tickets": "tickets of the Pingshan stream",
    "import_tickets_per_s": "tickets/s imported, dispatched, answered and closed",
    "import_audit_s": "the audit's time for them, s",
    "stream_messages": "real letters of a year that came in by a channel",
    "stream_own": "of them matters of their own, filed",
    "stream_merged": "merged by the engine",
    "stream_proposed": "proposed to a dispatcher as perhaps the same as another",
    "stream_discarded": "discarded, with a reason",
    "stream_redirected": "told where to go",
    "stream_placed_share": "share whose place was found",
    "stream_dispatched_share": "share dispatched without a person, by the lists' words alone",
    "stream_s": "until the last of them was at rest, s, one worker",
    "stream_worker_ms": "worker's processor time for one of them, ms",
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
    "merge_precision": "of held-out pairs merged by themselves, the same matter",
    "merge_precision_choosing": "the same of the pairs on which thresholds were chosen",
    "merge_precision_proposed": "of held-out pairs merged or proposed, the same matter",
    "merge_recall": "held-out near-duplicates that merge by themselves, weighted",
    "merge_recall_proposed": "the same, merged or proposed",
    "merge_recall_unweighted": "the first, each read pair counting once",
    "merge_recall_proposed_unweighted": "the second, each read pair counting once",
    "merge_recall_all": "same matters in other words too that merge by themselves, weighted",
    "merge_recall_all_proposed": "the same, merged or proposed",
    "merge_pairs": "pairs that a person has read",
    "merge_pairs_held": "of which held out",
    "merge_merged_held": "of which merge by themselves",
    "merge_lookup_worker_ms": "the caller's processor time for one look-up, ms",
    "merge_found": "like pairs of the real stream that a look-up finds",
    "merge_sketch_ms": "the sketch of one real message, processor time, ms",
    **{
        f"merge_{name}_{size}": f"{told} among {among} remembered clues{unit}"
        for size, among in (("10k", "10,000"), ("100k", "100,000"), ("1m", "1,000,000"))
        for name, told, unit in (
            ("lookup_ms_p50", "half of the look-ups take at most this", ", ms"),
            ("lookup_ms_p99", "99 in 100 look-ups take at most this", ", ms"),
            ("remember_ms_p99", "99 in 100 clues are remembered in at most this", ", ms"),
            ("load_s", "copying in the difference and indexing it all,", ", s"),
        )
    },
    "merge_bytes_a_clue": "bytes that one remembered clue takes, indexes included",
    "watch_channels": "channels read each minute by one worker",
    "watch_readings": "readings seen",
    "watch_missed": "turns at which a channel was not read",
    "watch_cpu_share": "the worker's share of one core meanwhile",
    "watch_temporal_cpu_share": "the Temporal server's share of one core",
    "watch_postgres_cpu_share": "PostgreSQL's share of one core",
    "watch_lag_p50_s": "how late half of the readings are at most, s",
    "watch_lag_p99_s": "how late 99 in 100 of them are at most, s",
    "watch_rss_mb": "the worker's memory, MB",
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
