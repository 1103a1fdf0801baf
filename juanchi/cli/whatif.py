"""``whatif``: a period's tickets lived again under another policy, before anybody decides on it.

Under other lists, or another threshold, they are routed again: that is in ``whatif_lists``.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import typer
from rich.table import Table
from rich.text import Text

from juanchi.cli.display import err, line, out, safe
from juanchi.cli.display import lang as language
from juanchi.cli.figures import json_line, percent
from juanchi.cli.measuring import AsJson, PeriodText, m, period_asked
from juanchi.cli.packing import print_problems
from juanchi.cli.rerouted import r
from juanchi.cli.session import open_ledger, refuse, run, teller
from juanchi.cli.whatif_lists import (
    Batch,
    Groups,
    Lists,
    On,
    Others,
    Threshold,
    Told,
    whatif_lists,
)
from juanchi.domain.kept_plans import unchanged
from juanchi.domain.lists import Pack
from juanchi.domain.metrics.period import Period
from juanchi.domain.planning import Planner
from juanchi.domain.policy import Policy
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.terms import RungKind
from juanchi.domain.whatif import Course, Outcome, WhatIf
from juanchi.intake.tools import Tools
from juanchi.ledger.city import current_pack
from juanchi.ledger.errors import JournalDamaged
from juanchi.ledger.journal import Life
from juanchi.ledger.measuring import received
from juanchi.packs import PackErrors, Problem
from juanchi.packs.single import examine_policy_file
from juanchi.runtime.settings import Settings
from juanchi.words import named, say
from juanchi.words.telling import Teller

_UNTOLD: Final = (RungKind.ELAPSED,)
"""Rungs that press nobody."""


def w(key: str, **facts: object) -> str:
    """Words of what-if."""
    return say(f"whatif.{key}", language(), **facts)


@dataclass
class Sum:
    """Courses added up."""

    tickets: int = 0
    overdue: int = 0
    replies: int = 0
    on_time: int = 0
    on_time_first: int = 0
    rungs: Counter[RungKind] = field(default_factory=Counter)
    orders: Counter[RungKind] = field(default_factory=Counter)

    def add(self, course: Course) -> None:
        """One more ticket."""
        self.tickets += 1
        self.overdue += course.overdue
        self.replies += len(course.on_time)
        self.on_time += sum(course.on_time)
        self.on_time_first += sum(map(bool, course.on_time_first))
        for (_, kind), times in course.rungs.items():
            self.rungs[kind] += times
        self.orders.update(course.orders)


class Moved(NamedTuple):
    """A ticket that would have been overdue, or would no longer be."""

    ticket_id: str
    number: str | None
    unit: str | None
    overdue_before: bool
    overdue_after: bool


def whatif(
    *,
    policy: Annotated[Path | None, typer.Option(help=w("help.policy"))] = None,
    lists: Lists = None,
    batch: Batch = None,
    threshold: Threshold = None,
    on: On = None,
    by: Groups = None,
    period: PeriodText = None,
    tickets: Annotated[bool, typer.Option("--tickets", help=w("help.tickets"))] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help=w("help.limit"))] = 50,
    as_json: AsJson = False,
) -> None:
    others = Others(lists, batch, threshold, on)
    if policy is None:
        whatif_lists(others, Told(period, by, tickets, limit, as_json))
    elif by is not None or any(one is not None for one in others):
        refuse(Refused(Code.BAD_INPUT, where="--policy", problem=r("policy_alone")))
    else:
        _whatif_policy(policy, period, tickets=tickets, limit=limit, as_json=as_json)


def _whatif_policy(
    policy: Path, period: str | None, *, tickets: bool, limit: int, as_json: bool
) -> None:
    async def work(settings: Settings) -> None:
        async with open_ledger(settings) as engine:
            pack, version = await current_pack(engine)
            tells = teller(pack)
            asked = period_asked(period, tells)
            wanted, warnings = _policy(policy, pack)
            found = Found(limit if tickets and not as_json else 0)
            what_if = _what_if(pack, version, wanted)
            # Closed also when a journal cannot be read, or nobody reads what is told.
            async with aclosing(received(engine, asked)) as pages:
                with err().status(w("reading")):
                    async for lives in pages:
                        for life in lives:
                            moved = found.take(_lived(life, what_if))
                            if moved and tickets and as_json:
                                typer.echo(json_line(moved._asdict()))
        if as_json:
            typer.echo(json_line({"before": _plain(found.before), "after": _plain(found.after)}))
            return
        print_problems(warnings)
        _show(asked, wanted, found, tells)
        if tickets and found.before.tickets:
            _show_moved(found, tells)

    run(work)


class Found:
    """All tickets added up, and the first of those that moved."""

    def __init__(self, most: int) -> None:
        self.before, self.after = Sum(), Sum()
        self.moved = 0
        self.shown: list[Moved] = []
        self._most = most

    def take(self, outcome: Outcome) -> Moved | None:
        """Add one more; what is returned has moved."""
        self.before.add(outcome.before)
        self.after.add(outcome.after)
        moved = _moved(outcome)
        if moved is not None:
            self.moved += 1
            if len(self.shown) < self._most:
                self.shown.append(moved)
        return moved


def _moved(outcome: Outcome) -> Moved | None:
    before, after = outcome.before.overdue, outcome.after.overdue
    if before == after:
        return None
    return Moved(outcome.ticket_id, outcome.number, outcome.lead, before, after)


def _policy(path: Path, pack: Pack) -> tuple[Policy, Sequence[Problem]]:
    """The policy in a file, and warnings. Raises ``PackErrors`` when it has errors."""
    found, problems = examine_policy_file(path, pack)
    if found is None:
        raise PackErrors(str(path), problems)
    return found, problems


def _what_if(pack: Pack, version: str, policy: Policy) -> WhatIf:
    """Everything planned by this one policy, whenever it began."""
    tools = Tools(pack, version)
    book = policy, tools.calendar(policy)
    planner = Planner(tools.directory, pack.centre, lambda _: book)
    return WhatIf(planner, unchanged((pack.policy, *pack.policies), policy))


def _lived(life: Life, what_if: WhatIf) -> Outcome:
    entries = life.entries()
    try:
        return what_if.live(entries, datetime.now(UTC))
    except (ValueError, LookupError) as error:
        raise JournalDamaged(life.ticket_id, f"it cannot be lived again: {error!r}") from error


def _show(period: Period, policy: Policy, found: Found, tells: Teller) -> None:
    name = f"{policy.code}@{policy.version}"
    line(w("title", first=period.first, last=period.last, policy=name), "dim")
    if not found.before.tickets:
        line(w("nothing"), "dim")
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    table.add_column(w("column.what"))
    for column in ("before", "after", "change"):
        table.add_column(w(f"column.{column}"), justify="right", no_wrap=True)
    for label, was, now, of in _rows(found.before, found.after, tells):
        change = f"{now - was:+,}" if now != was else "–"
        table.add_row(label, _number(was, of), _number(now, of), change)
    out().print(table)


def _rows(before: Sum, after: Sum, tells: Teller) -> Iterator[tuple[str, int, int, int | None]]:
    """What is counted, how many before and after, and of how many if that is a share."""
    replies = before.replies
    yield w("row.tickets"), before.tickets, after.tickets, None
    yield w("row.overdue"), before.overdue, after.overdue, before.tickets
    yield w("row.on_time"), before.on_time, after.on_time, replies
    yield w("row.on_time_first"), before.on_time_first, after.on_time_first, replies
    for kind in RungKind:
        if kind not in _UNTOLD and (before.rungs[kind] or after.rungs[kind]):
            label = w("row.rung", rung=named("rung", kind, tells.lang))
            yield label, before.rungs[kind], after.rungs[kind], None
    for kind in RungKind:
        if before.orders[kind] or after.orders[kind]:
            label = w("row.order", level=named("rung", kind, tells.lang))
            yield label, before.orders[kind], after.orders[kind], None


def _number(n: int, of: int | None) -> str:
    if of is None:
        return f"{n:,}"
    return f"{percent(n / of)}  {n:,}/{of:,}" if of else f"–  {n:,}/{of:,}"


def _show_moved(found: Found, tells: Teller) -> None:
    if not found.moved:
        line(w("no_change"), "dim")
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    for column in ("number", "unit", "before", "after"):
        table.add_column(w(f"column.{column}"), overflow="fold")
    for one in found.shown:
        table.add_row(
            Text(safe(one.number or one.ticket_id), style="bold" if one.number else "dim"),
            safe(tells.names.unit(one.unit)),
            *(w("overdue" if late else "in_time") for late in one[-2:]),
        )
    out().print()
    out().print(table)
    if found.moved > len(found.shown):
        line(m("more", n=f"{found.moved - len(found.shown):,}"), "dim")


def _plain(total: Sum) -> Mapping[str, object]:
    """A sum for programs."""
    return {
        **asdict(total),
        "rungs": {kind.value: total.rungs[kind] for kind in RungKind},
        "orders": {kind.value: total.orders[kind] for kind in RungKind},
    }
