"""``screen_per_s``, ``screen_f1``: how fast and how right clues are screened.

Real: citizens' messages of the folder that `JUANCHI_DATA` names, all of which somebody acted on, so
that whatever is discarded of them is discarded wrongly. Ours: texts of each kind in
``screening_texts.toml``, written for this project in two hands, one of which nothing was tuned on.
``screen_f1`` is the macro-F1 of the shipped words over verdicts on the held-out hand and on real
messages of groups that no model has seen; matters and suggestions go on alike and count as one;
what goes to a person is right for none. ``screen_model_f1`` is the same beside a model that has
learned from the other hand and other real messages: some hundred texts, so it mostly doubts. A
report glued to advertising is a real message with lines of our own before, behind or in it.
"""

import csv
import random
import time
import tomllib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from sklearn.metrics import f1_score
from threadpoolctl import threadpool_limits

from bench.process import Skipped
from bench.report import Figures
from juanchi.domain.clue import DISCARDS, REFERRALS, ScreenResult
from juanchi.domain.lists import ChannelKind, Pack
from juanchi.domain.models import ModelKind
from juanchi.domain.terms import ClueVerdict
from juanchi.domain.ticket import Clue
from juanchi.intake.learning.texts import TextModel
from juanchi.intake.recognition import Recogniser
from juanchi.intake.screening import Screener
from juanchi.packs import read_pack, shipped

TEXTS: Final = Path(__file__).with_name("screening_texts.toml")
STREAM: Final = Path("messages") / "stream_2019.csv"
CATEGORY: Final = Path("messages") / "category_7.csv"

GOES_ON: Final = "goes_on"
_LEARN_REAL: Final = 1500
_TEST_REAL: Final = 600
_GLUED: Final = 500
_LINES: Final = 3
"""Advertising lines that are glued to a report."""

_QUICK: Final = 400
_AT: Final = datetime(2026, 11, 2, tzinfo=UTC)

Labelled = tuple[str, str]
"""A text and its verdict."""


class _Real(NamedTuple):
    stream: list[str]
    learn: list[Labelled]
    test: list[Labelled]


def measure(data: Path | None, *, quick: bool = False) -> Figures:
    """The figures, on one core. Raises ``Skipped`` without the data."""
    if data is None or not (data / STREAM).exists() or not (data / CATEGORY).exists():
        raise Skipped(f"set JUANCHI_DATA to the folder that has {STREAM} and {CATEGORY}")
    real, ours = _read(data, quick), _ours()
    pack = read_pack(shipped("shenzhen"))
    recogniser = Recogniser(pack)
    with threadpool_limits(limits=1):
        words = Screener(pack, recogniser)
        examples = [(text, label, "") for text, label in (*ours["learn"], *real.learn)]
        model = TextModel.train(ModelKind.SCREENING, examples)
        learned = Screener(pack, recogniser, model=model)
        held_out = [*ours["held_out"], *real.test]
        return {
            **_speed("screen", words, pack, real.stream),
            **_speed("screen_model", learned, pack, real.stream),
            "screen_f1": _f1(words, pack, held_out),
            "screen_model_f1": _f1(learned, pack, held_out),
            "screen_held_out": len(held_out),
            **_real("screen_real", words, pack, real),
            **_real("screen_real_model", learned, pack, real),
            **_glued(words, pack, real.stream, ours["held_out"]),
        }


def _speed(name: str, screener: Screener, pack: Pack, texts: Sequence[str]) -> Figures:
    clues = [_clue(text, pack) for text in texts]
    screener.screen(clues[0])
    took = []
    for clue in clues:
        # Of the processor: what else runs on the machine does not count.
        began = time.thread_time_ns()
        screener.screen(clue)
        took.append((time.thread_time_ns() - began) / 1e6)
    return {
        f"{name}_per_s": 1000 * len(clues) / sum(took),
        f"{name}_ms_p50": float(np.percentile(took, 50)),
        f"{name}_ms_p99": float(np.percentile(took, 99)),
    }


def _f1(screener: Screener, pack: Pack, held_out: Sequence[Labelled]) -> float:
    truth = [_kind(label) for _, label in held_out]
    said = [_kind(screener.screen(_clue(text, pack)).verdict) for text, _ in held_out]
    labels = sorted(set(truth))
    return float(f1_score(truth, said, labels=labels, average="macro", zero_division=0))


def _kind(verdict: str) -> str:
    return GOES_ON if verdict in (ClueVerdict.ACTIONABLE, ClueVerdict.SUGGESTION) else verdict


def _real(name: str, screener: Screener, pack: Pack, real: _Real) -> Figures:
    """What becomes of real messages that the screening has not learned from."""
    texts = [*real.stream, *(text for text, _ in real.test)]
    results = [screener.screen(_clue(text, pack)) for text in texts]
    return {
        f"{name}": len(texts),
        f"{name}_discarded": _count(results, DISCARDS),
        f"{name}_redirected": _count(results, REFERRALS),
        f"{name}_to_person": _count(results, (ClueVerdict.UNSURE,)),
        f"{name}_cut": sum(result.cut > 0 for result in results),
    }


def _count(results: Iterable[ScreenResult], verdicts: Iterable[ClueVerdict]) -> int:
    among = set(verdicts)
    return sum(result.verdict in among for result in results)


def _glued(
    screener: Screener, pack: Pack, texts: Sequence[str], ours: Sequence[Labelled]
) -> Figures:
    """Real messages with an advertisement glued to them: how many go on, and without it."""
    draw = random.Random(7)
    spam = [text for text, label in ours if label == ClueVerdict.ADVERTISEMENT]
    plain = [text for text in texts if _goes_on(screener, pack, text)][:_GLUED]
    gone_on, cut, kept = 0, 0, 0.0
    for text in plain:
        glued, lines = _with(text, draw.sample(spam, _LINES), draw)
        result = screener.screen(_clue(glued, pack))
        gone_on += _kind(result.verdict) == GOES_ON
        read = result.matter or glued
        cut += sum(line not in read for line in lines)
        kept += _kept(text, read)
    return {
        "screen_glued": len(plain),
        "screen_glued_goes_on": gone_on / len(plain),
        "screen_glued_cut": cut / (_LINES * len(plain)),
        "screen_glued_kept": kept / len(plain),
    }


def _kept(text: str, read: str) -> float:
    """The share of a report's sentences that departments read."""
    sentences = [one for one in text.replace("\n", "。").split("。") if one.strip()]
    return sum(one.strip() in read for one in sentences) / max(1, len(sentences))


def _goes_on(screener: Screener, pack: Pack, text: str) -> bool:
    return _kind(screener.screen(_clue(text, pack)).verdict) == GOES_ON


def _with(text: str, lines: list[str], draw: random.Random) -> tuple[str, list[str]]:
    sold = "。".join(lines) + "。"
    where = draw.choice(("before", "behind", "between"))
    if where == "before":
        return f"{sold}\n{text}", lines
    if where == "behind":
        return f"{text}\n{sold}", lines
    middle = text.find("。") + 1
    return f"{text[:middle]}{sold}{text[middle:]}", lines


def _clue(text: str, pack: Pack) -> Clue:
    channel = next(one for one in pack.channels if one.kind is ChannelKind.COMMENT)
    return Clue(channel=channel.code, external_id="1", text=text[:20_000], reported_at=_AT)


def _ours() -> dict[str, list[Labelled]]:
    kinds = tomllib.loads(TEXTS.read_text("utf-8"))
    return {
        part: [(text, kind) for kind, texts in of_part.items() for text in texts]
        for part, of_part in kinds.items()
    }


def _read(data: Path, quick: bool) -> _Real:
    with (data / STREAM).open(encoding="utf-8-sig", newline="") as file:
        stream = [f"{row['title']}\n{row['text']}" for row in csv.DictReader(file)]
    with (data / CATEGORY).open(encoding="utf-8-sig", newline="") as file:
        rows = [(row["text"], row["group"]) for row in csv.DictReader(file) if row["text"].strip()]
    groups = sorted({group for _, group in rows})
    random.Random(7).shuffle(groups)
    held = set(groups[: len(groups) // 5])
    learn = [(text, ClueVerdict.ACTIONABLE.value) for text, group in rows if group not in held][
        :_LEARN_REAL
    ]
    test = [(text, ClueVerdict.ACTIONABLE.value) for text, group in rows if group in held][
        :_TEST_REAL
    ]
    if quick:
        return _Real(stream[:_QUICK], learn[:_QUICK], test[:_QUICK])
    return _Real(stream, learn, test)
