"""What a change may not do, and what may not be done to it: each a code; nothing has changed."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from juanchi.domain.duty_change.actions import DUTY_KINDS, parse_duty_action
from juanchi.domain.duty_change.change import OVER, DutyPhase, Origin, Proposal
from juanchi.domain.duty_change.fit import MOST_UNITS, misfits
from juanchi.domain.duty_change.machine import duty_rights
from juanchi.domain.duty_change.proposal import may_propose
from juanchi.domain.duty_change.rows import (
    AnyRow,
    EndHandling,
    EndItem,
    SetHandling,
    SetItem,
    applied,
)
from juanchi.domain.lists import Handling, Region, RegionLevel, Unit
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.terms import Role
from tests.domain.duty_people import (
    OF_CHANGES,
    SUPERVISOR,
    TODAY,
    Change,
    add,
    approved,
    before_approval,
    before_opinion,
    end,
    in_days,
    lamp_at_harbour,
    replace,
)
from tests.pure import actor, tinytown

PACK = tinytown().pack


def wide() -> Code:
    """A row that concerns more units than one change may."""
    streets = tuple(
        Region(code=f"s{n}", parent="north", level=RegionLevel.STREET, name=f"Street {n}")
        for n in range(MOST_UNITS + 1)
    )
    units = tuple(
        Unit(code=f"w-{street.code}", name=street.name, role="warden", region=street.code)
        for street in streets
    )
    pack = PACK.model_copy(
        update={"regions": (*PACK.regions, *streets), "units": (*PACK.units, *units)}
    )
    return misfits(pack, [replace("fly-tip", "*", "@warden")], TODAY)[0].code


def gone() -> Code:
    """No such change: said by the client, who finds nothing in the ledger."""
    return Code.NO_SUCH_CHANGE


SAYS: dict[Code, Callable[[], Code]] = {
    Code.CHANGE_OVER: lambda: (
        before_approval()
        .does("approver", "reject", reason="no")
        .refuses("approver", "postpone", until=in_days(3), reason="x")
    ),
    Code.NOT_NOW: lambda: lamp_at_harbour().refuses("staffing", "opinion", verdict="support"),
    Code.NOT_ASKED: lambda: lamp_at_harbour().refuses("rescue", "answer", stance="agree"),
    Code.ANSWERED_ALREADY: lambda: (
        lamp_at_harbour()
        .does("bins", "answer", stance="agree")
        .refuses("bins", "answer", stance="object", reason="no")
    ),
    Code.ASKED_ALREADY: lambda: lamp_at_harbour().refuses("staffing", "consult", units=["bins"]),
    Code.NO_AMENDMENT: lambda: before_approval().refuses(
        "approver", "approve", in_force_on=in_days(3), as_amended=True
    ),
    Code.NOT_CONSULTED: lambda: before_approval().refuses(
        "approver", "approve", in_force_on=in_days(3), rows=[add("lamp", "harbour", "rescue")]
    ),
    Code.DATE_PAST: lambda: before_approval().refuses(
        "approver", "approve", in_force_on=in_days(-1)
    ),
    Code.TOO_LONG: lambda: before_approval().refuses(
        "approver", "approve", in_force_on=in_days(800)
    ),
    Code.DATE_NOT_LATER: lambda: approved(7).refuses(
        "approver", "postpone", until=in_days(6), reason="x"
    ),
    Code.POSTPONED_ENOUGH: lambda: (
        approved(7)
        .does("approver", "postpone", until=in_days(8), reason="x")
        .does("approver", "postpone", until=in_days(9), reason="x")
        .does("approver", "postpone", until=in_days(10), reason="x")
        .refuses("approver", "postpone", until=in_days(11), reason="x")
    ),
    Code.MISSING_REASON: lambda: lamp_at_harbour().refuses("bins", "answer", stance="object"),
    Code.UNKNOWN_UNIT: lambda: lamp_at_harbour().refuses("staffing", "consult", units=["ufo"]),
    Code.WRONG_ROLE: lambda: before_approval().refuses(
        "supervisor", "approve", in_force_on=in_days(3)
    ),
    Code.TIME_IN_FUTURE: lambda: lamp_at_harbour().refuses(
        "bins", "answer", stance="agree", at=lamp_at_harbour().now + timedelta(days=1)
    ),
    Code.STALE_VERSION: lambda: lamp_at_harbour().refuses(
        "bins", "answer", stance="agree", expected_version=1
    ),
    Code.TOO_MANY_UNITS: wide,
    Code.NO_SUCH_CHANGE: gone,
}


@pytest.mark.parametrize("code", SAYS)
def test_what_may_not_be_done_to_a_change(code: Code) -> None:
    assert SAYS[code]() is code


ITEM, HANDLING = PACK.items[0], PACK.handlings[0]

ROWS: list[tuple[Code, Sequence[AnyRow]]] = [
    (Code.EMPTY_CHANGE, []),
    (Code.ROW_TWICE, [add("lamp", "mill", "bins"), add("lamp", "mill", "rescue")]),
    (Code.ROW_SAME, [replace("lamp", "*", "@roads", basis="Roads Act s.9")]),
    (Code.ROW_SAME, [SetItem(item=ITEM)]),
    (Code.ROW_SAME, [SetHandling(handling=HANDLING)]),
    (Code.ROW_OVERLAPS, [add("fly-tip", "harbour", "bins")]),
    (Code.NO_SUCH_ROW, [replace("lamp", "harbour", "bins")]),
    (Code.NO_SUCH_ROW, [end("lamp", "harbour")]),
    (Code.NO_SUCH_ROW, [EndHandling(unit="bins", item="lamp")]),
    (Code.STREET_WITHOUT_BASIS, [add("lamp", "harbour", "warden-harbour", basis=" ")]),
    (Code.STREET_WITHOUT_BASIS, [add("lamp", "south", "@warden", basis="")]),
    (Code.UNKNOWN_UNIT, [add("lamp", "harbour", "ufo")]),
    (Code.UNKNOWN_UNIT, [add("lamp", "harbour", "bins", assisting=("@ufo",))]),
    (Code.UNKNOWN_UNIT, [SetHandling(handling=Handling(unit="@ufo", item="lamp"))]),
    (Code.UNKNOWN_ITEM, [add("ufo", "harbour", "bins")]),
    (Code.UNKNOWN_ITEM, [EndItem(item="ufo")]),
    (Code.UNKNOWN_REGION, [add("lamp", "atlantis", "bins")]),
    (Code.DATE_PAST, [add("lamp", "harbour", "bins", valid_to=in_days(-1))]),
]


@pytest.mark.parametrize(("code", "rows"), ROWS)
def test_what_a_change_may_not_do(code: Code, rows: Sequence[AnyRow]) -> None:
    assert code in {misfit.code for misfit in misfits(PACK, rows, TODAY)}


def test_every_code_of_changes_is_met_here() -> None:
    assert set(SAYS) | {code for code, _ in ROWS} >= OF_CHANGES


def test_a_street_with_a_basis_may_lead() -> None:
    assert not misfits(PACK, [add("lamp", "harbour", "warden-harbour")], TODAY)


def test_an_overlap_later_on_is_one_too() -> None:
    later = applied(PACK, [add("lamp", "harbour", "bins")], in_days(30))
    row = add("lamp", "harbour", "rescue")
    assert [one.code for one in misfits(later, [row], TODAY)] == [Code.ROW_OVERLAPS]
    until = row.model_copy(update={"valid_to": in_days(29)})
    assert not misfits(later, [until], TODAY)


def test_a_new_item_and_its_rows_come_in_one_change() -> None:
    item = ITEM.model_copy(update={"code": "bench-broken", "name": "Broken bench"})
    terms = Handling(unit="bins", item="bench-broken")
    duty = add("bench-broken", "*", "bins")
    rows: list[AnyRow] = [duty, SetHandling(handling=terms), SetItem(item=item)]
    assert not misfits(PACK, rows, TODAY)
    after = applied(PACK, rows, TODAY)
    assert after.items[-1] == item
    assert after.handlings[-1] == terms
    gone_again = applied(after, [EndItem(item="bench-broken")], in_days(1))
    assert gone_again.items == PACK.items
    assert gone_again.duties == PACK.duties
    assert gone_again.handlings == PACK.handlings


def test_a_row_that_was_never_in_force_leaves_no_trace() -> None:
    today = applied(PACK, [add("lamp", "harbour", "bins")], TODAY)
    again = applied(today, [replace("lamp", "harbour", "rescue")], TODAY)
    rows = [duty for duty in again.duties if (duty.item, duty.region) == ("lamp", "harbour")]
    assert [(row.lead, row.valid_from, row.valid_to) for row in rows] == [("rescue", TODAY, None)]


@pytest.mark.parametrize("role", Role)
def test_who_may_propose(role: Role) -> None:
    if role in (Role.ARBITER, Role.DISPATCHER, Role.SUPERVISOR, Role.SYSTEM):
        may_propose(actor(role))
        return
    with pytest.raises(Refused) as told:
        may_propose(actor(role))
    assert told.value.code is Code.WRONG_ROLE


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ([], Code.BAD_INPUT),
        ({"kind": "sign"}, Code.UNKNOWN_ACTION),
        ({"kind": "approve", "id": "1"}, Code.BAD_INPUT),
        ({"kind": "opinion", "rows": [{"kind": "add_duty", "item": "a b"}]}, Code.BAD_INPUT),
    ],
)
def test_what_cannot_be_read(data: Any, code: Code) -> None:
    with pytest.raises(Refused) as told:
        parse_duty_action(data)
    assert told.value.code is code


def test_a_row_that_contradicts_itself_cannot_be_written() -> None:
    for wrong in ({"assisting": ("bins",)}, {"mandatory": ("roads",)}):
        with pytest.raises(ValueError, match="assist"):
            add("lamp", "harbour", "bins", **wrong)


def test_nothing_can_be_done_to_what_is_over() -> None:
    rights = duty_rights()
    assert set(rights) == set(DUTY_KINDS.values())
    for guarded in rights.values():
        assert not guarded.phases & OVER
        assert DutyPhase.ENTERING not in guarded.phases


def test_a_proposal_says_where_it_comes_from() -> None:
    proposal = Proposal(rows=(end("lamp"),), reason="x", by=SUPERVISOR)
    assert proposal.origin is Origin.HAND
    assert Change(end("lamp")).change.proposal.reason == "a gap"
    assert before_opinion().refuses("unit", "answer", stance="agree") is Code.NOT_ASKED
