"""All actions that a change may be asked for, as one discriminated union."""

from typing import Annotated, Any, get_args

from pydantic import Field, TypeAdapter

from juanchi.domain.actions import parsed
from juanchi.domain.duty_change.approval import Approve, GiveOpinion, Postpone, Reject
from juanchi.domain.duty_change.consultation import AnswerAsUnit, ConsultUnits
from juanchi.domain.duty_change.messages import DutyAction
from juanchi.domain.duty_change.proposal import WithdrawChange

AnyDutyAction = Annotated[
    ConsultUnits | AnswerAsUnit | GiveOpinion | Approve | Reject | Postpone | WithdrawChange,
    Field(discriminator="kind"),
]

_ACTIONS: TypeAdapter[DutyAction] = TypeAdapter(AnyDutyAction)

DUTY_KINDS: dict[str, type[DutyAction]] = {
    kind.model_fields["kind"].default: kind for kind in get_args(get_args(AnyDutyAction)[0])
}
"""Every action's model by its ``kind``."""


def parse_duty_action(data: Any) -> DutyAction:
    """An action out of JSON-like data. Refused: unknown_action, bad_input (with what and where)."""
    return data if isinstance(data, DutyAction) else parsed(data, DUTY_KINDS, _ACTIONS)
