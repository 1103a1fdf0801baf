"""What came in, and what became of it: every clue has one fate, and the fates add up."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from juanchi.domain.metrics.arriving import Arrived, Fate, Intake, arrived
from juanchi.domain.terms import Nature
from tests.handmade import HOLE, IDEA, NOISE, UNSURE, Handmade, closed


def _arrived(life: Handmade) -> Arrived:
    return arrived(life.entries)


def test_a_hole_is_dispatched_by_the_engine_with_all_that_was_found() -> None:
    one = _arrived(closed(Handmade("fine")))
    assert one.fate is Fate.DISPATCHED_BY_ENGINE
    assert (one.number, one.channel, one.item) == ("TT-fine", "wall", "road-hole")
    assert (one.placed, one.district, one.urgent, one.why) == (True, "north", False, "")
    assert one.words == HOLE


@pytest.mark.parametrize(
    ("made", "fate"),
    [
        (lambda: Handmade("noise", NOISE), Fate.DISCARDED),
        (lambda: Handmade("new"), Fate.WAITING),
        (lambda: Handmade("gone").withdrawn(), Fate.WITHDRAWN),
        (lambda: Handmade("not so").later(hours=1).verified("unfounded"), Fate.UNFOUNDED),
        (lambda: Handmade("lamp", UNSURE, channel="phone"), Fate.FILED),
        (
            lambda: Handmade("lamp", UNSURE, channel="phone").dispatched("roads", "lamp"),
            Fate.DISPATCHED_BY_PERSON,
        ),
    ],
)
def test_each_has_its_fate(made: Callable[[], Handmade], fate: Fate) -> None:
    assert _arrived(made()).fate is fate


def test_fates_reasons_and_channels_add_up() -> None:
    found = Intake(most=1)
    lives = [Handmade("1").verified(), Handmade("2", NOISE), Handmade("3", IDEA), Handmade("4")]
    for life in lives:
        found.add(_arrived(life))
    assert found.total == 4 == found.fates.total() == found.channels["wall"].total()
    assert found.reasons == {(Fate.DISCARDED, "advertisement"): 1}
    assert found.own == 2
    assert found.natures[Nature.SUGGESTION] == 1
    assert found.placed == 3
    assert found.items.total() == 2


def test_only_the_loudest_are_kept() -> None:
    found = Intake(most=1)
    quiet, loud = _arrived(Handmade("1").verified()), _arrived(Handmade("2").verified())
    found.add(replace(quiet, voices=1))
    found.add(replace(loud, voices=7))
    found.add(quiet)
    assert [(one.ticket_id, one.voices) for one in found.loudest] == [("ticket/wall/2", 7)]


def test_a_journal_that_does_not_begin_with_its_clue_is_refused() -> None:
    with pytest.raises(ValueError, match="begins with its clue"):
        arrived(Handmade("1").entries[1:])
