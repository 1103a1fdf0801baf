"""The list doctor: what is wrong, or soon will be, with a city's lists.

``examine`` looks at a whole pack on a day. Each kind of finding has a function of its own.
"""

from datetime import date
from typing import Final

from juanchi.domain.doctor.chart import Chart
from juanchi.domain.doctor.findings import Diagnosis, Finding, Kind, Severity
from juanchi.domain.doctor.gaps import gaps, unstaffed
from juanchi.domain.doctor.levels import levels
from juanchi.domain.doctor.names import dead_units, unknown
from juanchi.domain.doctor.overlaps import overlaps
from juanchi.domain.doctor.rows import ending, shadowed
from juanchi.domain.doctor.words import alike, unreachable
from juanchi.domain.lists import Pack

__all__ = ["SOON", "Diagnosis", "Finding", "Kind", "Severity", "examine"]

SOON: Final = 30
"""Days within which the end of a row counts as near."""

_EXAMINATIONS: Final = (
    gaps,
    unstaffed,
    unknown,
    overlaps,
    levels,
    shadowed,
    ending,
    dead_units,
    unreachable,
    alike,
)


def examine(pack: Pack, on: date, soon: int = SOON) -> Diagnosis:
    """All that is wrong with the lists of a pack on a day, or within ``soon`` days after it."""
    chart = Chart(pack, on, soon)
    found = [one for look in _EXAMINATIONS for one in look(chart)]
    kinds, severities = list(Kind), list(Severity)
    found.sort(key=lambda one: (kinds.index(one.kind), severities.index(one.severity)))
    return Diagnosis(on=on, findings=tuple(found))
