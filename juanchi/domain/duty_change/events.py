"""All events of a change's life, as one discriminated union, and its journal's entry."""

from typing import Annotated, cast

from pydantic import Field

from juanchi.domain.base import Value
from juanchi.domain.clocks import Planned, Rang
from juanchi.domain.duty_change.approval import (
    ChangeApproved,
    ChangePostponed,
    ChangeRejected,
    OpinionGiven,
)
from juanchi.domain.duty_change.change import DutyChange
from juanchi.domain.duty_change.consultation import (
    ConsultationOver,
    UnitAnswered,
    UnitsConsulted,
    UnitsSilent,
)
from juanchi.domain.duty_change.entering import ChangeInForce, ChangeUnfit, DateCome
from juanchi.domain.duty_change.proposal import ChangeProposed, ChangeSurveyed, ChangeWithdrawn
from juanchi.domain.messages import Event

AnyDutyEvent = Annotated[
    ChangeProposed
    | ChangeSurveyed
    | Planned
    | Rang
    | UnitsConsulted
    | UnitAnswered
    | UnitsSilent
    | ConsultationOver
    | OpinionGiven
    | ChangeApproved
    | ChangeRejected
    | ChangePostponed
    | ChangeWithdrawn
    | DateCome
    | ChangeInForce
    | ChangeUnfit,
    Field(discriminator="kind"),
]


class DutyEntry(Value):
    """One line of a change's journal: its version after the event, and the event."""

    seq: int = Field(ge=1)
    event: AnyDutyEvent


def duty_entry(change: DutyChange, event: Event) -> DutyEntry:
    """The journal's entry of an event that has just been evolved into ``change``."""
    return DutyEntry(seq=change.version, event=cast(AnyDutyEvent, event))
