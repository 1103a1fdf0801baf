"""Fifty tickets, and everything they stand on killed once."""

import random
from pathlib import Path

import pytest

from tests.chaos.saboteur import EACH_ONCE, shuffled
from tests.chaos.storm import Weather, storm

SEED = 20261122


@pytest.mark.timeout(150)
async def test_everything_is_killed_once(tmp_path: Path) -> None:
    """Worker, Temporal and PostgreSQL go away under fifty tickets; each ends as it should."""
    blows = shuffled(random.Random(SEED), EACH_ONCE)
    lives = await storm(tmp_path, Weather(tickets=50, seed=SEED, over=6, blows=blows))
    assert len(lives) >= 50
