"""Learned models: their cards, and the journal of what was put in force, when and why."""

from collections.abc import Iterable
from enum import StrEnum

from pydantic import Field

from juanchi.domain.base import Key, Line, Moment, Text, Value


class ModelKind(StrEnum):
    """What a model answers: which item a text is about, which nature it has, which unit leads,
    what to make of a clue.
    """

    ITEM = "item"
    NATURE = "nature"
    DISPATCH = "dispatch"
    SCREENING = "screening"


class Bin(Value):
    """One point of a reliability curve: what was promised, and how often it was right.

    ``promised`` is the mean probability of the ``count`` answers in it, ``right`` the share of
    them that were right.
    """

    promised: float = Field(ge=0, le=1)
    right: float = Field(ge=0, le=1)
    count: int = Field(ge=1)


class Card(Value):
    """A model's evaluation card: on what it was trained, how it did on what it had not seen.

    ``format`` is the version of the file it lies in; ``threshold`` is the least probability at
    which the engine acts on its answer alone (None: never), chosen on held-out tickets.
    ``figures`` are by name, such as ``top1``, ``macro_f1``, ``coverage``, ``precision``.
    """

    kind: ModelKind
    format: int
    trained_at: Moment
    trained_on: Line
    lists_version: Line = ""
    examples: int = Field(ge=0)
    held_out: int = Field(ge=0)
    classes: int = Field(ge=0)
    figures: dict[str, float] = Field(default_factory=dict)
    threshold: float | None = Field(default=None, ge=0, le=1)
    reliability: tuple[Bin, ...] = ()
    libraries: dict[str, str] = Field(default_factory=dict)
    note: Text = ""


class Deed(StrEnum):
    """What was done about a model; the last: there was too little to learn from."""

    PROMOTED = "promoted"
    REJECTED = "rejected"
    ROLLED_BACK = "rolled_back"
    NOT_ENOUGH = "not_enough"


class Decision(Value):
    """What is decided about a kind's models: by whom and why, with the cards that led to it.

    ``model`` is the one it is about. ``card`` and ``rival_card`` say how it and the one that was in
    force (``rival``; None: the lists' own words) did on the same held-out tickets. ``why`` is a
    stable code, or a person's own words. ``key`` makes it idempotent: it is written once.
    """

    kind: ModelKind
    deed: Deed
    model: int | None = None
    by: Line
    why: Text = ""
    card: Card | None = None
    rival: int | None = None
    rival_card: Card | None = None
    key: Key | None = None


class ModelEntry(Value):
    """One line of the models' journal. ``stands`` is the model in force after it, if any."""

    id: int
    at: Moment
    decision: Decision
    stands: int | None = None


class ModelLine(Value):
    """One model in the ledger, without its bytes; ``size`` is None when they are kept no more."""

    id: int
    kind: ModelKind
    card: Card
    digest: Line
    trained_at: Moment
    by: Line
    size: int | None = None


def promoted(entries: Iterable[ModelEntry]) -> list[int]:
    """The models of a kind that were put in force and not rolled back; the last is in force."""
    stack: list[int] = []
    for entry in entries:
        decision = entry.decision
        if decision.deed is Deed.PROMOTED and decision.model is not None:
            stack.append(decision.model)
        elif decision.deed is Deed.ROLLED_BACK and stack:
            stack.pop()
    return stack
