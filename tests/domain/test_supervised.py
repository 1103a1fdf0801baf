"""Why a ticket comes under supervision: reworks, voices, recurrence; each reason once."""

from datetime import timedelta

import pytest

from juanchi.domain.clocks import Plan, PlanResult
from juanchi.domain.messages import Result, Step
from juanchi.domain.overlays import Recurrence, Strength
from juanchi.domain.recurrence import RecurrenceSeen
from juanchi.domain.supervised import OrderIssued, Supervised
from juanchi.domain.terms import RungKind, Trigger
from juanchi.domain.ticket import Phase
from tests.domain.people import Life, alive, handling, unsigned
from tests.pure import MONDAY


def sent_back(life: Life) -> list[str]:
    life.goes_on(Phase.REVIEW)
    return life.does("checker", "review", accepted=False, note="still there")


def reopened(life: Life) -> list[str]:
    life.goes_on(Phase.CLOSED)
    return life.does("reporter", "reopen", reason="broken again")


def rechecked(life: Life) -> list[str]:
    while life.ticket.phase is not Phase.RECHECK:
        life.goes_on(Phase.REVIEW)
        life.does("checker", "review")
    proof = [{"kind": "site_after", "ref": "file:1", "at": life.now}]
    return life.does("checker", "recheck", fixed=False, evidence=proof)


def test_three_reworks_are_reported() -> None:
    life = handling()
    for _ in range(2):
        assert "supervised" not in sent_back(life)
    happened = sent_back(life)
    assert happened[:3] == ["sent_back", "supervised", "order_issued"]
    order = life.last(OrderIssued)
    assert (order.level, order.trigger) == (RungKind.REPORTED, Trigger.REWORKS)
    assert order.leader == "town-desk/mayor"
    assert "supervised" not in sent_back(life), "once is enough"


def test_work_reopened_by_the_reporter_is_rework_too() -> None:
    life = handling()
    sent_back(life)
    reopened(life)
    assert Trigger.REWORKS not in life.ticket.supervised
    assert "supervised" in reopened(life)
    assert life.ticket.reworks == 3


def test_so_is_what_was_not_fixed_on_site() -> None:
    life = handling(reporter=None)
    happened = [rechecked(life) for _ in range(3)]
    assert "supervised" in happened[2]


def test_so_many_voices_make_it_a_repeated_matter() -> None:
    life = unsigned()
    life.does("system", "absorb", voice="ticket/web/1")
    assert Trigger.REPEATED not in life.ticket.supervised
    assert "supervised" in life.does("system", "absorb", voice="ticket/web/2")
    assert "supervised" not in life.does("system", "absorb", voice="ticket/web/3")
    assert life.ticket.voices == ("ticket/web/1", "ticket/web/2", "ticket/web/3")


def test_voices_that_came_before_it_was_dispatched_count_then() -> None:
    life = alive()
    for number in range(3):
        life.does("system", "absorb", voice=f"ticket/web/{number}")
    assert not life.all(Supervised)
    happened = life.does("street_team", "verify")
    assert happened[-3:] == ["supervised", "order_issued", "planned"]
    assert life.last(OrderIssued).unit == "roads"


class Remembers(Life):
    """A life in a town that remembers an earlier ticket of the same place and item."""

    before: tuple[Recurrence, ...] = ()

    def _perform(self, step: Step) -> Result:
        result = super()._perform(step)
        if isinstance(step, Plan) and isinstance(result, PlanResult) and result.terms:
            return result.model_copy(update={"recurs": self.before})
        return result


@pytest.mark.parametrize("strength", Strength)
def test_the_same_place_and_item_again_says_so(strength: Strength) -> None:
    earlier = Recurrence(
        ticket_id="ticket/web/old", closed_at=MONDAY - timedelta(days=2), strength=strength
    )
    life = Remembers()
    life.before = (earlier,)
    life.goes_on(Phase.UNSIGNED)
    seen = life.last(RecurrenceSeen)
    assert (seen.of, seen.strength) == ("ticket/web/old", strength)
    assert life.ticket.recurs == (earlier,)
    assert Trigger.REPEATED in life.ticket.supervised
    assert life.last(OrderIssued).trigger is Trigger.REPEATED


def test_each_recurrence_is_told_once() -> None:
    """Another unit gets the ticket, and the town remembers again."""
    life = Remembers()
    life.before = (
        Recurrence(ticket_id="ticket/web/old", closed_at=MONDAY, strength=Strength.STRONG),
    )
    life.goes_on(Phase.UNSIGNED)
    life.does("lead", "request_return", to="bins")
    life.does("dispatcher", "answer_return", agreed=True)
    assert len(life.all(RecurrenceSeen)) == 1
    assert len(life.all(Supervised)) == 1


def test_without_an_earlier_ticket_nothing_recurs() -> None:
    assert not unsigned().all(RecurrenceSeen)
