"""The short path of suggestions: answered with a reason, closed at once, rated afterwards."""

import pytest

from juanchi.domain.clocks import PlanResult
from juanchi.domain.closure import Closed, Rated
from juanchi.domain.machine import complete
from juanchi.domain.measures import Metric, measure
from juanchi.domain.notices import NoticeKind
from juanchi.domain.policy_terms import SuggestionTerms
from juanchi.domain.refusal import Code
from juanchi.domain.suggestions import TOLD, TemplateFlagged
from juanchi.domain.supervision import Replied
from juanchi.domain.terms import ClockName, EndKind, Nature, Outcome
from juanchi.domain.ticket import Clue, Phase
from juanchi.domain.wording import letters
from tests.domain.cities import tinytown_later, town_with
from tests.domain.people import DAY, IDEA, Life, alive, handling, suggestion
from tests.pure import MONDAY


def replied(outcome: Outcome = Outcome.ADOPTED, reason: str = "", **more: object) -> Life:
    life = suggestion()
    life.does("lead", "reply", outcome=outcome, public="Thank you.", reason=reason, **more)
    return life


def metric(life: Life, which: Metric) -> list[bool]:
    return [one.counted for one in measure(life.entries, life.now) if one.metric is which]


def test_it_is_not_looked_at_on_site_though_the_channels_clues_are() -> None:
    assert "verified" not in suggestion().kinds()
    assert "verified" in handling().kinds()


def test_one_that_says_no_place_goes_on_without_one() -> None:
    life = alive("I suggest a bank holiday for everybody")
    assert life.ticket.nature is Nature.SUGGESTION
    assert life.ticket.place is None or life.ticket.place.region is None
    assert life.ticket.phase is Phase.DISPATCHING, "a dispatcher says whose it is"


def test_a_reply_needs_no_proof_and_closes_when_it_is_accepted() -> None:
    life = replied(evidence=[])
    assert life.does("checker", "review") == ["reviewed", "closed", "planned"]
    ending = life.ticket.ending
    assert ending is not None
    assert (ending.kind, ending.outcome, ending.reason) == (EndKind.CLOSED, Outcome.ADOPTED, TOLD)
    assert not ending.rated, "silence is not praise"
    assert not life.runs(ClockName.CALLBACK)
    assert life.told("reporter") == [NoticeKind.ANSWERED]
    assert life.told("roads")[-1] == NoticeKind.CLOSED


def test_nobody_is_told_where_nobody_is_known() -> None:
    life = suggestion(Phase.REVIEW, reporter=None)
    life.does("checker", "review")
    assert life.ticket.phase is Phase.CLOSED, "and nobody looks at a place again"
    assert life.told("reporter") == []
    assert life.refuses("reporter", "rate") is Code.WRONG_PHASE


@pytest.mark.parametrize("outcome", [Outcome.PARTLY_ADOPTED, Outcome.NOT_ADOPTED])
def test_who_is_refused_something_hears_why(outcome: Outcome) -> None:
    life = suggestion()
    refused = life.refuses("lead", "reply", outcome=outcome, public="No.", reason=" ")
    assert refused is Code.MISSING_REASON
    life.does("lead", "reply", outcome=outcome, public="No.", reason="the pavement is too narrow")
    assert life.last(Replied).reason == "the pavement is too narrow"
    assert life.ticket.answer is not None
    assert life.ticket.answer.reason == "the pavement is too narrow"


def test_solved_is_no_outcome_of_a_suggestion() -> None:
    assert suggestion().refuses("lead", "reply") is Code.OUTCOME_NOT_FOR_NATURE


def test_the_contributor_rates_afterwards_once() -> None:
    life = suggestion(Phase.CLOSED)
    assert life.does("reporter", "rate", rating={"overall": 4}) == ["rated"]
    assert life.ticket.phase is Phase.CLOSED
    assert life.ticket.ending is not None
    assert life.ticket.ending.rated
    assert life.refuses("reporter", "rate") is Code.RATED_ALREADY


def test_a_bad_rating_goes_to_a_checker_and_may_bring_rework() -> None:
    life = suggestion(Phase.CLOSED)
    assert life.does("reporter", "rate", rating={"overall": 1}) == ["rated", "planned"]
    assert (life.ticket.phase, life.ticket.ending) == (Phase.DISPUTED, None)
    life.does("checker", "review", accepted=False, note="answer what was asked")
    assert life.ticket.phase is Phase.HANDLING
    life.goes_on(Phase.CLOSED)
    life.does("reporter", "rate", rating={"overall": 5})
    assert [one.rating.overall for one in life.all(Rated)] == [1, 5]


def test_a_bad_rating_that_stands_closes_it_again_and_is_final() -> None:
    life = suggestion(Phase.CLOSED)
    life.does("reporter", "rate", rating={"overall": 2})
    life.does("checker", "review", note="nothing more can be done")
    assert (life.last(Closed).reason, life.last(Closed).rated) == ("bad_rating_reviewed", True)
    assert life.refuses("reporter", "rate") is Code.RATED_ALREADY


def test_it_is_archived_after_the_window_like_all_others() -> None:
    life = suggestion(Phase.CLOSED)
    life.rings_out(ClockName.REOPEN)
    assert life.ticket.phase is Phase.ENDED
    assert life.refuses("reporter", "rate") is Code.ENDED


def test_returns_are_the_same_as_everywhere() -> None:
    life = suggestion(Phase.UNSIGNED)
    for _ in range(2):
        life.does("lead", "request_return")
        life.does("dispatcher", "answer_return", agreed=False, note="it is yours")
    assert life.ticket.dispute is not None, "a second refused return is ruled on"


def test_without_the_terms_it_goes_the_long_way() -> None:
    old = suggestion(Phase.REVIEW, tools=tinytown_later())
    assert old.ticket.terms is not None
    assert old.ticket.terms.suggestions is None
    assert old.does("checker", "review") == ["reviewed", "planned"]
    assert old.ticket.phase is Phase.CALLBACK


def test_a_ticket_keeps_the_path_it_was_dispatched_on() -> None:
    life = suggestion()
    life.tools = tinytown_later()
    life.does("supervisor", "replan", reason="a new policy")
    life.does("lead", "reply", outcome="adopted", public="Yes.")
    assert "closed" in life.does("checker", "review")


# ---------------------------------------------------------------- the template


def flagged(life: Life, times: int) -> list[TemplateFlagged]:
    """What a plan that has found so many of the same words says."""
    found = complete(life.ticket, PlanResult(deadlines=(), same_replies=times), life.now)
    return [event for event in found if isinstance(event, TemplateFlagged)]


def test_words_that_many_were_given_are_flagged() -> None:
    life = replied()
    assert flagged(life, 1) == []
    assert [event.times for event in flagged(life, 2)] == [2]
    assert flagged(handling(), 9) == [], "other matters may well be answered alike"


def test_a_flagged_reply_is_accepted_with_a_note_alone() -> None:
    life = replied()
    life.lived.happen(flagged(life, 7))
    assert life.ticket.same_replies == 7
    assert life.refuses("checker", "review") is Code.TEMPLATE_REPLY
    assert "closed" in life.does("checker", "review", note="right here too")


def test_another_reply_is_looked_at_anew() -> None:
    life = replied()
    life.lived.happen(flagged(life, 7))
    life.does("checker", "review", accepted=False, note="say something of your own")
    life.does("lead", "reply", outcome="adopted", public="Two benches, in May.")
    assert life.ticket.same_replies == 0
    assert "closed" in life.does("checker", "review")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Thank you!", "thank  YOU", True),
        ("谢谢您的建议。", "谢谢您的建议", True),
        ("Ｔｈａｎｋｓ", "thanks", True),
        ("Two benches", "Three benches", False),
    ],
)
def test_the_same_words(one: str, other: str, same: bool) -> None:
    assert (letters(one) == letters(other)) is same


# ---------------------------------------------------------------- figures, policy, pictures


def test_figures_count_what_was_adopted_and_ask_each_contributor_once() -> None:
    life = suggestion(Phase.CLOSED)
    assert metric(life, Metric.SUGGESTED) == [True]
    assert metric(life, Metric.ADOPTED) == [True]
    assert metric(life, Metric.NOT_RATED) == [True]
    life.passes(DAY)
    life.does("reporter", "rate", rating={"overall": 1})
    assert metric(life, Metric.RATED) == [True]
    life.does("checker", "review", note="it stands")
    assert metric(life, Metric.RATED) == [True], "closed again, but not asked again"
    declined = replied(Outcome.NOT_ADOPTED, reason="no room")
    declined.does("checker", "review")
    assert metric(declined, Metric.ADOPTED) == [False]
    assert metric(declined, Metric.SOLVED) == []


@pytest.mark.parametrize("honours", [(0, 10), (10, 10), (100, 10), (-1,)])
def test_honours_are_numbers_in_order(honours: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="honours"):
        SuggestionTerms(honours=honours)


@pytest.mark.parametrize(
    ("wanted", "given", "taken"),
    [
        ("evidence", {"evidence": []}, False),
        ("picture", {}, True),
        ("picture", {"note": "seen", "evidence": []}, False),
        ("picture_or_note", {"note": "seen", "evidence": []}, True),
        ("picture_or_note", {"note": " ", "evidence": []}, False),
    ],
)
def test_what_a_verdict_on_site_must_come_with_is_policy(
    wanted: str, given: dict[str, object], taken: bool
) -> None:
    life = Life(tools=town_with(verification_evidence=wanted))
    assert life.ticket.phase is Phase.VERIFYING
    if taken:
        assert "verified" in life.does("street_team", "verify", **given)
    else:
        assert life.refuses("street_team", "verify", **given) is Code.MISSING_EVIDENCE


@pytest.mark.parametrize(
    ("link", "good"),
    [
        ("https://pictures.example/1.jpg", True),
        ("HTTP://pictures.example/1.jpg", True),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
        ("http://" + "x" * 200, False),
    ],
)
def test_pictures_are_links_to_the_web(link: str, good: bool) -> None:
    def clue() -> Clue:
        return Clue(
            channel="wall", external_id="1", text=IDEA, reported_at=MONDAY, pictures=(link,)
        )

    if good:
        assert clue().pictures == (link,)
    else:
        with pytest.raises(ValueError, match="pictures"):
            clue()
