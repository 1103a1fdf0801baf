"""What holds now beside the lists: precedents that rulings have set, and incidents."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property

from juanchi.domain.base import Code, Line, Moment, Text, Value
from juanchi.domain.lists import Duty, Item

LocalDay = Callable[[datetime], date]
"""The city's own day at a moment."""


class Precedent(Value):
    """What a ruling says of the next tickets of its item and region.

    ``region`` None is the whole city. ``until`` is the last day of an interim ruling.
    """

    ruling: Line
    item: Code
    region: Code | None = None
    lead: Code
    assisting: tuple[Code, ...] = ()
    until: date | None = None
    since: Moment

    def holds(self, now: datetime, local_day: LocalDay, duty: Duty | None) -> bool:
        """Whether it still holds: until its day, or until the list has said otherwise since.

        ``duty`` is what the list says of the same matter.
        """
        if now < self.since or (self.until is not None and local_day(now) > self.until):
            return False
        return duty is None or duty.valid_from <= local_day(self.since)


class Incident(Value):
    """Classes of items that are urgent in a region for a period (a storm).

    ``items`` are codes of items, or names of categories. ``region`` None is the whole city,
    ``ends`` None until somebody ends it.
    """

    code: Code
    name: Line = ""
    region: Code | None = None
    items: tuple[Line, ...]
    reason: Text
    begins: Moment
    ends: Moment | None = None

    def covers(self, item: Item, chain: Sequence[str]) -> bool:
        """Whether it speaks of an item at a place; ``chain`` is its region and those above."""
        named = item.code in self.items or item.category in self.items
        return named and (self.region is None or self.region in chain)

    def lasts(self, at: datetime) -> bool:
        """Whether it has begun and is not over."""
        return self.begins <= at and (self.ends is None or at < self.ends)


class Situation(Value):
    """All precedents and incidents. Of rulings on the same item and region only the newest."""

    precedents: tuple[Precedent, ...] = ()
    incidents: tuple[Incident, ...] = ()

    @cached_property
    def by_item(self) -> Mapping[str, Sequence[Precedent]]:
        """The precedents of each item: years of rulings, asked at every routing."""
        found: dict[str, list[Precedent]] = {}
        for precedent in self.precedents:
            found.setdefault(precedent.item, []).append(precedent)
        return found

    def precedent(
        self,
        item: str,
        chain: Sequence[str],
        now: datetime,
        local_day: LocalDay,
        duty: Duty | None,
    ) -> Precedent | None:
        """The newest precedent that holds for an item at a place.

        ``chain`` is the place's region and those above it.
        ``duty`` is what the list says there: a row in force since a later day than the ruling's
        is the list's own answer to it.
        """
        found = (
            precedent
            for precedent in self.by_item.get(item, ())
            if precedent.region is None or precedent.region in chain
            if precedent.holds(now, local_day, duty)
        )
        return max(found, key=lambda precedent: precedent.since, default=None)

    def incident(self, item: Item, chain: Sequence[str], at: datetime) -> Incident | None:
        """The incident that makes an item urgent at a place; of several the first that began."""
        found = (
            incident
            for incident in self.incidents
            if incident.covers(item, chain) and incident.lasts(at)
        )
        return min(found, key=lambda incident: (incident.begins, incident.code), default=None)


CALM = Situation()
"""No ruling has been given, and nothing is out of the ordinary."""
