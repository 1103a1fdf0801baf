"""What a ticket teaches: by whose word, and only once it is settled."""

from __future__ import annotations

from datetime import timedelta

import pytest

from juanchi.domain.clue import Received
from juanchi.domain.events import AnyEvent
from juanchi.domain.examples import (
    READ,
    SILENT_TO_SPOKEN,
    Example,
    Settled,
    SettledBy,
    balanced,
    gist,
    settled,
)
from juanchi.domain.filing import RouteResult
from juanchi.domain.messages import Result
from juanchi.domain.terms import Nature
from juanchi.domain.ticket import Candidate, Classified
from tests.walk import START, Walked, walk

DAY = timedelta(days=1)


def of(path: str | tuple[str, ...]) -> Settled | None:
    return settled(entry.event for entry in walk(path).entries)


@pytest.mark.parametrize(
    ("path", "lead", "by"),
    [
        ("closed", "works", SettledBy.SILENCE),
        ("archived", "works", SettledBy.SILENCE),
        ("reworked", "works", SettledBy.SILENCE),
        ("taken_away", "parks", SettledBy.RETURN),
        ("refused", "works", SettledBy.RETURN),
        ("ruled", "parks", SettledBy.RULING),
        ("backstop", "parks", SettledBy.RULING),
        ("settled", "parks", SettledBy.RULING),
    ],
)
def test_who_was_right_in_the_end(path: str, lead: str, by: SettledBy) -> None:
    found = of(path)
    assert found is not None
    assert (found.example.lead, found.example.item, found.by) == (lead, "road", by)


@pytest.mark.parametrize(
    "path",
    [
        *("verifying", "handling", "review", "withdrawn", "merged"),
        *("returning", "arbitrated", "consulted", "appealed", "lapsed"),
    ],
)
def test_an_open_question_teaches_nothing(path: str) -> None:
    assert of(path) is None


def unsure(_: Walked) -> dict[str, Result]:
    """The engine finds nobody for sure, so a dispatcher decides."""
    return {"route": RouteResult(number="WA-1", problem="several_items")}


def test_a_dispatcher_is_believed_once_the_unit_has_replied() -> None:
    path = ("verify", "dispatch", "sign", "reply")
    replied = settled(entry.event for entry in walk(path, answer=unsure).entries)
    assert replied is not None
    assert (replied.by, replied.example.lead) == (SettledBy.DISPATCHER, "works")
    assert replied.example.nature is Nature.REQUEST, "the dispatcher saw it, and let it stand"
    assert settled(entry.event for entry in walk(path[:-1], answer=unsure).entries) is None


def test_the_engines_own_nature_is_no_example() -> None:
    found = of("closed")
    assert found is not None
    assert found.example.nature is None


def test_what_the_channel_said_is_the_channels_word() -> None:
    life = walk("closed")
    first = life.entries[0].event
    assert isinstance(first, Received)
    clue = first.clue.model_copy(update={"classified": Classified(item="road")})
    clue = clue.model_copy(update={"nature": Nature.COMPLAINT})
    told = [first.model_copy(update={"clue": clue}), *(one.event for one in life.entries[1:])]
    found = settled(told)
    assert found is not None
    assert (found.by, found.example.nature) == (SettledBy.CHANNEL, Nature.COMPLAINT)


def test_a_backstop_is_nobodys_answer() -> None:
    candidate = Candidate(item="road", lead="centre", reason="backstop", backstop=True)
    route = RouteResult(number="WA-1", problem="no_duty", candidates=(candidate,))
    life = walk(("verify", "wait", "wait", "wait"), answer=lambda _: {"route": route})
    assert life.ticket.lead == "centre"
    sign = {"actor": {"role": "unit", "unit": "centre"}}
    for name in ("sign", "reply"):
        life.act(name, **sign)
        life.step()
    assert settled(entry.event for entry in life.entries) is None


def test_only_what_is_read_matters() -> None:
    for path in ("closed", "ruled", "settled", "taken_away", "lapsed", "backstop"):
        events = [entry.event for entry in walk(path).entries]
        assert settled(events) == settled(one for one in events if one.kind in READ)
    kinds = {kind.model_fields["kind"].default for kind in AnyEvent.__args__[0].__args__}
    assert set(READ) <= kinds


def test_near_duplicates_share_their_gist() -> None:
    assert gist("路灯 12 号坏了！") == gist("路灯13号,坏了") != gist("路灯亮了")


def one(day: int, by: SettledBy) -> Settled:
    return Settled(Example(f"{by} {day}"), START + day * DAY, by)


def test_no_model_learns_from_itself_alone() -> None:
    silent = [one(day, SettledBy.SILENCE) for day in range(20)]
    assert balanced(silent) == []
    spoken = [one(3, SettledBy.RETURN), one(1, SettledBy.DISPATCHER)]
    found = balanced([*spoken, *silent])
    kept = [each for each in found if each.by is SettledBy.SILENCE]
    assert kept == silent[-2 * SILENT_TO_SPOKEN :], "the newest"
    assert [each for each in found if each.by is not SettledBy.SILENCE] == spoken[::-1]
    assert found == sorted(found, key=lambda each: each.at)
