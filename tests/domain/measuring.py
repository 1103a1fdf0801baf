"""What the tests of the metrics ask of a life, and lives that many of them begin with."""

from datetime import datetime

from juanchi.domain.measures import Measure, Metric, measure
from tests.handmade import Handmade, handled

M = Metric
HANDLE_DAYS = 5
"""What Tinytown's implementation list gives Roads for a hole, in working days."""


def verdicts(life: Handmade, metric: Metric, until: datetime | None = None) -> list[bool]:
    """Which way each thing counted, in the order of time."""
    return [one.counted for one in found(life, metric, until)]


def found(life: Handmade, metric: Metric, until: datetime | None = None) -> list[Measure]:
    """The measures of one metric, in the order of time."""
    measures = measure(life.entries, until or life.now)
    return sorted((one for one in measures if one.metric is metric), key=lambda one: one.at)


def at_unit() -> Handmade:
    """Dispatched to Roads, an hour after it came in."""
    return Handmade().later(hours=1).verified()


def in_review() -> Handmade:
    """Replied to on the next day, and in the callback."""
    return handled(Handmade()).reviewed()
