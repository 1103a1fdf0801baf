"""The conformance checks find what is wrong with an adapter, and pass one that is right."""

import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from juanchi.intake.channels.adapter import (
    AdapterKind,
    Arrival,
    BadSettings,
    Fetched,
    Source,
    SourceTrouble,
    Unreadable,
)
from juanchi.intake.channels.conformance import CHECKS, Check, NotConforming

DEFECTS = {
    "takes any settings": "settings_are_checked",
    "makes something of nothing": "an_empty_source_is_no_trouble",
    "gives all at once": "all_is_read_in_bounded_pages",
    "makes ids anew": "the_same_source_gives_the_same_ids",
    "skips the page after a restart": "every_cursor_resumes",
    "always has more": "reading_on_comes_to_rest",
    "drops what it cannot read": "one_bad_thing_costs_no_other",
    "hides that the source is away": "away_is_trouble_and_passes",
    "stops at what it cannot read": "one_bad_thing_costs_no_other",
}


class Shelf:
    """A source in memory, its own kind and adapter, with one defect (empty: none)."""

    page = 4
    secrets: Mapping[str, str] = {}
    settings: Mapping[str, Any] = {"shelf": 1}
    wrong_settings: Sequence[Mapping[str, Any]] = ({"shelf": "none"},)

    def __init__(self, defect: str) -> None:
        self._defect = defect
        self._things: list[str] = []
        self._is_away = False
        self._given: set[str] = set()

    @property
    def kind(self) -> AdapterKind:
        return self

    async def put(self, texts: Sequence[str]) -> None:
        self._things += texts

    async def put_unreadable(self) -> None:
        self._things.append("")

    async def away(self) -> None:
        self._is_away = True

    async def back(self) -> None:
        self._is_away = False

    def check(self, settings: Mapping[str, Any]) -> None:
        if settings != {"shelf": 1} and self._defect != "takes any settings":
            raise BadSettings("shelf", "must be 1")

    @asynccontextmanager
    async def open(self, source: Source) -> AsyncIterator["Shelf"]:
        yield self

    async def fetch(self, cursor: str) -> Fetched:
        if self._is_away:
            if self._defect == "hides that the source is away":
                return Fetched(cursor=cursor)
            raise SourceTrouble("away")
        start = int(cursor or 0)
        if self._defect == "skips the page after a restart" and cursor in self._given:
            start += self.page
        self._given.add(cursor)
        size = len(self._things) if self._defect == "gives all at once" else self.page
        part = list(enumerate(self._things))[start : start + size]
        return Fetched(
            arrivals=tuple(self._arrival(number, text) for number, text in part if text)
            or self._nothing(),
            unreadable=self._bad([number for number, text in part if not text]),
            cursor=str(start + len(part)),
            more=start + len(part) < len(self._things) or self._defect == "always has more",
        )

    def _arrival(self, number: int, text: str) -> Arrival:
        id_ = uuid.uuid4().hex if self._defect == "makes ids anew" else str(number)
        return Arrival(external_id=id_, text=text)

    def _nothing(self) -> tuple[Arrival, ...]:
        made_up = self._defect == "makes something of nothing" and not self._things
        return (Arrival(external_id="0", text="nothing"),) if made_up else ()

    def _bad(self, numbers: list[int]) -> tuple[Unreadable, ...]:
        if numbers and self._defect == "stops at what it cannot read":
            raise ValueError("no text")
        if self._defect == "drops what it cannot read":
            return ()
        return tuple(Unreadable(external_id=str(number), problem="no text") for number in numbers)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_a_right_adapter_passes(check: Check) -> None:
    await check(Shelf(""))


@pytest.mark.parametrize(("defect", "check"), DEFECTS.items(), ids=DEFECTS)
async def test_a_defect_is_found_by_its_check(defect: str, check: str) -> None:
    [wanted] = [one for one in CHECKS if one.__name__ == check]
    with pytest.raises((NotConforming, ValueError)):
        await wanted(Shelf(defect))
