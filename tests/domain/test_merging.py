"""One matter said many times: proposed, merged, heard in bounds, and taken back."""

from datetime import timedelta

from juanchi.domain.comparing import CompareResult
from juanchi.domain.overlays import Alike
from juanchi.domain.refusal import Code
from juanchi.domain.terms import ClockName, Urgency
from juanchi.domain.ticket import Phase
from juanchi.domain.voices import AnswerVoices, answer_due
from tests.domain.people import POTHOLE, Life, handling, unsigned

OTHER = Alike(ticket_id="ticket/web/other", score=0.6, reasons=("like_words",))
LIKELY = CompareResult(like=(OTHER,))


def alive(like: CompareResult) -> Life:
    return Life(POTHOLE, like=like)


def stands(life: Life) -> str:
    return life.ticket.phase.value


def answered() -> Life:
    """The lead's reply stands, and two others have said the same."""
    life = handling()
    for n in range(2):
        life.does("system", "absorb", voice=f"ticket/web/{n}")
    return life.goes_on(Phase.CALLBACK)


def test_a_proposal_does_not_hold_up_the_ticket() -> None:
    life = alive(LIKELY)
    assert life.ticket.phase is Phase.VERIFYING
    assert life.ticket.proposed is not None
    due = life.ticket.deadlines[ClockName.SAMENESS].due
    life.does("street_team", "verify")
    assert life.ticket.deadlines[ClockName.SAMENESS].due == due
    assert "same_lapsed" in life.does("lead", "sign")
    assert life.ticket.proposed is None


def test_unanswered_it_falls_away_and_is_told() -> None:
    life = alive(LIKELY)
    life.pass_time(timedelta(hours=8))
    assert life.ticket.proposed is None
    assert [line.event.kind for line in life.entries].count("same_lapsed") == 1
    assert ClockName.SAMENESS not in life.ticket.deadlines


def test_a_no_is_remembered() -> None:
    life = alive(LIKELY)
    life.does("dispatcher", "not_same", reason="another hole")
    assert life.ticket.unlike == (OTHER.ticket_id,)
    assert life.refuses("dispatcher", "not_same", reason="again") is Code.NOTHING_PROPOSED


def test_what_is_certain_merges_by_itself() -> None:
    life = alive(CompareResult(certain=OTHER))
    assert life.ticket.ending is not None
    assert life.ticket.ending.into == OTHER.ticket_id


def test_a_merge_that_fails_leaves_all_as_it_was() -> None:
    life = Life(POTHOLE)
    before = life.ticket.phase
    life = Life(POTHOLE, like=CompareResult(certain=OTHER), refuses="wrong_phase")
    assert life.ticket.phase is before is Phase.VERIFYING
    assert life.kinds(0)[-2:] == ["merge_failed", "planned"]


def test_taken_back_it_goes_on_where_it_was_with_its_own_time() -> None:
    life = alive(CompareResult(certain=OTHER))
    received = life.ticket.received_at
    life.pass_time(timedelta(days=40))
    life.does("dispatcher", "unmerge", reason="another hole")
    ticket = life.ticket
    assert (ticket.phase, ticket.received_at) == (Phase.VERIFYING, received)
    assert ticket.deadlines[ClockName.VERIFY].started == life.now, "nobody is late for what was not"
    assert ticket.unlike == (OTHER.ticket_id,)
    assert life.refuses("dispatcher", "unmerge", reason="again") is Code.WRONG_PHASE
    life.goes_on(Phase.CLOSED)


def test_ten_thousand_voices_do_not_make_it_heavy() -> None:
    life = unsigned()
    for n in range(200):
        life.does("system", "absorb", voice=f"ticket/web/{n}")
    weight = len(life.ticket.model_dump_json())
    for n in range(200, 600):
        life.does("system", "absorb", voice=f"ticket/web/{n}")
    assert life.ticket.heard == 600
    assert len(life.ticket.model_dump_json()) < weight + 200
    assert life.refuses("system", "absorb", voice="ticket/web/3") is Code.HEARD_ALREADY
    life.does("system", "absorb", voice="ticket/web/chain", brings=9400)
    assert life.ticket.heard == 10_001
    life.does("system", "let_go", voice="ticket/web/3")
    assert life.ticket.heard == 10_000


def test_an_urgent_voice_raises_it_and_says_why() -> None:
    life = unsigned()
    life.does("system", "absorb", voice="ticket/web/1", urgent=True)
    assert life.ticket.urgency is Urgency.URGENT
    assert life.ticket.urgency_why == "urgent_voice: ticket/web/1"


def test_a_reply_that_stands_is_told_to_voices_then_and_later() -> None:
    life = answered()
    telling = life.ticket.answering
    assert telling is not None
    first = telling.round
    assert "voices_told" in life.does("system", "absorb", voice="ticket/web/late")
    assert life.ticket.answering is not None
    assert life.ticket.answering.round == first, "the same reply, told once to each"
    life.does("reporter", "rate", rating={"overall": 1})
    life.does("checker", "review", accepted=False, note="they are right")
    assert "voices_told" not in life.kinds(0)[-2:]
    again = life.goes_on(Phase.CALLBACK).ticket.answering
    assert again is not None
    assert again.round > first, "another reply, told again"


def test_pages_end_with_the_newest_voice() -> None:
    life = answered()
    telling = life.ticket.answering
    assert telling is not None
    ticket = life.ticket.having(answering=telling.model_copy(update={"after": 0}))
    assert answer_due(ticket) == AnswerVoices(round=telling.round, after=0, upto=telling.round)
    assert answer_due(life.ticket) is None


def test_a_bad_rating_of_a_voice_is_looked_into_before_its_own_reporter_is_asked() -> None:
    life = answered()
    life.does("reporter", "rate_voice", voice="ticket/web/0", rating={"overall": 1})
    assert (life.ticket.phase, life.ticket.rating) == (Phase.DISPUTED, None)
    life.does("checker", "review", accepted=True)
    assert stands(life) == "callback", "it has still to be asked"
    life.does("reporter", "rate_voice", voice="ticket/web/1", rating={"overall": 2})
    assert stands(life) == "callback", "once for a reply"
    life.does("reporter", "rate")
    assert life.ticket.ending is not None
    assert life.ticket.ending.rated
    assert (life.ticket.voice_ratings.rated, life.ticket.voice_ratings.bad) == (2, 2)


def test_after_closing_a_voice_can_bring_it_back() -> None:
    life = answered().goes_on(Phase.CLOSED)
    life.does("reporter", "rate_voice", voice="ticket/web/0", rating={"overall": 1})
    assert life.ticket.phase is Phase.DISPUTED
    life.does("checker", "review", accepted=False, note="they are right")
    assert (life.ticket.phase, life.ticket.reworks) == (Phase.HANDLING, 1)
    assert life.ticket.voice_ratings.rated == 0
    life.goes_on(Phase.CLOSED)


def test_who_is_no_voice_does_not_rate() -> None:
    life = answered()
    rating = {"overall": 5}
    one = life.refuses("reporter", "rate_voice", voice="ticket/web/9", rating=rating)
    assert one is Code.NOT_A_VOICE
    life.does("reporter", "rate_voice", voice="ticket/web/0", rating=rating)
    again = life.refuses("reporter", "rate_voice", voice="ticket/web/0", rating=rating)
    assert again is Code.RATED_ALREADY
