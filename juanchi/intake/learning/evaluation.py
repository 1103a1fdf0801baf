"""How well answers do on tickets whose truth is known: the same for a model and for the lists."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from sklearn.metrics import f1_score

from juanchi.domain.clue import ScreenResult
from juanchi.domain.duties import Directory
from juanchi.domain.lists import Pack
from juanchi.domain.models import Card, ModelKind
from juanchi.domain.ticket import Clue
from juanchi.intake.learning.archive import FORMAT
from juanchi.intake.learning.calibration import reliability
from juanchi.intake.learning.course import label_of
from juanchi.intake.learning.dispatch import listed_lead
from juanchi.intake.learning.example import Example
from juanchi.intake.learning.texts import TextModel
from juanchi.intake.recognition import Recogniser
from juanchi.intake.screening import Screener

if TYPE_CHECKING:
    from juanchi.intake.learning.learned import Model

Answers = Sequence[tuple[str, float]]
"""Labels with their probabilities, best first."""

Answering = Callable[[Example], Answers]


def by_model(model: "Model", directory: Directory, on: date) -> Answering:
    """The answers of a model."""
    if isinstance(model, TextModel):
        texts = model
        return lambda example: texts.ranked(example.text)
    dispatch = model
    return lambda example: dispatch.ranked(example, listed_lead(example, directory, on))


def by_lists(kind: ModelKind, pack: Pack, directory: Directory, on: date) -> Answering:
    """The answers of the lists' own words and rows: what serves where nothing was learned."""
    if kind is ModelKind.DISPATCH:
        return lambda example: _sole(listed_lead(example, directory, on))
    recogniser = Recogniser(pack)
    if kind is ModelKind.ITEM:
        return lambda example: [
            (match.item.code, 0.0) for match in recogniser.matches(example.text)[:3]
        ]
    screener, channel = Screener(pack, recogniser), pack.channels[0].code

    def screened(example: Example) -> ScreenResult:
        return screener.screen(
            Clue(
                channel=channel,
                external_id="example",
                text=example.text,
                reported_at=example.at or datetime.now(UTC),
            )
        )

    if kind is ModelKind.SCREENING:
        return lambda example: _sole(screened(example).verdict)
    return lambda example: _sole(screened(example).nature)


def lists_card(kind: ModelKind, version: str, at: datetime) -> Card:
    """The card of the lists themselves; they promise nothing, so they have no threshold."""
    return Card(
        kind=kind,
        format=FORMAT,
        trained_at=at,
        trained_on="lists",
        lists_version=version,
        examples=0,
        held_out=0,
        classes=0,
    )


def evaluated(card: Card, answer: Answering, held_out: Sequence[Example]) -> Card:
    """The card with its figures on these examples.

    ``top1`` and ``top3``: the share whose truth comes first, or among the first three;
    ``macro_f1``; of dispatch ``coverage``: the share at or above the card's threshold; and
    ``precision``: how many of those were right (missing where there are none).
    """
    truth = [label_of(card.kind, example) or "" for example in held_out]
    answers = [answer(example) for example in held_out]
    first = [found[0] if found else ("", 0.0) for found in answers]
    right = [label == true for (label, _), true in zip(first, truth, strict=True)]
    among = [
        any(label == true for label, _ in found[:3])
        for found, true in zip(answers, truth, strict=True)
    ]
    alone = [
        hit
        for hit, (_, chance) in zip(right, first, strict=True)
        if card.threshold is not None and chance >= card.threshold
    ]
    count = len(held_out)
    said = [label for label, _ in first]
    figures = {
        "top1": sum(right) / count,
        "top3": sum(among) / count,
        "macro_f1": float(
            f1_score(truth, said, labels=sorted(set(truth)), average="macro", zero_division=0)
        ),
    }
    if card.kind is ModelKind.DISPATCH:
        figures["coverage"] = len(alone) / count
    if alone:
        figures["precision"] = sum(alone) / len(alone)
    promised = [chance for _, chance in first]
    curve = reliability(promised, right) if any(promised) else ()
    return card.model_copy(update={"held_out": count, "figures": figures, "reliability": curve})


def _sole(label: str | None) -> Answers:
    return [(label, 0.0)] if label else []
