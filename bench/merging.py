"""``merge_precision``, ``merge_recall``: how right it is that two messages are the same matter.

Judged are pairs of ``messages/stream_2019.csv`` in the folder that `JUANCHI_DATA` names. A person
read them; ``pairs.csv`` keeps their ids and verdicts, never a text. Its pairs were drawn from all
pairs posted within 90 days of each other that share some words (cosine of character TF-IDF, the
column ``likeness``, at least 0.12), a number from each level of likeness; ``weight`` is how many
pairs one of them stands for. Those of weight 0 were read besides: all that an early judge held for
sure and that were not copies; they count where precision is measured, not in what is weighted.

Two halves, no topic in both: on ``choose`` the shipped policy's thresholds were chosen, on ``hold``
the figures are measured. Near-duplicates are pairs of likeness 0.5 or more; ``merge_recall_all``
counts all pairs, most of which say the same in other words. The place and the item of a message
are what the shipped pack's own words find in it.
"""

import csv
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from bench.anonymous import Message, anonymous_town, messages, traces
from bench.process import Skipped
from bench.report import Figures
from juanchi.domain.policy_terms import SamenessTerms
from juanchi.domain.sameness import Trace, judge
from juanchi.domain.sketches import sketch
from juanchi.intake.tools import Tools
from juanchi.packs import read_pack, shipped

STREAM: Final = Path("messages") / "stream_2019.csv"
PAIRS: Final = Path(__file__).with_name("pairs.csv")
NEAR: Final = 0.5
_HOLD: Final = "hold"


class Pair(NamedTuple):
    """Two messages by id, the later one second, and what a person said of them."""

    one: str
    other: str
    likeness: float
    weight: float
    held: bool
    same: bool


class Judged(NamedTuple):
    """A pair, and what the engine says of it."""

    pair: Pair
    merged: bool
    told: bool


def pairs(file: Path = PAIRS) -> list[Pair]:
    """The pairs that a person has read."""
    with file.open(encoding="utf-8", newline="") as rows:
        return [
            Pair(
                row["one"],
                row["other"],
                float(row["likeness"]),
                float(row["weight"]),
                row["half"] == _HOLD,
                row["verdict"] == "same",
            )
            for row in csv.DictReader(rows)
        ]


def terms() -> SamenessTerms:
    """The terms of the shipped policy."""
    found = read_pack(shipped("shenzhen")).policy.sameness
    assert found is not None
    return found


def stream(data: Path | None) -> list[Message]:
    """The messages. Raises ``Skipped`` without the data."""
    if data is None:
        raise Skipped(f"set JUANCHI_DATA to the folder that has {STREAM}")
    if not (data / STREAM).exists():
        raise Skipped(f"{data / STREAM} is not there")
    return messages(data / STREAM)


def remembered(found: Sequence[Message]) -> dict[str, Trace]:
    """The traces of messages, in a city that has their districts."""
    tools = Tools(anonymous_town(one.text for one in found), "anonymous@1")
    return traces(found, tools)


def measure(data: Path | None, *, quick: bool = False) -> Figures:
    """Judge the pairs. Raises ``Skipped`` without the data."""
    found = stream(data)
    read = pairs()
    wanted = {id_ for pair in read for id_ in (pair.one, pair.other)}
    kept = remembered([one for one in found if one.id in wanted])
    judged = judge_all(read, kept, terms())
    held = [one for one in judged if one.pair.held]
    chosen = [one for one in judged if not one.pair.held]
    near = [one for one in held if one.pair.likeness >= NEAR]
    return {
        "merge_precision": precision(held, _merged),
        "merge_precision_choosing": precision(chosen, _merged),
        "merge_precision_proposed": precision(held, _told),
        "merge_recall": recall(near, _merged),
        "merge_recall_proposed": recall(near, _told),
        "merge_recall_unweighted": recall(near, _merged, weighted=False),
        "merge_recall_proposed_unweighted": recall(near, _told, weighted=False),
        "merge_recall_all": recall(held, _merged),
        "merge_recall_all_proposed": recall(held, _told),
        "merge_pairs": len(judged),
        "merge_pairs_held": len(held),
        "merge_merged_held": sum(map(_merged, held)),
        "merge_sketch_ms": _sketch_ms(found[:: 40 if quick else 4]),
    }


def judge_all(read: Iterable[Pair], kept: dict[str, Trace], wanted: SamenessTerms) -> list[Judged]:
    """What the engine says of each pair, the later message compared with the earlier."""
    judged = []
    for pair in read:
        old, new = sorted((kept[pair.one], kept[pair.other]), key=lambda one: one.received_at)
        likeness = judge(new, old, wanted)
        judged.append(Judged(pair, likeness.sure, likeness.score >= wanted.propose_above))
    return judged


def precision(judged: Sequence[Judged], taken: Callable[[Judged], bool]) -> float:
    """The share of those taken that are the same matter."""
    those = [one for one in judged if taken(one)]
    return sum(one.pair.same for one in those) / len(those) if those else 0.0


def recall(
    judged: Sequence[Judged], taken: Callable[[Judged], bool], *, weighted: bool = True
) -> float:
    """The share of the same matters that are taken: of all such pairs when weighted."""
    same = [one for one in judged if one.pair.same and one.pair.weight]
    heavy = [(one, one.pair.weight if weighted else 1.0) for one in same]
    return sum(weight for one, weight in heavy if taken(one)) / sum(weight for _, weight in heavy)


def _merged(one: Judged) -> bool:
    return one.merged


def _told(one: Judged) -> bool:
    return one.told or one.merged


def _sketch_ms(found: Sequence[Message]) -> float:
    began = time.thread_time()
    for one in found:
        sketch(one.text)
    return (time.thread_time() - began) / len(found) * 1000
