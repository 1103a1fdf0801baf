"""What operators see of a ticket in Temporal: search attributes and the current details."""

from datetime import datetime
from typing import Any, NamedTuple

from temporalio import workflow

from juanchi.domain.ball import tasks
from juanchi.domain.ticket import Ticket
from juanchi.runtime import attributes


class Shown(NamedTuple):
    """The search attributes of a ticket; they hold no personal data."""

    stage: str
    unit: str | None
    district: str | None
    item: str | None
    urgency: str
    due: datetime | None


_KEYS: dict[str, Any] = {
    "stage": attributes.STAGE,
    "unit": attributes.UNIT,
    "district": attributes.DISTRICT,
    "item": attributes.ITEM,
    "urgency": attributes.URGENCY,
    "due": attributes.DUE,
}


class Signboard:
    """Sets a ticket's search attributes, only those that changed: each call costs an action."""

    def __init__(self) -> None:
        self.now: Shown | None = None

    def shown(self, ticket: Ticket) -> None:
        """Take note of what a run before has already set."""
        self.now = _of(ticket)

    def show(self, ticket: Ticket) -> None:
        """Set what has changed since the last time."""
        before, self.now = self.now, _of(ticket)
        updates = [
            _KEYS[name].value_set(value) if value is not None else _KEYS[name].value_unset()
            for name, value in self.now._asdict().items()
            if value != (getattr(before, name) if before else None)
        ]
        if updates:
            workflow.upsert_search_attributes(updates)


def _of(ticket: Ticket) -> Shown:
    dues = [deadline.due for deadline in ticket.deadlines.values()]
    return Shown(
        stage=ticket.ending.kind if ticket.ending else ticket.stage,
        unit=ticket.lead or ticket.street_team,
        district=ticket.district,
        item=ticket.item,
        urgency=ticket.urgency,
        due=max(dues, default=None),
    )


def details(ticket: Ticket) -> str:
    """A few lines of Markdown that an operator reads in Temporal's own pages."""
    lines = [f"**{ticket.stage}** / {ticket.phase}, version {ticket.version}"]
    if ticket.number:
        lines.append(f"number {ticket.number}, item {ticket.item or '-'}")
    for task in tasks(ticket):
        due = f" by {task.due.isoformat()}" if task.due else ""
        lines.append(f"- {task.holder} must {task.kind}{due}")
    if ticket.ending:
        lines.append(f"ended: {ticket.ending.kind} ({ticket.ending.reason})")
    return "\n".join(lines)
