"""Metrics of closing, rating, rework, returns and recurrence, and their sums, on known lives."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from juanchi.domain.events import Entry
from juanchi.domain.measures import Metric, measure
from juanchi.domain.metrics.period import period_of
from juanchi.domain.metrics.summary import By, summarise
from juanchi.domain.metrics.telling import kinds
from juanchi.domain.overlays import Recurrence, Strength
from juanchi.domain.recurrence import RecurrenceSeen, recurrence_seen
from juanchi.domain.terms import Role
from tests.domain.measuring import M, at_unit, found, in_review, verdicts
from tests.domain.random_lives import lived
from tests.handmade import IDEA, NOISE, Handmade, closed, handled, mixed
from tests.pure import MONDAY


def test_solved_is_an_outcome_that_held() -> None:
    assert verdicts(in_review(), M.SOLVED) == []
    assert verdicts(closed(Handmade()), M.SOLVED) == [True]
    blocked = at_unit().signed().replied("blocked").reviewed().rated(4)
    assert verdicts(blocked, M.SOLVED) == [False]
    again = closed(Handmade()).later(days=2).reopened()
    assert verdicts(again, M.SOLVED) == [False]
    assert verdicts(again.replied().reviewed().rated(5), M.SOLVED) == [False, True]
    adopted = Handmade(text=IDEA).signed().replied("adopted").reviewed().rated(5)
    assert verdicts(adopted, M.SOLVED) == []
    assert verdicts(adopted, M.SATISFIED) == [True]


@pytest.mark.parametrize(("overall", "content"), [(5, True), (4, True), (3, False), (2, False)])
def test_satisfied_from_four_on(overall: int, content: bool) -> None:
    life = in_review().rated(overall)
    assert verdicts(life, M.SATISFIED) == [content]
    assert verdicts(life, M.RATED) == [True]
    assert verdicts(life, M.NOT_RATED) == [False]


def test_silence_is_not_praise() -> None:
    declined = in_review().called("declined")
    unreached = in_review().called("not_reached").called("not_reached")
    for life in (declined, unreached):
        assert life.ticket.ending is not None
        assert verdicts(life, M.RATED) == [False]
        assert verdicts(life, M.NOT_RATED) == [True]
        assert verdicts(life, M.SATISFIED) == []


def test_nobody_to_ask_is_in_no_share() -> None:
    life = handled(Handmade(reported=False)).reviewed().rechecked()
    assert verdicts(life, M.SOLVED) == [True]
    for metric in (M.RATED, M.NOT_RATED, M.SATISFIED):
        assert verdicts(life, metric) == []


def test_who_was_still_to_be_asked_is_in_no_share() -> None:
    for life in (in_review(), in_review().called("not_reached"), in_review().withdrawn()):
        for metric in (M.RATED, M.NOT_RATED, M.SATISFIED):
            assert verdicts(life, metric) == []


def test_a_rating_whose_appeal_was_upheld_does_not_count() -> None:
    upheld = in_review().rated(1).rating_appealed(upheld=True)
    assert verdicts(upheld, M.SATISFIED) == []
    assert verdicts(upheld, M.NOT_RATED) == [True]
    upheld.reviewed()
    assert upheld.ticket.ending is not None
    assert verdicts(upheld, M.NOT_RATED) == [True]
    refused = in_review().rated(1).rating_appealed(upheld=False)
    assert verdicts(refused, M.SATISFIED) == [False]


def test_a_bad_rating_is_not_lost_when_the_work_is_done_again() -> None:
    life = in_review().rated(1).later(hours=1).reviewed(accepted=False).later(hours=1)
    life = life.replied().reviewed().called("declined")
    assert verdicts(life, M.SATISFIED) == [False]
    assert verdicts(life, M.RATED) == [True, False]


def test_rework_is_a_share_of_the_replies() -> None:
    replied = handled(Handmade())
    assert verdicts(replied, M.REWORK) == []
    assert verdicts(replied.reviewed().rated(5), M.REWORK) == [False]
    done_again = handled(Handmade()).reviewed(accepted=False).later(days=1).replied()
    assert verdicts(done_again, M.REWORK) == [True]
    assert verdicts(done_again.reviewed().rated(5), M.REWORK) == [True, False]
    assert verdicts(done_again, M.ON_TIME) == [True, True]
    assert verdicts(done_again.later(days=1).reopened(), M.REWORK) == [True, True]
    not_fixed = handled(Handmade(reported=False)).reviewed().rechecked(fixed=False)
    assert verdicts(not_fixed, M.REWORK) == [True]


def test_rework_that_comes_late_is_late_by_its_own_due_time() -> None:
    life = handled(Handmade()).reviewed(accepted=False).later(days=20).replied()
    assert verdicts(life, M.ON_TIME) == [True, False]
    assert verdicts(life, M.ON_TIME_ORIGINAL) == [True, False]
    assert verdicts(life, M.RESPONSE_IN_TIME) == [True]
    assert verdicts(life, M.OVERDUE) == [True]


# ---------------------------------------------------------------- what units ask for


def test_returns_are_a_share_of_dispatches() -> None:
    assert verdicts(at_unit(), M.RETURN) == [False]
    life = at_unit().later(hours=1).returned().return_answered(agreed=True)
    assert [(one.unit, one.counted) for one in found(life, M.RETURN)] == [
        ("roads", True),
        ("bins", False),
    ]


def test_a_return_is_wrongful_when_refused_or_ruled_against() -> None:
    assert verdicts(at_unit().returned(), M.WRONGFUL_RETURN) == []
    assert verdicts(at_unit().returned().return_answered(True), M.WRONGFUL_RETURN) == [False]
    assert verdicts(at_unit().returned().return_answered(False), M.WRONGFUL_RETURN) == [True]
    lapsed = at_unit().signed().returned().replied()
    assert verdicts(lapsed, M.WRONGFUL_RETURN) == []


def twice_refused() -> Handmade:
    """Roads returned it twice and was refused twice; an arbitration is open."""
    life = at_unit()
    for _ in range(2):
        life = life.later(minutes=5).returned().return_answered(agreed=False)
    assert life.ticket.dispute is not None
    return life


def test_a_ruling_has_the_last_word_on_returns() -> None:
    assert verdicts(twice_refused(), M.WRONGFUL_RETURN) == [True, True]
    assert verdicts(twice_refused().ruled("roads"), M.WRONGFUL_RETURN) == [True, True]
    assert verdicts(twice_refused().ruled("bins"), M.WRONGFUL_RETURN) == [False, False]
    appealed = twice_refused().ruled("bins").by_lead("appeal", reason="no park").ruled("roads")
    assert verdicts(appealed, M.WRONGFUL_RETURN) == [True, True]


def test_a_ruling_may_undo_what_the_centre_agreed_to() -> None:
    """Roads' return was agreed; then Bins returned it too, and the arbiter names Roads."""
    life = at_unit().returned("bins").return_answered(True).later(minutes=5).returned("roads")
    assert life.ticket.dispute is not None
    assert verdicts(life, M.WRONGFUL_RETURN) == [False]
    life.ruled("roads")
    assert [(one.unit, one.counted) for one in found(life, M.WRONGFUL_RETURN)] == [
        ("roads", True),
        ("bins", False),
    ]


def test_extensions_and_holds_count_when_granted() -> None:
    assert verdicts(at_unit().signed().extended(3), M.EXTENSION) == [True]
    assert verdicts(at_unit().signed().extended(3).extended(2), M.EXTENSION) == [True]
    assert verdicts(at_unit().signed().extended(3, granted=False), M.EXTENSION) == [False]
    assert verdicts(at_unit().signed().held(9), M.HOLD) == [True]
    assert verdicts(at_unit().signed(), M.HOLD) == [False]


# ---------------------------------------------------------------- again and again


def seen(of: Handmade, strength: Strength) -> RecurrenceSeen:
    """What a later ticket has seen of an earlier one's last closing."""
    end = of.ticket.ending
    assert end is not None
    newer = Handmade("2")
    recurs = [Recurrence(ticket_id=of.ticket.id, closed_at=end.at, strength=strength)]
    first = recurrence_seen(newer.ticket, recurs, None, end.at + timedelta(days=1))[0]
    assert isinstance(first, RecurrenceSeen)
    return first


def closures(life: Handmade, *recurred: RecurrenceSeen) -> list[tuple[bool, bool]]:
    """Of each closing, whether it was false: strongly, weakly."""
    measures = measure(life.entries, life.now, recurred)
    strong = [one.counted for one in measures if one.metric is M.FALSE_CLOSURE]
    weak = [one.counted for one in measures if one.metric is M.FALSE_CLOSURE_WEAK]
    return list(zip(strong, weak, strict=True))


def test_a_closing_is_false_when_a_later_ticket_says_so() -> None:
    life = closed(Handmade())
    strong, weak = seen(life, Strength.STRONG), seen(life, Strength.WEAK)
    assert closures(life) == [(False, False)]
    assert closures(life, strong) == [(True, False)]
    assert closures(life, weak) == [(False, True)]
    assert closures(life, strong, weak) == closures(life, weak, strong) == [(True, False)]
    life.later(days=3).reopened().replied().reviewed().rated(5)
    assert closures(life, strong) == [(True, False), (False, False)]
    assert closures(life, seen(life, Strength.WEAK)) == [(False, False), (False, True)]


def test_repeat_is_a_recurrence_or_another_voice() -> None:
    assert verdicts(at_unit(), M.REPEAT) == [False]
    voice = at_unit().asked("absorb", Role.SYSTEM, voice="ticket/web/other")
    assert verdicts(voice, M.REPEAT) == [True]
    newer = Handmade("2").verified()
    newer.lived.happen([seen(closed(Handmade()), Strength.WEAK)])
    assert verdicts(newer, M.REPEAT) == [True]
    assert verdicts(newer, M.FALSE_CLOSURE) == []
    gone = Handmade("3").verified()
    gone.asked("merge", Role.DISPATCHER, into="ticket/wall/1", reason="same")
    assert verdicts(gone, M.REPEAT) == [False]
    for metric in (M.RESPONSE, M.ON_TIME, M.SOLVED, M.IN_TIME_SIGNING):
        assert verdicts(gone.later(days=60), metric) == []


# ---------------------------------------------------------------- added up


def test_a_share_of_nothing_is_none() -> None:
    shares = {one.metric: one for one in summarise(measure(Handmade(text=NOISE).entries))}
    assert set(shares) == set(Metric)
    assert shares[M.CONVERSION].share == 0
    assert shares[M.ON_TIME].denominator == 0
    assert shares[M.ON_TIME].share is None
    assert all(one.share is None for one in summarise([]))


def test_groups_are_their_own_and_make_up_the_whole() -> None:
    measures = [one for life in mixed() for one in measure(life.entries, life.now)]
    whole = {one.metric: one for one in summarise(measures)}
    for by in By:
        for metric in Metric:
            parts = [one for one in summarise(measures, by) if one.metric is metric]
            assert sum(one.numerator for one in parts) == whole[metric].numerator
            assert sum(one.denominator for one in parts) == whole[metric].denominator
    groups = {one.group for one in summarise(measures, By.UNIT)}
    assert groups == {"roads", "bins", None}
    assert [one.group for one in summarise(measures, By.UNIT)][-1] is None


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026-12", "2026-12-01", "2026-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2026-W43", "2026-10-19", "2026-10-25"),
        ("2026-W01", "2025-12-29", "2026-01-04"),
        ("2026-10-05", "2026-10-05", "2026-10-05"),
        (" 2026-10-01..2026-10-15 ", "2026-10-01", "2026-10-15"),
    ],
)
def test_periods_are_days_of_the_city(text: str, first: str, last: str) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    period = period_of(text, zone)
    begin = datetime.fromisoformat(f"{first}T00:00+08:00")
    end = datetime.fromisoformat(f"{last}T23:59:59.999999+08:00")
    assert begin in period
    assert end in period
    assert begin - timedelta(microseconds=1) not in period
    assert end + timedelta(microseconds=1) not in period


@pytest.mark.parametrize(
    "text",
    [
        *("", "October", "2026-13", "2026-W54", "26", "2026-10-32", "2026-10-15..2026-10-01"),
        *("..", "2026-10..2026-11", "9999", "9999-12-31", "0000", "2026-10-01.."),
    ],
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        period_of(text, UTC)


def test_a_life_begins_with_its_clue() -> None:
    for life in ([], closed(Handmade()).entries[1:]):
        with pytest.raises(ValueError, match="begins with its clue"):
            measure(life)


# ---------------------------------------------------------------- any life at all


def without(entries: Sequence[Entry]) -> list[Entry]:
    """Only the entries that the metrics are told from."""
    return [entry for entry in entries if entry.event.kind in kinds()]


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**9), days=st.integers(0, 60))
def test_any_life_can_be_measured(seed: int, days: int) -> None:
    life = lived(Random(seed))
    until = life.now + timedelta(days=days)
    measures = measure(life.entries, until)
    # What is not told from changes nothing, so the ledger need not read it.
    assert measure(without(life.entries), until) == measures
    assert all(MONDAY <= one.at <= until for one in measures)
    shares = {one.metric: one for one in summarise(measures)}
    for one in shares.values():
        assert 0 <= one.numerator <= one.denominator
        assert (one.share is None) is (one.denominator == 0)
    for asked in (M.RATED, M.NOT_RATED):
        assert shares[asked].denominator == shares[M.RATED].denominator
    assert shares[M.RATED].numerator == shares[M.SATISFIED].denominator
    both = shares[M.RATED].numerator + shares[M.NOT_RATED].numerator
    assert both == shares[M.RATED].denominator
    assert shares[M.RESPONSE].numerator >= shares[M.RESPONSE_IN_TIME].numerator
    assert shares[M.RESPONSE].denominator <= shares[M.RIGHT_FIRST_TIME].denominator <= 1
    assert shares[M.OVERDUE].denominator == shares[M.RETURN].denominator
    assert shares[M.IN_TIME_SIGNING].denominator <= shares[M.OVERDUE].denominator


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_time_alone_takes_nothing_back(seed: int) -> None:
    """What was decided stays so when nothing but time passes: a past month does not improve."""
    life = lived(Random(seed))
    now = life.now
    before = measure(life.entries, now)
    life.later(days=90)
    stable = {M.OVERDUE, M.RIGHT_FIRST_TIME}  # decided later: overdue, or taken by a backstop
    later = [one for one in measure(life.entries, life.now) if one.at <= now]
    assert [m for m in before if m.metric not in stable] == [
        m for m in later if m.metric not in stable
    ]
