"""All actions that a ticket may be asked for, as one discriminated union."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar, get_args

from pydantic import Field, TypeAdapter, ValidationError

from juanchi.domain.arbitration import Appeal, Consult, OpenArbitration
from juanchi.domain.assisting import AddAssisting, Arrive, AssistReply, ReleaseAssisting, Whistle
from juanchi.domain.closure import Call, Rate, Recheck, Reopen, Review
from juanchi.domain.clue import Triage
from juanchi.domain.ending import Withdraw
from juanchi.domain.extension import AnswerExtension, RequestExtension
from juanchi.domain.filing import Dispatch
from juanchi.domain.hold import AnswerHold, EndHold, RequestHold
from juanchi.domain.likely import NotSame
from juanchi.domain.merging import Absorb, Merge
from juanchi.domain.messages import Action
from juanchi.domain.moving import MoveToList
from juanchi.domain.orders import FeedBack, GiveOrder, ReleaseOrder
from juanchi.domain.overturning import Overturn
from juanchi.domain.rating_appeal import AnswerRatingAppeal, AppealRating
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.replanning import Replan
from juanchi.domain.returns import AnswerReturn, RequestReturn
from juanchi.domain.ruling import Rule
from juanchi.domain.supervision import Press, Progress, Reply, Sign
from juanchi.domain.unmerging import LetGo, Unmerge
from juanchi.domain.urgency import SetUrgency
from juanchi.domain.verification import Verify
from juanchi.domain.voice_rating import RateVoice

AnyAction = Annotated[
    Triage
    | Overturn
    | Verify
    | Merge
    | NotSame
    | Absorb
    | LetGo
    | Unmerge
    | Dispatch
    | Sign
    | Progress
    | Reply
    | Press
    | SetUrgency
    | RequestReturn
    | AnswerReturn
    | RequestExtension
    | AnswerExtension
    | RequestHold
    | AnswerHold
    | EndHold
    | AddAssisting
    | ReleaseAssisting
    | AssistReply
    | Whistle
    | Arrive
    | OpenArbitration
    | Consult
    | Rule
    | Appeal
    | MoveToList
    | GiveOrder
    | FeedBack
    | ReleaseOrder
    | Replan
    | Review
    | Call
    | Rate
    | RateVoice
    | Recheck
    | Reopen
    | AppealRating
    | AnswerRatingAppeal
    | Withdraw,
    Field(discriminator="kind"),
]

A = TypeVar("A", bound=Action)

_ACTIONS: TypeAdapter[Action] = TypeAdapter(AnyAction)

KINDS: dict[str, type[Action]] = {
    kind.model_fields["kind"].default: kind for kind in get_args(get_args(AnyAction)[0])
}
"""Every action's model by its ``kind``."""


def parse_action(data: Any) -> Action:
    """An action out of JSON-like data. Refused: unknown_action, bad_input (with what and where)."""
    return data if isinstance(data, Action) else parsed(data, KINDS, _ACTIONS)


def parsed(data: Any, kinds: Mapping[str, type[A]], union: TypeAdapter[A]) -> A:
    """One of a union's actions, by its kind. Refused: unknown_action, bad_input."""
    if not isinstance(data, dict):
        raise Refused(Code.BAD_INPUT, where="action", problem="must be an object")
    if data.get("kind") not in kinds:
        raise Refused(Code.UNKNOWN_ACTION, kind=str(data.get("kind"))[:60])
    try:
        return union.validate_python(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"][1:]) or "action"
        raise Refused(Code.BAD_INPUT, where=where, problem=first["msg"]) from None
