"""What a batch of lists changes and what is wrong with a clerk's file, printed."""

from collections.abc import Sequence

from juanchi.cli.display import lang as language
from juanchi.cli.display import line, out
from juanchi.cli.list_options import w
from juanchi.cli.list_tables import changes_table, count_changes
from juanchi.cli.session import REFUSED, teller
from juanchi.domain.list_changes import EDITED, RowChange, compare
from juanchi.domain.lists import Pack
from juanchi.ledger.list_batches import Proposed
from juanchi.ledger.orphans import would_orphan
from juanchi.packs import Problem
from juanchi.sheets import placed

MOST_PROBLEMS = 50
MOST_ROWS = 200


def print_proposed(proposed: Proposed, *, allow_orphans: bool) -> int:
    """What a batch changes or would change; fails when it would be refused."""
    changes = compare(proposed.before.pack, proposed.after, EDITED)
    print_changes(changes, proposed.after)
    if not changes:
        line(w("same", version=proposed.before.version), "green")
        return 0
    line(w("open_stay", n=proposed.dispatched))
    loaded, orphans = proposed.loaded, proposed.orphans
    if orphans.tickets:
        line(w("refused.would_orphan", **would_orphan(orphans).facts), "yellow")
    if loaded is not None:
        line(w("in_force", version=loaded.version, batch=loaded.batch), "bold green")
        return 0
    if orphans.tickets and not allow_orphans:
        return REFUSED
    line(w("dry_run"), "bold")
    return 0


def print_changes(changes: Sequence[RowChange], pack: Pack) -> None:
    """Row by row what differs, and how many rows."""
    if not changes:
        return
    tells = teller(pack)
    out().print(changes_table(changes[:MOST_ROWS], tells))
    if len(changes) > MOST_ROWS:
        line(w("more_rows", n=len(changes) - MOST_ROWS), "dim")
    line(count_changes(changes, tells))


def print_problems(problems: Sequence[Problem]) -> None:
    """What is wrong with a file, in the clerk's language: errors first."""
    for problem in problems[:MOST_PROBLEMS]:
        line(placed(problem, language()), "yellow" if problem.warning else "red")
    if len(problems) > MOST_PROBLEMS:
        line(w("more_problems", n=len(problems) - MOST_PROBLEMS), "dim")
