"""Pauses: times in which a clock does not run, and how time is counted around them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from juanchi.domain.base import Moment, Value

Span = tuple[datetime, datetime]
"""From, up to and without; in UTC."""


class Pause(Value):
    """A time in which a clock does not run: its ticket is on hold. ``end`` None: still so.

    A pause that does not end after it began is none.
    """

    begin: Moment
    end: Moment | None


def closed(pauses: Iterable[Pause]) -> tuple[Span, ...]:
    """The pauses that have ended, in order; those that touch or overlap are one."""
    found: list[Span] = []
    for begin, end in sorted(
        (pause.begin.astimezone(UTC), pause.end.astimezone(UTC)) for pause in pauses if pause.end
    ):
        if end <= begin:
            continue
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return tuple(found)


def cut(begin: datetime, end: datetime, pauses: Sequence[Span]) -> Iterator[Span]:
    """What is left of a time when the pauses are taken out of it, in order."""
    for first, last in pauses:
        if last <= begin:
            continue
        if first >= end:
            break
        if first > begin:
            yield begin, first
        begin = last
    if begin < end:
        yield begin, end


def unpaused(begin: datetime, end: datetime, pauses: Sequence[Span]) -> timedelta:
    """How much of a time lies outside the pauses."""
    return sum((last - first for first, last in cut(begin, end, pauses)), timedelta())


def forward(begin: datetime, length: timedelta, pauses: Sequence[Span]) -> datetime:
    """The moment when ``length`` of unpaused time has gone since ``begin``, in UTC."""
    at = begin.astimezone(UTC)
    for first, last in pauses:
        if last <= at:
            continue
        if first > at:
            if length <= first - at:
                break
            length -= first - at
        at = last
    return at + length


def backward(end: datetime, length: timedelta, pauses: Sequence[Span]) -> datetime:
    """The moment from which ``length`` of unpaused time is left until ``end``, in UTC."""
    at = end.astimezone(UTC)
    for first, last in reversed(pauses):
        if first >= at:
            continue
        if last < at:
            if length <= at - last:
                break
            length -= at - last
        at = first
    return at - length
