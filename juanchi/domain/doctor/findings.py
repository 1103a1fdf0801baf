"""What the list doctor finds: stable kinds, how bad it is, and whom and what it concerns."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from pydantic import Field

from juanchi.domain.base import Value


class Kind(StrEnum):
    """What can be wrong with lists. Each one's words are in the catalogues (``doctor.kind``)."""

    GAP = "gap"
    UNSTAFFED = "unstaffed"
    UNKNOWN = "unknown"
    OVERLAP = "overlap"
    LEVEL = "level"
    SHADOWED = "shadowed"
    ENDING = "ending"
    DEAD_UNIT = "dead_unit"
    UNREACHABLE = "unreachable"
    ALIKE = "alike"


class Severity(StrEnum):
    """``error``: tickets go astray, or to nobody. ``warning``: they may. ``note``: worth a look."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Finding(Value):
    """One thing that a clerk should look at.

    ``told`` names its sentence in the catalogues (``doctor.told``, and ``doctor.todo`` for what to
    do). ``items`` and ``regions`` are codes, or ``*`` where a row itself says so: together with
    ``units`` (codes, or ``@role``) they are what a change of the list would name. ``regions`` are
    as few as cover the places: a whole district stands for all its streets. ``facts`` are for the
    sentence.
    """

    kind: Kind
    severity: Severity
    told: str
    items: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    facts: Mapping[str, str] = Field(default_factory=dict)


class Diagnosis(Value):
    """All that was found on a day: by kind, the worst first."""

    on: date
    findings: tuple[Finding, ...]

    def of(self, kind: Kind) -> tuple[Finding, ...]:
        """The findings of a kind."""
        return tuple(one for one in self.findings if one.kind is kind)

    def counted(self) -> Counter[tuple[Kind, Severity]]:
        """How many there are of each kind and severity."""
        return Counter((one.kind, one.severity) for one in self.findings)

    @property
    def errors(self) -> int:
        """How many must be put right."""
        return sum(one.severity is Severity.ERROR for one in self.findings)
