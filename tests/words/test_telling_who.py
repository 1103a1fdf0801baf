"""Who acted, and by what the engine did."""

from datetime import UTC, datetime

from juanchi.domain.actor import ENGINE, Actor
from juanchi.domain.merging import MergeAsked
from juanchi.domain.terms import Role
from juanchi.words.naming import Names
from juanchi.words.telling import Teller
from tests.cli.saga import stern_town

MERGED = MergeAsked(
    at=datetime(2026, 11, 30, 9, tzinfo=UTC),
    by=ENGINE,
    into="ticket/x/1",
    score=0.93,
    reasons=("copied", "same_place"),
)


def test_a_merge_by_the_engine_says_by_what() -> None:
    english, chinese = (Teller(Names(None, lang), UTC) for lang in ("en", "zh-CN"))
    assert english.sentence(MERGED) == "To be merged into ticket/x/1"
    assert dict(english.details(MERGED)) == {"because": "the same words, the same place (0.93)"}
    assert dict(chinese.details(MERGED)) == {"依据": "内容相同、地点相同 (0.93)"}


def test_who_acted_and_at_which_desk() -> None:
    teller = Teller(Names(stern_town(), "en"), UTC)
    assert teller.who(ENGINE) == ""
    assert teller.who(Actor(role=Role.UNIT, unit="bins", staff="07")) == "Bins and Parks · 07"
    assert teller.who(Actor(role=Role.REPORTER)) == "reporter"
    desk = Actor(role=Role.SUPERVISOR, unit="town-desk", staff="01")
    assert teller.who(desk) == "Town Help Desk · supervisor · 01"
