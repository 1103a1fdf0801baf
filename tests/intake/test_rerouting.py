"""Tickets routed again by other lists: hand-made lives, counted by hand."""

from datetime import UTC, date, datetime, timedelta

import pytest

from juanchi.domain.lists import Duty
from juanchi.domain.place import Place
from juanchi.domain.situation import CALM, Precedent, Situation
from juanchi.domain.ticket import Ticket
from juanchi.intake.rerouting import (
    Answer,
    Change,
    Rerouted,
    Rulings,
    Side,
    Sum,
    Version,
    reroute,
    story,
)
from juanchi.intake.routing import Router, Routing
from juanchi.intake.tools import Tools
from tests.handmade import HOLE, NOISE, UNSURE, Handmade, closed, shared_tools

MAY = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
AS_THEY_WERE = Version(shared_tools())


def with_row(lead: str, item: str = "road-hole", since: date = date(2025, 1, 1)) -> Tools:
    """Tinytown's lists with one more row, for Mill."""
    pack = shared_tools().pack
    row = Duty(item=item, region="mill", lead=lead, basis="Roads Act s.5", valid_from=since)
    return Tools(pack.model_copy(update={"duties": (*pack.duties, row)}), "tinytown@2")


BINS = Version(with_row("bins"))


def made(name: str, text: str = HOLE, **more: str) -> Handmade:
    return Handmade(name, text, now=MAY, **more)  # type: ignore[arg-type]


def passed_on() -> Handmade:
    life = made("passed").verified().returned().return_answered(agreed=True)
    return life.later(hours=1).signed()


def ruled(lead: str = "bins") -> Handmade:
    life = made("ruled").verified().returned().return_answered(agreed=False)
    return life.returned().return_answered(agreed=False).later(hours=3).ruled(lead)


def again(life: Handmade, after: Version = BINS, *rulings: Precedent) -> Rerouted | None:
    told = story(life.entries)
    assert told is not None
    return reroute(told, AS_THEY_WERE, after, Rulings(rulings))


def settled(life: Handmade, after: Version = BINS, *rulings: Precedent) -> Rerouted:
    found = again(life, after, *rulings)
    assert found is not None
    return found


def test_what_goes_elsewhere_is_newly_wrong_where_it_was_right() -> None:
    found = settled(closed(made("fine")))
    assert (found.first, found.right, found.item) == ("roads", "roads", "road-hole")
    assert found.before == Answer("road-hole", "roads", alone=True)
    assert found.after == Answer("road-hole", "bins", alone=True)
    assert found.change is Change.WRONG


@pytest.mark.parametrize("live", [passed_on, ruled])
def test_a_return_that_would_have_been_saved(live: type[Handmade]) -> None:
    found = settled(live())
    assert (found.first, found.right) == ("roads", "bins")
    assert found.change is Change.SAVED
    # Lists that name yet another unit save nothing.
    other = settled(live(), Version(with_row("rescue")))
    assert other.change is Change.ELSEWHERE


def test_a_wrongful_return_saves_nothing() -> None:
    life = made("wrongful").verified().returned().return_answered(agreed=False).signed()
    assert settled(life).change is Change.WRONG
    assert settled(ruled("roads")).change is Change.WRONG


def test_a_person_dispatched_right_what_the_lists_had_wrong() -> None:
    life = made("hand", UNSURE, channel="web").dispatched("rescue", "lamp")
    found = settled(life, Version(with_row("rescue", "lamp")))
    # In Mill nothing is: the clue names no place, so the row for Mill says nothing of it.
    assert found.before.unit == found.after.unit == "roads"
    assert not found.before.alone
    assert found.change is None
    placed = made("placed", f"{UNSURE} in Mill Parish", channel="web").dispatched("rescue", "lamp")
    assert settled(placed, Version(with_row("rescue", "lamp"))).change is Change.RIGHT


def test_who_is_right_may_not_be_known_yet() -> None:
    assert again(made("asked").verified().returned()) is None
    disputed = made("open").verified().returned().return_answered(agreed=False)
    assert again(disputed.returned().return_answered(agreed=False)) is None
    assert again(made("waits", UNSURE, channel="web")) is None


def test_what_was_never_filed_has_no_way() -> None:
    assert story(made("noise", NOISE).entries) is None
    with pytest.raises(ValueError, match="begins with its clue"):
        story(made("cut").entries[1:])
    with pytest.raises(ValueError, match="begins with its clue"):
        story([])


def test_the_ticket_is_taken_as_it_was_when_filed() -> None:
    told = story(closed(made("fine")).entries)
    assert told is not None
    assert told.filed.number is None
    assert told.filed.lead is None
    assert told.filed.place == Place(region="mill")
    assert told.at == MAY + timedelta(hours=1)


def test_rows_of_another_day() -> None:
    fine = closed(made("fine"))
    lists = with_row("bins", since=date(2027, 1, 1))
    assert settled(fine, Version(lists)).change is None
    as_of = datetime(2027, 1, 1, 12, tzinfo=UTC)
    assert settled(fine, Version(lists, as_of)).change is Change.WRONG


# ---------------------------------------------------------------- precedents


def precedent(name: str, lead: str, at: datetime, until: date | None = None) -> Precedent:
    return Precedent(ruling=name, item="road-hole", region="mill", lead=lead, since=at, until=until)


def test_rulings_count_from_when_they_were_given() -> None:
    fine = closed(made("fine"))
    before = precedent("R-1", "rescue", MAY - timedelta(days=9))
    after = precedent("R-2", "bins", MAY + timedelta(days=1))
    found = settled(fine, AS_THEY_WERE, before, after)
    assert found.before == found.after == Answer("road-hole", "rescue", alone=True)
    # A row since a later day than the ruling is the lists' own answer to it.
    newer = Version(with_row("bins", since=(MAY - timedelta(days=2)).date()))
    assert settled(fine, newer, before, after).after.unit == "bins"


def test_of_rulings_on_the_same_matter_the_newest_then() -> None:
    day = timedelta(days=1)
    first, second = precedent("R-1", "bins", MAY), precedent("R-2", "roads", MAY + day)
    interim = precedent("R-3", "rescue", MAY + 2 * day, until=(MAY + 4 * day).date())
    rulings = Rulings([interim, second, first])

    def at(days: int) -> list[str]:
        moment = MAY + days * day
        return [one.lead for one in rulings.at(moment, moment.date()).precedents]

    assert [at(n) for n in range(-1, 6)] == [
        [], ["bins"], ["roads"], ["rescue"], ["rescue"], ["rescue"], [],
    ]  # fmt: skip
    assert rulings.at(MAY - day, MAY.date()) == CALM


def test_an_interim_ruling_that_held_then_holds_for_lists_of_a_later_day() -> None:
    interim = precedent("R-1", "rescue", MAY, until=(MAY + timedelta(days=3)).date())
    later = Version(shared_tools(), MAY + timedelta(days=200))
    assert settled(closed(made("fine")), later, interim).after.unit == "rescue"


# ---------------------------------------------------------------- thresholds


class Probable(Router):
    """The router, with a probability for each candidate."""

    probability = 0.9

    def route(self, ticket: Ticket, now: datetime, situation: Situation = CALM) -> Routing:
        found = super().route(ticket, now, situation)
        update = {"probability": self.probability}
        candidates = tuple(one.model_copy(update=update) for one in found.candidates)
        return found._replace(candidates=candidates)


def probable() -> Tools:
    tools = Tools(shared_tools().pack, "tinytown@1")
    router = Probable(tools.pack, tools.directory, tools.recogniser, tools.local_day)
    tools.__dict__["router"] = router
    return tools


@pytest.mark.parametrize(
    ("text", "threshold", "alone"),
    [
        (HOLE, None, True),
        (HOLE, 0.9, True),
        (HOLE, 0.91, False),
        (f"{UNSURE} in Mill Parish", None, False),
        (f"{UNSURE} in Mill Parish", 0.5, True),
        (f"{UNSURE} in Mill Parish", 0.95, False),
    ],
)
def test_a_threshold_says_who_dispatches(text: str, threshold: float | None, alone: bool) -> None:
    life = made("one", text)
    life = life.verified() if text == HOLE else life.verified().dispatched()
    found = settled(life, Version(probable(), threshold=threshold))
    assert found.after.alone is alone
    assert found.change is None
    assert found.differs is (found.before.alone is not alone)


def test_without_probabilities_a_threshold_changes_nothing() -> None:
    found = settled(closed(made("fine")), AS_THEY_WERE._replace(threshold=0.99))
    assert found.before == found.after


# ---------------------------------------------------------------- sums


def test_sums() -> None:
    by_hand = made("hand", UNSURE, channel="web").dispatched("roads", "lamp")
    total = Sum()
    for life in (closed(made("fine")), passed_on(), ruled(), by_hand):
        total.add(settled(life))
    assert (total.tickets, total.passed_on) == (4, 2)
    assert total.before == Side(named=2, alone=3, alone_right=1)
    assert total.after == Side(named=3, alone=3, alone_right=2)
    assert total.changes == {Change.SAVED: 2, Change.WRONG: 1}
