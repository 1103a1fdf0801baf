"""Batches: what waits goes together, each caller gets its own answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from juanchi.ledger.batching import MOST, Batches


class Away(Exception):
    """Nobody's own error."""


class Sink:
    """Takes batches slowly; items above 1,000 are bad."""

    def __init__(self) -> None:
        self.taken: list[list[int]] = []
        self.away = False
        self.batches = Batches(self.flush, lambda error: isinstance(error, Away))

    async def flush(self, items: Sequence[int]) -> list[int]:
        self.taken.append(list(items))
        await asyncio.sleep(0.001)
        if self.away:
            raise Away
        if bad := [item for item in items if item > 1000]:
            raise ValueError(bad)
        return [item * 2 for item in items]


async def test_in_order_and_bounded() -> None:
    sink = Sink()
    results = await asyncio.gather(*(sink.batches.submit(n) for n in range(200)))
    assert results == [n * 2 for n in range(200)]
    assert [n for batch in sink.taken for n in batch] == list(range(200))
    assert max(map(len, sink.taken)) == MOST
    assert len(sink.taken) == 4


async def test_bad_ones_fail_alone() -> None:
    sink = Sink()
    asked = [1, 1001, 2, 1002, 3]
    results = await asyncio.gather(*(sink.batches.submit(n) for n in asked), return_exceptions=True)
    assert [r for r in results if isinstance(r, int)] == [2, 4, 6]
    assert [r.args for r in results if isinstance(r, ValueError)] == [([1001],), ([1002],)]


async def test_when_it_is_away_all_are_told_at_once() -> None:
    sink = Sink()
    sink.away = True
    results = await asyncio.gather(
        *(sink.batches.submit(n) for n in range(10)), return_exceptions=True
    )
    assert all(isinstance(result, Away) for result in results)
    assert len(sink.taken) == 1
    sink.away = False
    assert await sink.batches.submit(4) == 8


async def test_those_who_gave_up_are_left_out() -> None:
    sink = Sink()
    first = asyncio.create_task(sink.batches.submit(1))
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(sink.batches.submit(n)) for n in (2, 3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    assert await first == 2
    assert await waiting[1] == 6
    with pytest.raises(asyncio.CancelledError):
        await waiting[0]
    assert 2 not in sink.taken[-1]
