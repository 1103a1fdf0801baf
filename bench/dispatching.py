"""``dispatch_*``: who leads, on a real district's stream, and how far its probabilities hold.

The Pingshan events, out of the folder that `JUANCHI_DATA` names, are mapped as an import maps them
(one unit under two names is one). The first 80 % by time are learned from, the rest is answered by
what was known at that moment, without learning on. ``dispatch_coverage_at_98`` is the largest share
of the test, most probable first, of which 98 % are right: read off the test itself, it compares
models. ``dispatch_auto_precision`` and ``dispatch_auto_coverage`` are what a running engine would
have had: with the threshold on the model's card, chosen inside the first 80 %.

``dispatch_list_*`` has a responsibility list beside it, learned from the first 80 % (who most often
led an item in a region); the model learns how far to believe such a list from one of the first
70 % of those. ``dispatch_list_alone_top1`` is that list without any model.
``dispatch_reference_*`` is logistic regression on the raw fields: ``_raw_`` with units as the file
names them. The reliability curve of the test is drawn into ``bench/reliability.png``.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from matplotlib.figure import Figure
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import OneHotEncoder

from bench.process import Skipped
from bench.report import Figures
from juanchi.domain.duties import ANY, Directory
from juanchi.domain.lists import Duty, Pack
from juanchi.domain.models import Bin
from juanchi.domain.place import Place
from juanchi.domain.promotion import AIM
from juanchi.domain.ticket import Classified
from juanchi.intake.files import Source
from juanchi.intake.learning.calibration import coverage_at, ece, reliability
from juanchi.intake.learning.dispatch import FOLDS, DispatchModel, listed_lead
from juanchi.intake.learning.example import Example
from juanchi.intake.mapper import Mapper
from juanchi.intake.mapping import read_mapping
from juanchi.intake.scanning import scan
from juanchi.packs import read_pack, shipped

EVENTS: Final = Path("pingshan") / "events.csv"
CURVE: Final = Path(__file__).with_name("reliability.png")

_LEARNED: Final = 0.8
_QUICK_ROWS: Final = 1000
_LONG_AGO: Final = date(2000, 1, 1)
_FIELDS: Final = ("property", "type", "main_type", "sub_type", "source", "street", "community")


class Events(NamedTuple):
    """The stream in its order of time, as examples and as the file has it; the city with it."""

    examples: list[Example]
    raw: list[dict[str, str]]
    pack: Pack


class Answers(NamedTuple):
    """The first answer of each matter, with whether it was right, and whether one of three was."""

    promised: np.ndarray[Any, np.dtype[np.float64]]
    right: np.ndarray[Any, np.dtype[np.bool_]]
    among_three: list[bool]

    def figures(self, name: str) -> Figures:
        """What is compared between ways of answering."""
        return {
            f"{name}_top1": float(self.right.mean()),
            f"{name}_top3": float(np.mean(self.among_three)),
            f"{name}_coverage_at_98": coverage_at(self.promised, self.right, AIM),
        }


def measure(data: Path | None, *, quick: bool = False) -> Figures:
    """Train, answer, compare and draw. Raises ``Skipped`` without the data."""
    if data is None or not (data / EVENTS).exists():
        raise Skipped(f"set JUANCHI_DATA to the folder that has {EVENTS}")
    events = read_events(data / EVENTS, _QUICK_ROWS if quick else None)
    cut = int(len(events.examples) * _LEARNED)
    known, test = events.examples[:cut], events.examples[cut:]
    no_list = Directory.of(events.pack.model_copy(update={"duties": ()}))

    began = time.process_time()
    model = DispatchModel.train(known, no_list)
    took = time.process_time() - began
    began = time.process_time()
    answers = answered(model, test, no_list)
    each = (time.process_time() - began) / len(test) * 1000
    curve = reliability(answers.promised, answers.right)
    if not quick:
        draw(curve, model.card.threshold, CURVE)

    then = learned_list(events.pack, known[: int(cut * FOLDS[0])])
    now = learned_list(events.pack, known)
    listed = answered(DispatchModel.train(known, then), test, now)
    alone = [listed_lead(one, now) == one.lead for one in test]
    return {
        **answers.figures("dispatch"),
        **_auto(answers, model.card.threshold),
        "dispatch_ece": ece(answers.promised, answers.right),
        **listed.figures("dispatch_list"),
        "dispatch_list_alone_top1": float(np.mean(alone)),
        **_reference(events, cut, [one.lead or "" for one in events.examples]).figures(
            "dispatch_reference"
        ),
        **_reference(events, cut, [row["dispose_unit"] for row in events.raw]).figures(
            "dispatch_reference_raw"
        ),
        "dispatch_several_units_share": _undecided(events.examples),
        "dispatch_train_s": took,
        "dispatch_ms": each,
    }


def read_events(path: Path, limit: int | None = None) -> Events:
    """The events with items, regions and units found, or made, as an import does it."""
    city = shipped("shenzhen")
    pack, mapping = read_pack(city), read_mapping(city / "mappings" / "pingshan.toml")
    source = Source(path, mapping.file.format, mapping.file.delimiter)
    found = scan(source, Mapper(mapping, pack))
    units = {unit.code: unit for unit in (*pack.units, *found.units)}
    grown = {"units": tuple(units.values()), "items": (*pack.items, *found.items)}
    pack = pack.model_copy(update=grown)
    mapper = Mapper(mapping, pack)
    examples, raw = [], []
    for row in source.rows():
        clue = mapper.clue(row).clue
        given = clue.classified or Classified()
        place = clue.place or Place()
        examples.append(
            Example(
                text="",  # the file has none: the mapping's only repeats the fields
                at=clue.reported_at,
                channel=row.cells["source"],
                item=given.item,
                nature=clue.nature,
                region=place.region,
                address=place.address,
                lead=given.lead or row.cells["dispose_unit"],  # "-" stays: an answer to be given
            )
        )
        raw.append(dict(row.cells))
    assert all(one.item and one.lead for one in examples), "an event's item or unit was not found"
    return Events(examples[:limit], raw[:limit], pack)


def learned_list(pack: Pack, examples: Sequence[Example]) -> Directory:
    """A responsibility list of who most often led an item in a region, and anywhere."""
    led: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for one in examples:
        for region in {one.region or ANY, ANY}:
            led[one.item or ANY, region][one.lead or ""] += 1
    duties = tuple(
        Duty(item=item, region=region, lead=units.most_common(1)[0][0], valid_from=_LONG_AGO)
        for (item, region), units in led.items()
    )
    return Directory.of(pack.model_copy(update={"duties": duties}))


def answered(model: DispatchModel, test: Sequence[Example], lists: Directory) -> Answers:
    """What a model says of matters whose lists are these."""
    found = [model.ranked(one, listed_lead(one, lists)) for one in test]
    firsts = zip(found, test, strict=True)
    return Answers(
        np.array([ranked[0][1] for ranked in found]),
        np.array([ranked[0][0] == one.lead for ranked, one in firsts]),
        [one.lead in dict(ranked) for ranked, one in zip(found, test, strict=True)],
    )


def _auto(answers: Answers, threshold: float | None) -> Figures:
    """What an engine with this threshold would have dispatched alone."""
    alone = answers.promised >= (2.0 if threshold is None else threshold)
    figures: Figures = {"dispatch_auto_coverage": float(alone.mean())}
    if alone.any():
        figures["dispatch_auto_precision"] = float(answers.right[alone].mean())
    if threshold is not None:
        figures["dispatch_threshold"] = threshold
    return figures


def _reference(events: Events, cut: int, leads: Sequence[str]) -> Answers:
    """Logistic regression on the raw fields."""
    encoder = OneHotEncoder(handle_unknown="ignore")
    fields = [[row[name] for name in _FIELDS] for row in events.raw]
    model = LogisticRegression(max_iter=300).fit(encoder.fit_transform(fields[:cut]), leads[:cut])
    chances = model.predict_proba(encoder.transform(fields[cut:]))
    best = np.argsort(-chances, axis=1, kind="stable")[:, :3]
    hits = model.classes_[best] == np.array(leads[cut:])[:, None]
    return Answers(chances.max(axis=1), hits[:, 0], hits.any(axis=1).tolist())


def _undecided(examples: Sequence[Example]) -> float:
    """The share of matters that the commonest unit of their item and place did not lead."""
    led: dict[tuple[object, ...], Counter[str]] = defaultdict(Counter)
    for one in examples:
        led[one.item, one.region, one.address][one.lead or ""] += 1
    commonest = sum(units.most_common(1)[0][1] for units in led.values())
    return 1 - commonest / len(examples)


def draw(curve: Sequence[Bin], threshold: float | None, path: Path) -> None:
    """The reliability curve as a picture: what was promised, and how often it was right."""
    figure = Figure(figsize=(5, 5), dpi=80)
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="lightgrey", linestyle="--", label="as promised")
    promised, right = [one.promised for one in curve], [one.right for one in curve]
    axes.plot(promised, right, color="tab:blue", marker="o", label="measured")
    for one in curve:
        axes.annotate(
            str(one.count), (one.promised, one.right), (6, -12), textcoords="offset points"
        )
    if threshold is not None:
        axes.axvline(threshold, color="tab:green", linestyle=":", label="dispatched alone from")
    axes.set(
        xlabel="promised probability of the first answer",
        ylabel="share that was right",
        title="Dispatch on later tickets (numbers: tickets)",
        xlim=(0, 1.02),
        ylim=(0, 1.02),
    )
    axes.legend(loc="upper left")
    figure.savefig(path, metadata={"Software": None})
