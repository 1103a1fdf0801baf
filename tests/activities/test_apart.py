"""Work in a process of its own: its answer, its error, its death, and its end when cut off."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import time

import pytest

from activities.apart import Died, apart


def divided(by: int) -> float:
    return 1 / by


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def test_its_answer_and_its_error_come_back() -> None:
    assert await apart(divided, 4) == 0.25
    with pytest.raises(ZeroDivisionError):
        await apart(divided, 0)


async def test_its_death_is_told() -> None:
    with pytest.raises(Died):
        await apart(killed)


async def test_cut_off_it_leaves_nothing_running() -> None:
    before = set(multiprocessing.active_children())
    working = asyncio.create_task(apart(time.sleep, 600))
    while not set(multiprocessing.active_children()) - before:  # noqa: ASYNC110 - far away
        await asyncio.sleep(0.01)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    while set(multiprocessing.active_children()) - before:  # noqa: ASYNC110 - far away
        await asyncio.sleep(0.01)
