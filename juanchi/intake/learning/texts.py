"""A learned model of texts: which item, or which nature, a message is about, and how surely."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from juanchi.domain.models import Card, ModelKind
from juanchi.intake.learning.archive import FORMAT, ModelUnreadable, Unreadable, pack, unpack
from juanchi.intake.learning.calibration import Calibrator, reliability, threshold_for
from juanchi.intake.learning.grams import Grams, grams
from juanchi.intake.learning.linear_text import Known, Said, Weights, says

if TYPE_CHECKING:
    from juanchi.intake.learning.fitting import Corpus

MOST_EXAMPLES: Final = 20_000
"""A model learns from so many examples, the last ones given: more take gigabytes."""

_HEATS: Final = np.geomspace(0.5, 100, 40)
_HEATED_ON: Final = 2_000
"""Held-out texts that the sharpness of probabilities is chosen on, at most."""

_BLOCK: Final = 500
_CALIBRATED_ON: Final = 3
"""Answers of each held-out text that its probabilities are calibrated on, the best first."""

_USUAL: Final = 5
"""Percent of texts that know fewer of their grams than the share that is taken as usual."""

_KINDS: Final = (ModelKind.ITEM, ModelKind.NATURE, ModelKind.SCREENING)

Floats = NDArray[np.float64]
Classes = NDArray[np.intp]
Number = TypeVar("Number", bound=np.generic)


class Sureness(NamedTuple):
    """How scores become probabilities that mean what they say.

    ``heat``: how sharply a lead in score counts. ``usual``: the share of known grams of an
    ordinary text; one that knows fewer of them is as much less sure, and one in another language
    is sure of nothing.
    """

    heat: float
    usual: float
    calibrator: Calibrator = Calibrator()

    def chances(self, said: Said) -> Floats:
        """The probability of each class for one text or several, not calibrated."""
        doubt = np.minimum(1.0, np.asarray(said.known) / self.usual)[..., None]
        scores = said.scores * (self.heat * doubt)
        raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
        found: Floats = raised / raised.sum(axis=-1, keepdims=True)
        return found


class TextModel:
    """Tells the class of a text. Train it or load it; it never changes after that, but its card."""

    def __init__(
        self, card: Card, labels: Sequence[str], known: Known, weights: Weights, sureness: Sureness
    ) -> None:
        self.card = card
        self._labels = tuple(labels)
        self._numbers = {label: number for number, label in enumerate(self._labels)}
        self._known = known
        self._weights = weights
        self._sureness = sureness

    @classmethod
    def train(
        cls,
        kind: ModelKind,
        examples: Sequence[tuple[str, str, str]],
        *,
        trained_on: str = "",
        precision: float = 0.98,
        seed: int = 0,
    ) -> "TextModel":
        """Learn from texts, each with its label and its group (empty: a group of its own).

        The probabilities are calibrated on folds that were held out by group, and so are the
        figures and the threshold of the card, for this precision. The same examples in the same
        order give the same model. Raises ``ValueError`` with fewer than two labels or groups.
        """
        from juanchi.intake.learning.fitting import Corpus, fit

        examples = examples[-MOST_EXAMPLES:]
        labels = sorted({label for _, label, _ in examples})
        if len(labels) < 2 or len({group or text for text, _, group in examples}) < 2:
            raise ValueError("a text model needs examples of two labels, in two groups, at least")
        number = {label: at for at, label in enumerate(labels)}
        classes = np.array([number[label] for _, label, _ in examples], np.intp)
        parts = [grams(text) for text, _, _ in examples]
        corpus = Corpus.of(parts)
        groups = [group or f"\0{text}" for text, _, group in examples]
        said = _held_out(corpus, parts, classes, groups, len(labels), seed)
        sureness = _calibrated(said, classes)
        fitted = fit(corpus, classes, len(labels))
        card = Card(
            kind=kind,
            format=FORMAT,
            trained_at=datetime.now(UTC),
            trained_on=trained_on,
            examples=len(examples),
            classes=len(labels),
            libraries={name: version(name) for name in ("numpy", "scipy", "scikit-learn")},
            **_judged(sureness, said, classes, precision),
        )
        return cls(card, labels, fitted.known, fitted.weights, sureness)

    def ranked(
        self, text: str, most: int = 3, beside: Iterable[str] = ()
    ) -> list[tuple[str, float]]:
        """The likeliest labels, each with its calibrated probability, best first.

        ``beside``: these too, as far as they are known, however unlikely they are.

        Of a text longer than 5,000 characters the first 4,000 and the last 1,000 are read. A text
        without any character has no label.
        """
        parts = grams(text)
        if not len(parts[0].hashes):
            return []
        chances = self._sureness.chances(says(self._known, self._weights, parts))
        best = np.argsort(-chances, kind="stable")[:most]
        if asked := {self._numbers[label] for label in beside if label in self._numbers}:
            rest = sorted(asked.difference(best.tolist()), key=lambda at: (-chances[at], at))
            best = np.append(best, np.array(rest, np.intp))
        sure = self._sureness.calibrator(chances[best])
        return [(self._labels[at], float(p)) for at, p in zip(best, sure, strict=True)]

    def dump(self) -> bytes:
        """The model as bytes, the same ones each time."""
        known, weights, sureness = self._known, self._weights, self._sureness
        arrays: dict[str, NDArray[Any]] = {
            "hashes": known.hashes,
            "rarity": known.weights,
            "values": weights.values,
            "bias": weights.bias,
        }
        if weights.columns is not None and weights.ends is not None:
            arrays |= {"columns": weights.columns, "ends": weights.ends}
        words = {
            "labels": self._labels,
            "heat": sureness.heat,
            "usual": sureness.usual,
            "calibrator": tuple(sureness.calibrator),
        }
        return pack(self.card, arrays, words)

    @classmethod
    def load(cls, data: bytes, kind: ModelKind | None = None) -> "TextModel":
        """A model out of its bytes, of this kind or (None) of items or natures.

        Raises ``ModelUnreadable``.
        """
        card, arrays, words = unpack(data, kind)
        if card.kind not in _KINDS:
            wanted = "/".join(one.value for one in _KINDS)
            raise ModelUnreadable(Unreadable.OTHER_KIND, found=card.kind.value, wanted=wanted)
        try:
            known = Known(_as(arrays["hashes"], np.uint64), _as(arrays["rarity"], np.float32))
            weights = Weights(_as(arrays["values"], np.float16), _as(arrays["bias"], np.float32))
            if "columns" in arrays:
                columns, ends = _as(arrays["columns"], np.int32), _as(arrays["ends"], np.int64)
                weights = weights._replace(columns=columns, ends=ends)
            sureness = Sureness(
                float(words["heat"]), float(words["usual"]), Calibrator(*words["calibrator"])
            )
            labels = [str(label) for label in words["labels"]]
        except (KeyError, TypeError, ValueError) as why:
            raise ModelUnreadable(Unreadable.INCOMPLETE) from why
        if not weights.fit(len(known.hashes), len(labels)) or not known.in_order():
            raise ModelUnreadable(Unreadable.INCOMPLETE)
        return cls(card, labels, known, weights, sureness)


def _as(array: NDArray[Any], kind: type[Number]) -> NDArray[Number]:
    """An array of this kind of number; ``TypeError`` if it is of another: nothing is converted."""
    if array.dtype != kind:
        raise TypeError(f"{array.dtype} instead of {kind.__name__}")
    return array


def _held_out(
    corpus: "Corpus",
    parts: Sequence[tuple[Grams, ...]],
    classes: Classes,
    groups: Sequence[str],
    how_many: int,
    seed: int,
) -> Said:
    """What each text says to a model that has seen neither it nor its group."""
    from juanchi.intake.learning.fitting import fit, folds

    scores = np.zeros((len(parts), how_many), np.float32)
    known = np.zeros(len(parts), np.float32)
    for learn, held in folds(groups, seed):
        fitted = fit(corpus.rows(learn), classes[learn], how_many)
        for at in held:
            scores[at], known[at] = says(fitted.known, fitted.weights, parts[at])
    return Said(scores, known)


def _calibrated(said: Said, classes: Classes) -> Sureness:
    """The heat under which what came true was likeliest, and what is left to repair after it."""
    every = -(-len(classes) // _HEATED_ON)
    known = np.asarray(said.known)
    some, true = Said(said.scores[::every], known[::every]), classes[::every]
    usual = max(float(np.percentile(known, _USUAL)), 1e-6)

    def loss(heat: float) -> float:
        chances = Sureness(heat, usual).chances(some)[np.arange(len(true)), true]
        return -float(np.log(np.maximum(chances, 1e-12)).mean())

    sureness = Sureness(min(map(float, _HEATS), key=loss), usual)
    best = _best(sureness, said)
    right = (best.classes == classes[:, None]).ravel()
    return sureness._replace(calibrator=Calibrator.fit(best.chances.ravel(), right.tolist()))


class _Best(NamedTuple):
    """The likeliest classes of texts, best first, and the probability of each."""

    classes: Classes
    chances: Floats


def _best(sureness: Sureness, said: Said) -> _Best:
    """The first three of each text. In blocks: all of 4,000 classes at once take gigabytes."""
    classes, chances = [], []
    for start in range(0, len(said.scores), _BLOCK):
        block = Said(said.scores[start:][:_BLOCK], np.asarray(said.known)[start:][:_BLOCK])
        found = sureness.chances(block)
        first = np.argsort(-found, axis=1, kind="stable")[:, :_CALIBRATED_ON]
        classes.append(first)
        chances.append(sureness.calibrator(np.take_along_axis(found, first, axis=1)))
    return _Best(np.concatenate(classes), np.concatenate(chances))


def _judged(sureness: Sureness, said: Said, classes: Classes, precision: float) -> dict[str, Any]:
    """What a card says of answers to texts that were held out."""
    from sklearn.metrics import f1_score

    best = _best(sureness, said)
    first, promised = best.classes[:, 0], best.chances[:, 0]
    among = best.classes == classes[:, None]
    right = among[:, 0].tolist()
    return {
        "held_out": len(classes),
        "figures": {
            "top1": float(among[:, 0].mean()),
            "top3": float(among.any(axis=1).mean()),
            "macro_f1": float(f1_score(classes, first, average="macro", zero_division=0)),
        },
        "reliability": reliability(promised, right),
        "threshold": threshold_for(promised, right, precision),
    }
