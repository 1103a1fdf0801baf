"""An open ticket is moved to the lists in force, and what the old unit had pending lapses."""

import pytest

from juanchi.domain.duty_change.rows import applied
from juanchi.domain.filing import Dispatched
from juanchi.domain.lists import Pack
from juanchi.domain.metrics.telling import told
from juanchi.domain.notices import NoticeKind
from juanchi.domain.refusal import Code
from juanchi.intake.tools import Tools
from tests.domain.duty_people import add, in_days
from tests.domain.people import Life, handling, unsigned

MOVED = {"reason": "the list says otherwise now"}


def lists_change(life: Life, lead: str = "bins", **more: object) -> None:
    """From today on somebody else leads where this ticket is."""
    pack: Pack = life.tools.pack
    row = add("road-hole", "mill", lead, assisting=("rescue",), mandatory=("rescue",))
    life.tools = Tools(applied(pack, [row], in_days(0)), "tinytown@2")


def test_it_goes_to_whom_the_lists_name_now() -> None:
    life = unsigned()
    assert life.refuses("dispatcher", "move_to_list", **MOVED) is Code.SAME_UNIT
    lists_change(life)
    before = len(life.notices)
    life.does("supervisor", "move_to_list", **MOVED)
    ticket = life.ticket
    assert (ticket.lead, ticket.assisting, ticket.lists_version) == (
        "bins",
        ("rescue",),
        "tinytown@2",
    )
    assert [one.mandatory for one in ticket.helpers] == [True]
    moved = [line.event for line in life.entries if isinstance(line.event, Dispatched)][-1]
    assert moved.reason == "duty road-hole at mill: Charter 3"
    assert ("roads", NoticeKind.TAKEN_AWAY) in [(n.to, n.kind) for n in life.notices[before:]]


def test_what_was_pending_lapses() -> None:
    life = handling()
    life.does("lead", "request_extension")
    life.does("supervisor", "order", leader="lead/head")
    lists_change(life)
    life.does("dispatcher", "move_to_list", **MOVED)
    kinds = [line.event.kind for line in life.entries][-5:]
    assert kinds == ["moved_to_list", "request_lapsed", "order_released", "dispatched", "planned"]
    assert life.ticket.extending is None


@pytest.mark.parametrize(
    ("who", "kind", "code"),
    [
        ("lead", "request_return", Code.REQUEST_PENDING),
        ("supervisor", "open_arbitration", Code.DISPUTE_OPEN),
    ],
)
def test_not_while_it_is_open_whose_it_is(who: str, kind: str, code: Code) -> None:
    life = unsigned()
    reason = {"reason": "whose?"} if kind == "open_arbitration" else {}
    life.does(who, kind, **reason)
    lists_change(life)
    assert life.refuses("dispatcher", "move_to_list", **MOVED) is code


def test_a_street_is_not_given_what_it_has_no_duty_for() -> None:
    pushed = {**MOVED, "lead": "warden-mill"}
    assert unsigned().refuses("dispatcher", "move_to_list", **pushed) is Code.NO_SUCH_DUTY
    unknown = {**MOVED, "lead": "ufo"}
    assert unsigned().refuses("dispatcher", "move_to_list", **unknown) is Code.UNKNOWN_UNIT


def test_a_list_that_changes_is_no_wrong_first_dispatch() -> None:
    life = unsigned()
    lists_change(life)
    life.does("dispatcher", "move_to_list", **MOVED)
    story = told([line.event for line in life.entries], life.now)
    assert [spell.moved for spell in story.spells] == [True, False]
