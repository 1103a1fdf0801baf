"""All actions that a ticket may be asked for, as one discriminated union."""

from typing import Annotated, Any, get_args

from pydantic import Field, TypeAdapter, ValidationError

from juanchi.domain.closure import Call, Rate, Recheck, Reopen, Review
from juanchi.domain.clue import Triage
from juanchi.domain.ending import Withdraw
from juanchi.domain.filing import Dispatch
from juanchi.domain.merging import Absorb, Merge
from juanchi.domain.messages import Action
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.supervision import Press, Progress, Reply, Sign
from juanchi.domain.verification import Verify

AnyAction = Annotated[
    Triage
    | Verify
    | Merge
    | Absorb
    | Dispatch
    | Sign
    | Progress
    | Reply
    | Press
    | Review
    | Call
    | Rate
    | Recheck
    | Reopen
    | Withdraw,
    Field(discriminator="kind"),
]

_ACTIONS: TypeAdapter[Action] = TypeAdapter(AnyAction)

KINDS: dict[str, type[Action]] = {
    kind.model_fields["kind"].default: kind for kind in get_args(get_args(AnyAction)[0])
}
"""Every action's model by its ``kind``."""


def parse_action(data: Any) -> Action:
    """An action out of JSON-like data. Refused: unknown_action, bad_input (with what and where)."""
    if isinstance(data, Action):
        return data
    if not isinstance(data, dict):
        raise Refused(Code.BAD_INPUT, where="action", problem="must be an object")
    if data.get("kind") not in KINDS:
        raise Refused(Code.UNKNOWN_ACTION, kind=str(data.get("kind"))[:60])
    try:
        return _ACTIONS.validate_python(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"][1:]) or "action"
        raise Refused(Code.BAD_INPUT, where=where, problem=first["msg"]) from None
