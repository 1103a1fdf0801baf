"""``category_macro_f1``: how well a text model tells the class of a citizen's message.

Five folds of real messages of seven classes, out of the folder that `JUANCHI_DATA` names, split by
group: a near-duplicate never stands on both sides. A model is trained on four folds as
`starter.py train` trains it, its calibration included, and asked for the fifth; the macro-F1 is
over all answers. In the same run the reference: a linear support vector machine on TF-IDF of
characters, as the library comes. The calibration error is of the probabilities that the models
gave for texts they had not seen.
"""

import csv
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from bench.process import Skipped
from bench.report import Figures
from juanchi.domain.models import ModelKind
from juanchi.intake.learning.calibration import ece
from juanchi.intake.learning.texts import TextModel

MESSAGES: Final = Path("messages") / "category_7.csv"
FOLDS: Final = 5

_QUICK_ROWS: Final = 600
_TIMED: Final = 1000

Labelled = tuple[str, str, str]
Answer = tuple[str, float]


def measure(data: Path | None, *, quick: bool = False) -> Figures:
    """The figures, on one core. Raises ``Skipped`` without the data."""
    if data is None:
        raise Skipped(f"set JUANCHI_DATA to the folder that has {MESSAGES}")
    if not (data / MESSAGES).exists():
        raise Skipped(f"{data / MESSAGES} is not there")
    examples = _read(data / MESSAGES)
    if quick:
        examples = examples[:: len(examples) // _QUICK_ROWS]
    with threadpool_limits(limits=1):
        answers = _by_folds(examples, _our_answers)
        reference = _by_folds(examples, _reference_answers)
        began = time.perf_counter()
        model = TextModel.train(ModelKind.NATURE, examples)
        took = time.perf_counter() - began
        times = [_timed(model, text) for text, _, _ in examples[:_TIMED]]
    truth = [label for _, label, _ in examples]
    said = [label for label, _ in answers]
    right = [one == other for one, other in zip(said, truth, strict=True)]
    return {
        "category_macro_f1": _macro_f1(truth, said),
        "category_macro_f1_reference": _macro_f1(truth, [label for label, _ in reference]),
        "category_macro_f1_spread": _spread(examples, said),
        "category_ece": ece([p for _, p in answers], right),
        "category_train_s": took,
        "category_model_mb": len(model.dump()) / 2**20,
        "text_model_ms_p50": 1000 * statistics.median(times),
    }


def _read(file: Path) -> list[Labelled]:
    with file.open(encoding="utf-8-sig", newline="") as rows:
        return [(row["text"], row["label"], row["group"]) for row in csv.DictReader(rows)]


def _by_folds(
    examples: Sequence[Labelled],
    answers: Callable[[Sequence[Labelled], Sequence[str]], list[Answer]],
) -> list[Answer]:
    """An answer for each example, by what has learned from the other folds."""
    found: list[Answer] = [("", 0.0)] * len(examples)
    for learn, held in _splits(examples):
        asked = [examples[at][0] for at in held]
        for at, answer in zip(held, answers([examples[at] for at in learn], asked), strict=True):
            found[at] = answer
    return found


def _splits(examples: Sequence[Labelled]) -> list[tuple[list[int], list[int]]]:
    groups = [group for _, _, group in examples]
    folds = GroupKFold(FOLDS).split(np.zeros(len(groups)), groups=groups)
    return [(learn.tolist(), held.tolist()) for learn, held in folds]


def _our_answers(learn: Sequence[Labelled], asked: Sequence[str]) -> list[Answer]:
    model = TextModel.train(ModelKind.NATURE, learn)
    return [model.ranked(text, most=1)[0] for text in asked]


def _reference_answers(learn: Sequence[Labelled], asked: Sequence[str]) -> list[Answer]:
    cut = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, min_df=2)
    machine = LinearSVC(random_state=0)
    machine.fit(cut.fit_transform([text for text, _, _ in learn]), [label for _, label, _ in learn])
    return [(str(label), 1.0) for label in machine.predict(cut.transform(asked))]


def _macro_f1(truth: Sequence[str], said: Sequence[str]) -> float:
    return float(f1_score(truth, said, average="macro", zero_division=0))


def _spread(examples: Sequence[Labelled], said: Sequence[str]) -> float:
    """How far the folds lie apart: the standard deviation of their macro-F1."""
    return statistics.stdev(
        _macro_f1([examples[at][1] for at in held], [said[at] for at in held])
        for _, held in _splits(examples)
    )


def _timed(model: TextModel, text: str) -> float:
    began = time.perf_counter()
    model.ranked(text)
    return time.perf_counter() - began
