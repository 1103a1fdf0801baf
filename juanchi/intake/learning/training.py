"""Trains a model of one kind and judges it beside the one in force: work for a processor alone."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from threadpoolctl import threadpool_limits

from juanchi.domain.duties import Directory
from juanchi.domain.models import Card, ModelKind
from juanchi.domain.promotion import judge
from juanchi.intake.learning.archive import ModelUnreadable
from juanchi.intake.learning.course import Course, Graded, is_enough, label_of, sized
from juanchi.intake.learning.dispatch import DispatchModel
from juanchi.intake.learning.evaluation import by_lists, by_model, evaluated, lists_card
from juanchi.intake.learning.example import Example
from juanchi.intake.learning.learned import load_model
from juanchi.intake.learning.texts import TextModel

if TYPE_CHECKING:
    from juanchi.intake.learning.learned import Model


def train_and_judge(course: Course) -> Graded:
    """Train and judge, on one core; only the size where that is not enough.

    The same course gives the same answers, but for the time on the card.
    """
    graded = sized(course)
    if not is_enough(course, graded):
        return graded
    held_out = course.split.held_out
    # Beside the tickets' own work: a training takes one core, not all of them.
    with threadpool_limits(limits=1):
        directory = Directory.of(course.pack)
        model = _trained(course, directory)
        answering = by_model(model, directory, course.on)
        judged = evaluated(model.card, answering, held_out)
        rival = _rival(course, directory)
    return graded._replace(
        data=model.dump(),
        card=model.card,
        judged=judged,
        rival=rival,
        judgement=judge(judged, rival),
    )


def _trained(course: Course, directory: Directory) -> "Model":
    learn = course.split.learn
    model: Model
    if course.kind is ModelKind.DISPATCH:
        model = DispatchModel.train(learn, directory, course.on)
    else:
        model = TextModel.train(course.kind, _labelled(course.kind, learn))
    told = {"trained_on": course.trained_on, "lists_version": course.version}
    model.card = model.card.model_copy(update=told)
    return model


def _labelled(kind: ModelKind, learn: Sequence[Example]) -> list[tuple[str, str, str]]:
    return [
        (example.text, label, example.group)
        for example in learn
        if (label := label_of(kind, example)) is not None
    ]


def _rival(course: Course, directory: Directory) -> Card:
    """The card of what is in force, on the same examples; one that cannot be read is not."""
    held_out, kind = course.split.held_out, course.kind
    if course.rival is not None:
        try:
            model = load_model(kind, course.rival)
        except ModelUnreadable:
            pass
        else:
            return evaluated(model.card, by_model(model, directory, course.on), held_out)
    card = lists_card(kind, course.version, datetime.now(UTC))
    return evaluated(card, by_lists(kind, course.pack, directory, course.on), held_out)
