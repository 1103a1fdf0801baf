"""What a ticket's rows say: since when each task is owed, and what has rung."""

from __future__ import annotations

from datetime import datetime

import pytest

from juanchi.domain.planning import Planner
from juanchi.domain.rungs import OrderSpec, RungSpec
from juanchi.domain.terms import RungKind
from juanchi.ledger.rows import task_rows, ticket_row
from tests.walk import CALENDAR, DIRECTORY, HELD, POLICY, START, Walked, walk


def happened(life: Walked, kind: str) -> datetime:
    """When something last happened."""
    return next(e.event.at for e in reversed(life.entries) if e.event.kind == kind)


@pytest.mark.parametrize(
    ("path", "task", "holder", "since"),
    [
        ("returning", "answer_return", "dispatcher", "return_requested"),
        ("extending", "answer_extension", "dispatcher", "extension_requested"),
        (HELD[:-1], "answer_hold", "dispatcher", "hold_requested"),
        ("arbitrated", "rule", "arbiter", "arbitration_opened"),
        ("appealed", "rule", "arbiter", "appeal_lodged"),
        ("carded", "feed_back", "works/head", "order_issued"),
        ("fed_back", "release_order", "supervisor", "order_fed_back"),
        ("handling", "reply", "works", "signed"),
        ("handling", "assist", "police", "dispatched"),
        ("whistled", "turn_up", "police", "whistled"),
        ("rating_appealed", "answer_rating_appeal", "checker", "rating_appealed"),
        ("watched", "press", "supervisor", "rang"),
    ],
)
def test_since_when_somebody_owes_a_task(
    path: str | tuple[str, ...], task: str, holder: str, since: str
) -> None:
    life = walk(path)
    (row,) = [r for r in task_rows(life.ticket) if (r["kind"], r["holder"]) == (task, holder)]
    assert row["since"] == happened(life, since)
    assert row["due"] is not None


@pytest.mark.parametrize("kind", ["yellow_card", "red_card", "raised", "reported", "escalated"])
def test_a_card_is_an_escalation(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    rung = RungSpec(kind=RungKind(kind), at="due", order=OrderSpec(leader="centre/mayor"))
    strict = POLICY.model_copy(update={"rungs": {**POLICY.rungs, "verify": (rung,)}})
    planner = Planner(DIRECTORY, "centre", lambda _: (strict, CALENDAR))
    monkeypatch.setattr("tests.walk.PLANNER", planner)
    before, after = (ticket_row(walk(path).ticket, START) for path in ((), ("wait",)))
    assert (before["overdue"], before["escalated"]) == (False, False)
    assert (after["overdue"], after["escalated"]) == (True, True)


@pytest.mark.parametrize(
    ("path", "column", "value"),
    [
        ("rating_appealed", "rating_void", False),
        ("rating_void", "rating_void", True),
        (HELD[:-1], "pending", ["hold"]),
        ("on_hold", "pending", []),
        ("on_hold", "on_hold", True),
        ("resumed", "on_hold", False),
        ("ruled", "disputed", False),
        ("appealed", "disputed", True),
        ("released", "level", None),
        ("review", "on_time_first", True),
        ("handling", "on_time_first", None),
    ],
)
def test_what_lies_over_a_ticket(path: str | tuple[str, ...], column: str, value: object) -> None:
    assert ticket_row(walk(path).ticket, START)[column] == value


def test_late_by_the_first_due_time_and_in_time_by_the_extended_one() -> None:
    life = walk(("verify", "sign", "request_extension", "grant_extension", "wait", "wait"))
    assert life.ticket.first_due is not None
    life.now = life.ticket.first_due
    life.act("reply")
    row = ticket_row(life.ticket, START)
    assert (row["on_time_first"], row["on_time"], row["extensions"]) == (False, True, 1)
