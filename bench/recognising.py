"""``recognise_*``: what a worker's processor does for one clue, from its words to its unit.

Over 4,000 items and 85 regions of a made-up city (``bench.metropolis``), with a model of each kind
trained on its past letters: the clue is screened, its place found, its item recognised and the unit
routed, as the worker's hands do it. Times are those of the thread's processor, so that a busy
machine does not count. With `JUANCHI_DATA` the same on real citizens' messages.
``model_rss_mb`` is measured in a process of its own: what loading and using the models adds.
"""

import csv
import gc
import multiprocessing
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import psutil
from threadpoolctl import threadpool_limits

from bench.metropolis import DISTRICTS, ITEMS, START, STREETS, letters, metropolis
from bench.report import Figures
from juanchi.domain import machine
from juanchi.domain.lists import Pack
from juanchi.domain.models import ModelKind
from juanchi.domain.retraining import Enough
from juanchi.domain.ticket import Clue
from juanchi.intake.learning.course import Course, split_groups, train
from juanchi.intake.learning.learned import NOTHING_LEARNED, Learned, learned_of, load_model
from juanchi.intake.routing import Routing
from juanchi.intake.tools import Tools

PAST: Final = 20_000
CLUES: Final = 3000
STREAM: Final = Path("messages") / "stream_2019.csv"

_QUICK: Final = (200, 1500, 200)
_TODAY: Final = date(2026, 3, 1)

Models = dict[ModelKind, bytes]


def measure(data: Path | None, *, quick: bool = False) -> Figures:
    """The figures; those on real messages only where there are some."""
    items, past, clues = _QUICK if quick else (ITEMS, PAST, CLUES)
    pack = metropolis(items)
    with threadpool_limits(limits=1):
        models, train_s = _trained(pack, past)
        tools = Tools(pack, "metropolis@1", _learned(models))
        texts = [one.text for one in letters(pack, clues, seed=12)]
        took = _timed(tools, texts)
        figures: Figures = {
            "recognise_ms_p50": _at(took, 0.5),
            "recognise_ms_p99": _at(took, 0.99),
            "recognise_per_s": 1000 * len(took) / sum(took),
            "recognise_lists_ms_p50": _at(_timed(Tools(pack, "metropolis@1"), texts), 0.5),
            "recognise_items": len(pack.items),
            "recognise_regions": 1 + DISTRICTS + STREETS,
            "recognise_train_s": train_s,
            "recognise_trained_on": past,
        }
        if data is not None and (data / STREAM).exists():
            real = _timed(tools, _real(data / STREAM, clues))
            figures |= {"recognise_real_ms_p50": _at(real, 0.5)}
            figures |= {"recognise_real_ms_p99": _at(real, 0.99)}
    figures["model_rss_mb"] = _grown(items, models) / 2**20
    figures["model_bytes_mb"] = sum(map(len, models.values())) / 2**20
    return figures


def recognise(tools: Tools, clue: Clue) -> Routing:
    """From a clue's words to its unit, as ``activities.hands`` goes about it."""
    ticket, _ = machine.begin(clue, START)
    screened = tools.screener.screen(clue)
    located = tools.locator.locate(clue, None)
    ticket = ticket.having(nature=screened.nature, place=located.place)
    return tools.router.route(ticket, START)


def _trained(pack: Pack, past: int) -> tuple[Models, float]:
    examples = letters(pack, past)
    began, models = time.process_time(), {}
    for kind in (ModelKind.ITEM, ModelKind.NATURE, ModelKind.DISPATCH):
        course = Course(
            kind=kind,
            split=split_groups(examples, kind),
            pack=pack,
            version="metropolis@1",
            on=_TODAY,
            enough=Enough(),
            trained_on="bench",
        )
        graded = train(course)
        assert graded.data, f"not enough to train {kind}"
        models[kind] = graded.data
    return models, time.process_time() - began


def _learned(models: Models) -> Learned:
    loaded = {kind: load_model(kind, data) for kind, data in models.items()}
    return learned_of(dict.fromkeys(models, 1), loaded)


def _clues(tools: Tools, texts: Iterable[str]) -> list[Clue]:
    channel = tools.pack.channels[0].code
    return [
        Clue(channel=channel, external_id=str(n), text=text, reported_at=START)
        for n, text in enumerate(texts)
    ]


def _timed(tools: Tools, texts: Sequence[str]) -> list[float]:
    """Milliseconds of the processor for each clue, sorted; after some to warm up."""
    clues = _clues(tools, texts)
    for clue in clues[:50]:
        recognise(tools, clue)
    gc.collect()
    took = []
    for clue in clues:
        began = time.thread_time_ns()
        recognise(tools, clue)
        took.append((time.thread_time_ns() - began) / 1e6)
    return sorted(took)


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def _real(file: Path, most: int) -> list[str]:
    with file.open(encoding="utf-8-sig", newline="") as rows:
        texts = [f"{row['title']} {row['text']}".strip() for row in csv.DictReader(rows)]
    return [text for text in texts if text][:most]


def _grown(items: int, models: Models) -> int:
    """Bytes by which a process grows when it loads and uses the models."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_growth, args=(theirs, items))
    child.start()
    theirs.close()  # so that its death is an error here, not a wait for ever
    try:
        ours.recv()  # it has measured itself without them
        ours.send(models)
        return int(ours.recv())
    finally:
        child.join()


def _growth(pipe: Any, items: int) -> None:
    me, pack = psutil.Process(), metropolis(items)
    texts = [one.text for one in letters(pack, 100, seed=13)]
    _use(Tools(pack, "metropolis@1", NOTHING_LEARNED), texts)
    before = _settled(lambda: me.memory_info().rss)
    pipe.send("ready")
    tools = Tools(pack, "metropolis@1", _learned(pipe.recv()))
    _use(tools, texts)
    pipe.send(_settled(lambda: me.memory_info().rss) - before)


def _use(tools: Tools, texts: Sequence[str]) -> None:
    for clue in _clues(tools, texts):
        recognise(tools, clue)


def _settled(rss: Callable[[], int]) -> int:
    gc.collect()
    return rss()
