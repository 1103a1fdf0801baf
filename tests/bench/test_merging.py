"""The read pairs are ids and verdicts, and the figures are those of their definitions."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from bench.merging import (
    PAIRS,
    STREAM,
    Judged,
    Pair,
    judge_all,
    measure,
    pairs,
    precision,
    recall,
    remembered,
    stream,
    terms,
)
from bench.process import Skipped


def test_only_ids_numbers_and_verdicts_are_kept() -> None:
    with PAIRS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        assert row["one"].isdigit()
        assert row["other"].isdigit()
        assert row["half"] in {"choose", "hold"}
        assert row["verdict"] in {"same", "not"}
    assert len({(row["one"], row["other"]) for row in rows}) == len(rows) >= 200


def test_no_message_is_in_both_halves() -> None:
    read = pairs()
    held = {id_ for pair in read if pair.held for id_ in (pair.one, pair.other)}
    chosen = {id_ for pair in read if not pair.held for id_ in (pair.one, pair.other)}
    assert held
    assert not held & chosen


def test_figures_by_their_definition() -> None:
    def one(same: bool, merged: bool, weight: float) -> Judged:
        return Judged(Pair("1", "2", 0.6, weight, True, same), merged, merged)

    judged = [one(True, True, 9), one(True, False, 1), one(False, True, 5), one(True, True, 0)]

    def merged(found: Judged) -> bool:
        return found.merged

    assert precision(judged, merged) == pytest.approx(2 / 3)
    assert recall(judged, merged) == pytest.approx(0.9)
    assert recall(judged, merged, weighted=False) == pytest.approx(0.5)
    assert precision([], merged) == 0


def test_without_data_it_is_skipped(tmp_path: Path) -> None:
    for data in (None, tmp_path):
        with pytest.raises(Skipped, match=r"stream_2019\.csv"):
            measure(data)


DATA = os.environ.get("JUANCHI_DATA", "")


@pytest.mark.skipif(not DATA or not (Path(DATA) / STREAM).exists(), reason="needs JUANCHI_DATA")
def test_real_pairs_with_the_shipped_terms() -> None:
    found = stream(Path(DATA))
    read = [pair for pair in pairs() if pair.likeness >= 0.5]
    wanted = {id_ for pair in read for id_ in (pair.one, pair.other)}
    kept = remembered([one for one in found if one.id in wanted])
    judged = judge_all(read, kept, terms())
    assert precision(judged, lambda one: one.merged) >= 0.99
    assert recall(judged, lambda one: one.told) >= 0.85
