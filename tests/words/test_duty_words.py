"""Changes of the lists are told in full, in both languages."""

from collections.abc import Iterator
from datetime import UTC
from functools import cache
from typing import get_args

import pytest

from juanchi.domain.duty_change.events import AnyDutyEvent
from juanchi.domain.duty_change.rows import (
    AnyRow,
    EndHandling,
    EndItem,
    SetHandling,
    SetItem,
)
from juanchi.domain.lists import Handling
from juanchi.domain.messages import Event
from juanchi.words import LANGUAGES
from juanchi.words.naming import Names
from juanchi.words.telling import Teller, kind_of
from juanchi.words.telling.duty_changes import row_told
from tests.domain.duty_people import (
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
from tests.pure import tinytown

PACK = tinytown().pack
ROWS: tuple[AnyRow, ...] = (
    add("lamp", "harbour", "bins", assisting=("roads",), valid_to=in_days(90)),
    replace("*", "*", "@roads"),
    end("lamp"),
    SetItem(item=PACK.items[0]),
    EndItem(item="lamp"),
    SetHandling(handling=PACK.handlings[0]),
    SetHandling(handling=Handling(unit="*", item="*")),
    EndHandling(unit="bins", item="lamp"),
)


@cache
def happened() -> tuple[Event, ...]:
    """Events of every kind."""
    return tuple(event for life in _lives() for event in (e.event for e in life.entries))


def _lives() -> Iterator[Change]:
    yield lamp_at_harbour().does("staffing", "consult", units=["rescue"], note="boats").days(30)
    yield Change(add("lamp", "harbour", "nobody"))
    yield Change(end("lamp")).does("roads", "answer", stance="object", reason="no", lead="bins")
    yield before_opinion().does("staffing", "opinion", verdict="oppose", note="not now")
    yield before_approval().does("approver", "reject", reason="no money")
    yield before_approval().does("dispatcher", "withdraw", reason="a mistake")
    yield approved().does("approver", "postpone", until=in_days(9), reason="storm").days(12)
    unfit = approved()
    unfit.pack = before_approval().does("approver", "approve", in_force_on=in_days(0)).pack
    yield unfit.days(9)


def test_events_of_every_kind_are_told() -> None:
    kinds = {kind.model_fields["kind"].default for kind in get_args(get_args(AnyDutyEvent)[0])}
    assert {kind_of(event) for event in happened()} == kinds


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_event_is_a_sentence(lang: str) -> None:
    teller = Teller(Names(PACK, lang), UTC)
    for event in happened():
        sentence, details = teller.sentence(event), teller.details(event)
        assert sentence
        for text in (sentence, *(part for detail in details for part in detail)):
            for raw in ("event.", "duty.", "timeline.", "[", "]", "{", "None", "?"):
                assert raw not in text, text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_row_is_a_sentence(lang: str) -> None:
    teller = Teller(Names(PACK, lang), UTC)
    told = [row_told(row, teller) for row in ROWS]
    assert len(set(told)) == len(told)
    for text in told:
        assert "duty_row." not in text
        assert "?" not in text


def test_a_story_reads_like_one() -> None:
    teller = Teller(Names(PACK, "en"), UTC)
    life = lamp_at_harbour().does("bins", "answer", stance="agree").days(14)
    told = [teller.sentence(entry.event) for entry in life.entries]
    assert "It fits the lists; asked are Bins and Parks, South Side Roads Depot" in told
    assert "Bins and Parks agrees" in told
    assert "No answer from South Side Roads Depot" in told
    assert "Consultation over: 1 agree, 0 object, 1 gave no answer" in told
