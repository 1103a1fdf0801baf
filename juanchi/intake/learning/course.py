"""What a training is given and what it gives: split, counted, and then trained.

Light on purpose: workers and commands that train nothing do not load the libraries that do.
"""

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final, NamedTuple

from juanchi.domain.examples import Settled, balanced
from juanchi.domain.lists import Pack
from juanchi.domain.models import Card, ModelKind
from juanchi.domain.promotion import Judgement
from juanchi.domain.retraining import Enough
from juanchi.intake.learning.example import Example

HELD_OUT: Final = 5
"""One group in so many is held out where there is no time to split by."""


class Split(NamedTuple):
    """What is learned from, and what is kept to be judged by."""

    learn: list[Example]
    held_out: list[Example]


class Course(NamedTuple):
    """All that a training needs. ``rival`` is the model in force, as bytes; None: the lists."""

    kind: ModelKind
    split: Split
    pack: Pack
    version: str
    on: date
    enough: Enough
    trained_on: str
    rival: bytes | None = None


class Graded(NamedTuple):
    """What a training gave: the model, its card, both cards on what was held out, the judgement.

    Without a model there was too little to learn from: ``examples``, ``held_out`` and ``classes``
    say how much.
    """

    examples: int
    held_out: int
    classes: int
    data: bytes | None = None
    card: Card | None = None
    judged: Card | None = None
    rival: Card | None = None
    judgement: Judgement | None = None


def split_newest(found: Iterable[Settled], newest: timedelta, kind: ModelKind) -> Split:
    """To be judged by: what was settled in the newest span; to learn from: all before.

    A near-duplicate of what is learned from is no test, so it is left out of the first.
    """
    ordered = [one for one in balanced(found) if label_of(kind, one.example) is not None]
    if not ordered:
        return Split([], [])
    since = ordered[-1].at - newest
    learn = [one.example for one in ordered if one.at < since]
    known = {example.group for example in learn if example.group}
    rest = [one.example for one in ordered if one.at >= since]
    return Split(learn, [example for example in rest if example.group not in known])


def split_groups(examples: Iterable[Example], kind: ModelKind) -> Split:
    """One group in ``HELD_OUT`` to be judged by, always the same ones; the rest to learn from."""
    split = Split([], [])
    for example in examples:
        if label_of(kind, example) is not None:
            name = hashlib.sha256((example.group or example.text).encode()).digest()
            split[name[0] % HELD_OUT == 0].append(example)
    return split


def sized(course: Course) -> Graded:
    """How much there is to learn from and to be judged by, before anything is trained."""
    learn, held_out = course.split
    classes = len({label_of(course.kind, example) for example in learn})
    return Graded(len(learn), len(held_out), classes)


def is_enough(course: Course, size: Graded) -> bool:
    """Whether there is enough that it is not chance that decides."""
    least = course.enough
    return (
        size.examples >= least.learn
        and size.held_out >= least.held_out
        and size.classes >= least.classes
    )


def train(course: Course) -> Graded:
    """Train, and judge beside what is in force: see ``training``. May take minutes."""
    from juanchi.intake.learning.training import train_and_judge

    return train_and_judge(course)


def label_of(kind: ModelKind, example: Example) -> str | None:
    """What was right for an example in the end; None where that is not known."""
    if kind is ModelKind.ITEM:
        return example.item
    if kind is ModelKind.SCREENING:
        return example.verdict
    return example.nature if kind is ModelKind.NATURE else example.lead
