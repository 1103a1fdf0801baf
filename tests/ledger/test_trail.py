"""What the audit finds on the way through a journal: each life here is sound but for one thing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest

from juanchi.domain.actor import ENGINE, Actor
from juanchi.domain.clocks import Moved, Planned, Rang
from juanchi.domain.deadlines import Deadline
from juanchi.domain.events import Entry
from juanchi.domain.messages import Event
from juanchi.domain.planning import Planner
from juanchi.domain.plans import PlanWhy
from juanchi.domain.rungs import OrderSpec, RungSpec
from juanchi.domain.terms import RungKind
from juanchi.ledger.trail import live
from tests.walk import CALENDAR, DIRECTORY, PATHS, POLICY, Walked, walk


def problems(life: Walked, entries: Iterable[Entry] | None = None) -> list[str]:
    """What the trail says of a life, or of other entries in its place."""
    return live(life.ticket.id, list(entries or life.entries)).problems


def without(life: Walked, *seqs: int) -> list[Entry]:
    """The journal as if some events had never been written."""
    kept = [entry for entry in life.entries if entry.seq not in seqs]
    return [entry.model_copy(update={"seq": seq}) for seq, entry in enumerate(kept, start=1)]


def changed(life: Walked, kind: str, **changes: Any) -> list[Entry]:
    """The journal with the last event of a kind changed."""
    last = max(entry.seq for entry in life.entries if entry.event.kind == kind)
    return [
        entry.model_copy(update={"event": entry.event.model_copy(update=changes)})
        if entry.seq == last
        else entry
        for entry in life.entries
    ]


def replanned(life: Walked, change: Callable[[Deadline], dict[str, Any]]) -> list[Entry]:
    """The journal with the handling deadline of its last plan changed."""
    planned = next(e.event for e in reversed(life.entries) if isinstance(e.event, Planned))
    deadlines = tuple(
        one.model_copy(update=change(one)) if one.key == "handle" else one
        for one in planned.deadlines
    )
    return changed(life, "planned", deadlines=deadlines)


def rang(life: Walked, key: str, nth: int | None = None, **changes: Any) -> Rang:
    """The next ring of a clock, at its time; or the ring of its ``nth`` rung."""
    deadline = life.ticket.deadlines[key]
    rung = deadline.rungs[deadline.fired if nth is None else nth]
    facts = {"clock": deadline.clock, "subject": deadline.subject, "rung": rung.kind}
    return Rang.model_validate({"at": rung.at, "by": ENGINE, "due": rung.at, **facts, **changes})


def then(path: str | tuple[str, ...], make: Callable[[Walked], Event]) -> list[str]:
    """What is said of a life to which one more thing has happened, nobody knows how."""
    life = walk(path)
    life.take([make(life)])
    return problems(life)


@pytest.mark.parametrize("path", PATHS)
def test_every_life_is_sound(path: str) -> None:
    assert problems(walk(path)) == []


def test_a_clock_of_a_unit_is_told_from_another() -> None:
    helped = ("verify", "sign", "add_assisting")
    assert then(helped, lambda life: rang(life, "assist:police")) == []
    assert then(helped, lambda life: rang(life, "assist:police", subject="parks")) == [
        "entry 12: reminder on assist:parks tells of another due time"
    ]


def test_a_rung_that_rings_again() -> None:
    assert then("overdue", lambda life: rang(life, "handle", 1)) == [
        "entry 14: overdue rang on handle, next was escalated"
    ]


def test_a_rung_that_was_passed_over() -> None:
    assert then("handling", lambda life: rang(life, "handle", 1)) == [
        "entry 11: overdue rang on handle, next was reminder"
    ]
    missed = {"missed": (RungKind.REMINDER,)}
    assert then("handling", lambda life: rang(life, "handle", 1, **missed)) == []


def test_a_clock_that_stands_still_does_not_ring() -> None:
    assert then("on_hold", lambda life: rang(life, "handle")) == [
        "entry 14: reminder rang on handle, which stands still"
    ]


def test_a_due_time_that_is_being_moved_does_not_ring() -> None:
    life = walk("extended")
    entries = without(life, 13)  # the plan of the extension
    ringing = rang(walk("extending"), "handle")
    entries.append(entries[-1].model_copy(update={"seq": 13, "event": ringing}))
    assert problems(life, entries) == [
        "entry 13: reminder rang on handle, whose due time was just being moved"
    ]


def test_a_move_that_nobody_asked_for() -> None:
    def move(life: Walked) -> Planned:
        handle = life.ticket.deadlines["handle"]
        later = handle.model_copy(update={"due": handle.due + timedelta(days=1)})
        moved = Moved(clock=handle.clock, was=handle.due, why=PlanWhy.EXTENDED)
        return Planned(at=life.now, by=ENGINE, deadlines=(later,), moved=(moved,))

    assert then("handling", move) == ["entry 11: handle was planned, but nothing asked for it"]


def test_a_move_that_is_not_told_or_told_wrongly() -> None:
    life = walk("extended")
    (moved,) = life.entries[-1].event.moved  # type: ignore[union-attr]
    assert problems(life, changed(life, "planned", moved=())) == [
        "entry 13: handle moved and nothing tells of it"
    ]
    for wrong in ({"was": moved.was + timedelta(1)}, {"why": PlanWhy.RAISED}):
        told = changed(life, "planned", moved=(moved.model_copy(update=wrong),))
        assert problems(life, told) == ["entry 13: handle moved, and how is told wrongly"]


def test_the_original_due_time_stays() -> None:
    life = walk(("verify", "sign", "request_extension", "grant_extension", "replan"))
    later = replanned(life, lambda one: {"original_due": one.due + timedelta(days=3)})
    assert problems(life, later) == [
        "entry 15: handle was planned anew and lost its original due time"
    ]


def test_planned_anew_it_knows_what_has_rung() -> None:
    life = walk("replanned")
    assert life.ticket.deadlines["handle"].fired == 1
    assert problems(life, replanned(life, lambda _: {"fired": 0})) == [
        "entry 13: handle was planned anew and forgot what has rung"
    ]
    life = walk("unsigned")
    assert problems(life, replanned(life, lambda _: {"fired": 1})) == [
        "entry 8: handle begins with rungs that have rung"
    ]


def test_a_card_without_its_order() -> None:
    life = walk("carded")
    assert set(problems(life, without(life, 18))) == {
        "entry 18: yellow_card rang, but its order does not follow",
        "entry 18: order was planned, but nothing asked for it",
    }
    assert problems(life, life.entries[:17]) == [
        "entry 17: yellow_card rang, its order was never given"
    ]
    assert problems(life, changed(life, "order_issued", level=RungKind.RED_CARD)) == [
        "entry 18: yellow_card rang, but its order does not follow"
    ]


def test_a_card_that_comes_before_any_unit_brings_no_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    card = RungSpec(kind=RungKind.RED_CARD, at="due", order=OrderSpec(leader="centre/mayor"))
    strict = POLICY.model_copy(update={"rungs": {**POLICY.rungs, "verify": (card,)}})
    planner = Planner(DIRECTORY, "centre", lambda _: (strict, CALENDAR))
    monkeypatch.setattr("tests.walk.PLANNER", planner)
    life = walk(("wait", "verify", "sign"))
    assert [e.event.kind for e in life.entries[4:6]] == ["rang", "planned"]
    assert problems(life) == []


def test_an_order_that_no_card_has_brought() -> None:
    def again(life: Walked) -> Event:
        (issued,) = (e.event for e in life.entries if e.event.kind == "order_issued")
        return issued.model_copy(update={"number": "WA-2"})

    assert then("released", again) == ["entry 23: an order (yellow_card) that no rung has brought"]


def test_an_order_number_is_given_once() -> None:
    life = walk("released")
    life.act("order")
    (number,) = (order.number for order in life.ticket.orders if not order.open)
    assert problems(life, changed(life, "order_issued", number=number)) == [
        f"entry 23: the number {number} was given to another order"
    ]


def test_a_ruled_unit_that_returns() -> None:
    life = walk("ruled")
    asked = next(e.event for e in life.entries if e.event.kind == "return_requested")
    life.take([asked])
    assert problems(life) == ["entry 24: parks asked to return what a ruling has given to it"]


@pytest.mark.parametrize("kind", ["reviewed", "rated"])
def test_a_handler_that_checks_its_own_work(kind: str) -> None:
    life = walk("closed")
    own = next(e.event.by for e in life.entries if e.event.kind == "signed")
    seq = next(e.seq for e in life.entries if e.event.kind == kind)
    assert problems(life, changed(life, kind, by=own)) == [
        f"entry {seq}: works handled it and checked it too"
    ]
    other = Actor(role=own.role, unit="centre")
    assert problems(life, changed(life, kind, by=other)) == []


def test_a_reply_without_proof_or_before_its_time() -> None:
    life = walk("review")
    assert problems(life, changed(life, "replied", evidence=())) == [
        "entry 10: it was replied solved without the evidence that is wanted"
    ]
    helped = walk(("verify", "sign", "add_assisting", "assist_reply", "reply"))
    early = without(helped, 12)
    assert problems(helped, early) == ["entry 12: it was replied while a mandatory task was open"]


def test_silence_that_is_taken_for_praise() -> None:
    life = walk(("verify", "sign", "reply", "review", "call"))
    assert problems(life, changed(life, "closed", rated=True)) == [
        "entry 15: it was closed as rated, but nobody rated"
    ]
