"""``merge_lookup_ms_p99_*``: how long it takes to look for a clue's like among very many.

The ledger remembers 10,000, 100,000 and 1,000,000 clues, made up and copied in; a fifth of each
one's keys are phrases that thousands of others have. Then one caller asks again and again, half of
the time for a clue that is there once more with some words changed, and waits for each answer: its
keys are looked up, the likeliest are fetched and judged. ``merge_remember_ms_p99`` is the same for
remembering one more clue among the most. All through the class that the engine uses.

``merge_lookup_worker_ms`` is the caller's processor time, which a busy machine does not lengthen.

``merge_found`` needs `JUANCHI_DATA`: the whole real stream is remembered, and of the read pairs
that the engine holds to be perhaps or surely the same, so many are found by looking one of the two
up: it is among the answers, or they are full of likelier ones.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import asyncpg
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from bench.merging import judge_all, pairs, remembered, stream, terms
from bench.report import Figures
from bench.scene import Scene
from juanchi.domain.sameness import Trace
from juanchi.domain.sketches import HEAD_KEPT, KEPT, KEYS, Sketch
from juanchi.ledger.traces import MOST, Traces, keep

SIZES: Final = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000}
LOOKS: Final = 2000
TERMS: Final = terms()

_QUICK: Final = {"10k": 2000, "100k": 4000}
_QUICK_LOOKS: Final = 50
_CHUNK: Final = 20_000
_PAGE: Final = 500
_COMMON: Final = 3
"""Keys of each clue that are phrases."""
_PHRASES: Final = 2000
_KEYS: Final = 2 * KEYS
_RUNS: Final = 300
_NOW: Final = datetime(2026, 6, 1, tzinfo=UTC)
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_SPAN_S: Final = 60 * 86_400

Ints = NDArray[np.int32]
_COLUMNS: Final = (
    *("number", "ticket_id", "received_at", "smallest", "runs", "head", "marks", "keys"),
    *("path", "spot"),
)


async def measure(scene: Scene, data: Path | None, *, quick: bool = False) -> Figures:
    """Look real messages up, then load, look, load more."""
    sizes, looks = (_QUICK, _QUICK_LOOKS) if quick else (SIZES, LOOKS)
    rng = np.random.default_rng(5)
    traces = Traces(scene.engine)
    figures: Figures = {"merge_found": await found(scene, traces, data)} if data else {}
    connection = await asyncpg.connect(scene.servers.database_url)
    try:
        there = 0
        for name, size in sizes.items():
            began = time.perf_counter()
            await load(connection, rng, there, size)
            figures[f"merge_load_s_{name}"] = time.perf_counter() - began
            there = size
            asked = [await _asked(connection, rng, size) for _ in range(looks)]
            spent = time.process_time()
            took = await _timed(lambda one: traces.like(one, TERMS), asked)
            figures["merge_lookup_worker_ms"] = (time.process_time() - spent) * 1000 / looks
            figures[f"merge_lookup_ms_p50_{name}"] = _at(took, 0.5)
            figures[f"merge_lookup_ms_p99_{name}"] = _at(took, 0.99)
            added = await _timed(traces.remember, asked)
            figures[f"merge_remember_ms_p99_{name}"] = _at(added, 0.99)
        kept = "SELECT pg_total_relation_size('traces') + pg_total_relation_size('trace_keys')"
        figures["merge_bytes_a_clue"] = await connection.fetchval(kept) / there
    finally:
        await connection.close()
    return figures


async def found(scene: Scene, traces: Traces, data: Path) -> float:
    """The share of like pairs that a look-up finds among all real messages."""
    kept = remembered(stream(data))
    every = list(kept.values())
    for start in range(0, len(every), _PAGE):
        await keep(scene.engine, every[start : start + _PAGE])
    alike = [one.pair for one in judge_all(pairs(), kept, TERMS) if one.told]
    there = 0
    for pair in alike:
        old, new = sorted((kept[pair.one], kept[pair.other]), key=lambda one: one.received_at)
        likes = await traces.like(new, TERMS)
        there += len(likes) == MOST or any(one.ticket_id == old.ticket_id for one in likes)
    async with scene.engine.begin() as connection:
        await connection.execute(text("TRUNCATE traces, trace_keys RESTART IDENTITY"))
    return there / len(alike)


async def load(
    connection: asyncpg.Connection, rng: np.random.Generator, have: int, to: int
) -> None:
    """Copy made-up traces in, numbered from ``have`` + 1 up to ``to``; the keys' index last."""
    await connection.execute("ALTER TABLE trace_keys DROP CONSTRAINT pk_trace_keys")
    for start in range(have, to, _CHUNK):
        count = min(_CHUNK, to - start)
        numbers = np.arange(start + 1, start + count + 1, dtype=np.int64)
        smallest, keys = _made(rng, count)
        await _copy(connection, "traces", _COLUMNS, _trace_rows(numbers, smallest, keys))
        await _copy(connection, "trace_keys", ("key", "number"), _key_rows(numbers, keys))
    await connection.execute(
        "ALTER TABLE trace_keys ADD CONSTRAINT pk_trace_keys PRIMARY KEY (key, number)"
    )
    if not have:  # far behind all that is copied in
        await connection.execute("ALTER TABLE traces ALTER number RESTART WITH 100000000")
    await connection.execute("VACUUM ANALYZE traces, trace_keys")


def _made(rng: np.random.Generator, count: int) -> tuple[Ints, Ints]:
    """Sketches and keys: the smallest of many random hashes, and some that everybody has."""
    low, high = -(2**31), -(2**31) + 2**32 // _RUNS * KEPT
    smallest = np.sort(rng.integers(low, high, (count, KEPT), dtype=np.int64), axis=1)
    keys = rng.integers(low, 2**31, (count, _KEYS), dtype=np.int64)
    # The commonest phrase is in every fifth clue.
    phrases = np.minimum(rng.zipf(1.3, (count, _COMMON)), _PHRASES) * 1_000_003
    keys[:, :_COMMON] = phrases
    # Within one clue a phrase counts once: its place tells it apart.
    keys[:, :_COMMON] += np.arange(_COMMON)
    return smallest.astype(np.int32), keys.astype(np.int32)


def _trace_rows(numbers: NDArray[np.int64], smallest: Ints, keys: Ints) -> NDArray[np.void]:
    count = len(numbers)
    rows = np.zeros(
        count,
        dtype=[
            ("fields", ">i2"), ("l0", ">i4"), ("number", ">i8"), ("l1", ">i4"), ("id", "S24"),
            ("l2", ">i4"), ("at", ">i8"), ("smallest", _array(KEPT)),
            ("l3", ">i4"), ("runs", ">i4"),
            ("head", _array(HEAD_KEPT)), ("marks", _empty()), ("keys", _array(_KEYS)),
            ("path", _empty()), ("l4", ">i4"),
        ],
    )  # fmt: skip
    rows["fields"] = len(_COLUMNS)
    rows["l0"], rows["number"] = 8, numbers
    rows["l1"], rows["id"] = 24, [f"ticket/load/{n:012d}".encode() for n in numbers]
    seconds = (_NOW - _EPOCH).total_seconds() - _SPAN_S * (1 - numbers / (numbers[-1] + 1))
    rows["l2"], rows["at"] = 8, (seconds * 1e6).astype(np.int64)
    rows["l3"], rows["runs"] = 4, _RUNS
    _fill(rows["smallest"], smallest)
    _fill(rows["head"], smallest[:, :HEAD_KEPT])
    _fill(rows["keys"], keys)
    _fill_empty(rows["marks"], 23)
    _fill_empty(rows["path"], 25)
    return rows


def _key_rows(numbers: NDArray[np.int64], keys: Ints) -> NDArray[np.void]:
    rows = np.zeros(
        keys.size,
        dtype=[("fields", ">i2"), ("l0", ">i4"), ("key", ">i4"), ("l1", ">i4"), ("number", ">i8")],
    )
    rows["fields"], rows["l0"], rows["l1"] = 2, 4, 8
    rows["key"], rows["number"] = keys.ravel(), np.repeat(numbers, keys.shape[1])
    return rows


def _array(size: int) -> np.dtype[np.void]:
    """An array of ``integer`` as PostgreSQL's binary COPY has it."""
    return np.dtype(
        [("bytes", ">i4"), ("head", ">i4", 5), ("items", [("l", ">i4"), ("v", ">i4")], size)]
    )


def _empty() -> np.dtype[np.void]:
    return np.dtype([("bytes", ">i4"), ("head", ">i4", 3)])


def _fill(field: NDArray[np.void], values: Ints) -> None:
    size = values.shape[1]
    field["bytes"], field["head"] = 20 + 8 * size, (1, 0, 23, size, 1)
    field["items"]["l"], field["items"]["v"] = 4, values


def _fill_empty(field: NDArray[np.void], element: int) -> None:
    field["bytes"], field["head"] = 12, (0, 0, element)


async def _copy(
    connection: asyncpg.Connection, table: str, columns: Sequence[str], rows: NDArray[np.void]
) -> None:
    async def source() -> AsyncIterator[bytes]:
        yield b"PGCOPY\n\xff\r\n\0" + bytes(8)
        yield rows.tobytes()
        yield b"\xff\xff"

    await connection.copy_to_table(table, source=source(), columns=columns, format="binary")


async def _asked(connection: asyncpg.Connection, rng: np.random.Generator, size: int) -> Trace:
    """A clue to ask for: every other time one that is there already, with a tenth of it changed."""
    number = int(rng.integers(1, size + 1))
    row = await connection.fetchrow("SELECT * FROM traces WHERE number = $1", number)
    assert row is not None
    fresh_smallest, fresh_keys = _made(rng, 1)
    changed = KEPT // 10 if rng.integers(2) else KEPT
    smallest = [*row["smallest"][changed:], *map(int, fresh_smallest[0][:changed])]
    keys = row["keys"] if changed < KEPT else list(map(int, fresh_keys[0]))
    words = Sketch(
        smallest=tuple(sorted(set(smallest))), runs=_RUNS, head=tuple(row["head"]), keys=tuple(keys)
    )
    asker = f"ticket/ask/{rng.integers(2**40)}"
    return Trace(ticket_id=asker, words=words, received_at=_NOW + timedelta(hours=1))


async def _timed(ask: Callable[[Trace], Awaitable[object]], asked: Sequence[Trace]) -> list[float]:
    """Milliseconds of each, one after the other."""
    took = []
    for one in asked:
        began = time.perf_counter()
        await ask(one)
        took.append((time.perf_counter() - began) * 1000)
    return took


def _at(took: Sequence[float], share: float) -> float:
    return float(np.quantile(took, share))
