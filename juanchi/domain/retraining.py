"""What a retraining is asked and what it answers: values that lie in histories."""

from datetime import timedelta

from pydantic import Field

from juanchi.domain.base import Key, Line, Text, Value
from juanchi.domain.models import Deed, ModelKind


class Enough(Value):
    """The least to learn from and to be judged by; with less, chance decides."""

    learn: int = Field(default=500, ge=2)
    held_out: int = Field(default=50, ge=1)
    classes: int = Field(default=2, ge=2)


class Retrain(Value):
    """Train these kinds anew, judge them on the newest ``newest``, promote what is better."""

    kinds: tuple[ModelKind, ...] = tuple(ModelKind)
    newest: timedelta = timedelta(days=7)
    enough: Enough = Enough()
    by: Line = "nightly"


class Lesson(Value):
    """One kind's part of a retraining. ``key`` names it for ever: it is decided once."""

    kind: ModelKind
    key: Key
    newest: timedelta
    enough: Enough
    by: Line


class Learnt(Value):
    """What became of one kind: promoted, rejected or not enough to learn from; and why.

    ``failed`` is the trouble when it could not be trained at all.
    """

    kind: ModelKind
    deed: Deed | None = None
    model: int | None = None
    why: Text = ""
    examples: int = 0
    held_out: int = 0
    failed: Text = ""


class Retrained(Value):
    """What became of every kind."""

    learnt: tuple[Learnt, ...] = ()
