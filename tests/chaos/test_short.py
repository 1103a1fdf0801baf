"""Every life of the mix, and everything that they stand on killed once."""

import random
from pathlib import Path

import pytest

from tests.chaos.saboteur import EACH_ONCE, shuffled
from tests.chaos.storm import Weather, storm

SEED = 20261122
TICKETS = 42
"""One round of the mix."""


@pytest.mark.timeout(150)
async def test_everything_is_killed_once(own_home: Path) -> None:
    """Worker, Temporal and PostgreSQL go away under the tickets; each ends as it should."""
    weather = Weather(
        tickets=TICKETS,
        seed=SEED,
        over=4,
        blows=shuffled(random.Random(SEED), EACH_ONCE),
        gap=(0.5, 1.5),
        away=(0.5, 1),
        within=90,
    )
    lives = await storm(own_home, weather)
    assert len(lives) >= TICKETS
