"""A change as lists show it."""

from datetime import date, datetime

from juanchi.domain.base import Value
from juanchi.domain.duty_change.ball import DutyTask
from juanchi.domain.duty_change.change import DutyPhase, Origin
from juanchi.domain.duty_change.rows import Rows


class DutyChangeLine(Value):
    """One change. ``tasks`` are those open now; ``rows`` what it would do, or has done."""

    number: str
    version: int
    phase: DutyPhase
    origin: Origin
    ruling: str
    ticket_id: str
    reason: str
    rows: Rows
    tasks: tuple[DutyTask, ...]
    proposed_at: datetime
    since: datetime
    in_force_on: date | None
    batch: int | None
    updated_at: datetime

    def due(self, holder: str) -> datetime | None:
        """By when a holder must do something about it."""
        return min(
            (one.due for one in self.tasks if one.holder == holder and one.due), default=None
        )
