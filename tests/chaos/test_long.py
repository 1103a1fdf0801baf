"""A thousand tickets under minutes of kills: ``make chaos``."""

import random
import sys
from pathlib import Path

import pytest

from tests.chaos.saboteur import endless
from tests.chaos.storm import Weather, storm

TICKETS = 1000


def tell(line: str) -> None:
    """Progress, for whoever watches with ``-s``."""
    sys.stdout.write(f"  {line}\n")
    sys.stdout.flush()


@pytest.mark.chaos
@pytest.mark.timeout(1800)
async def test_a_thousand_tickets_in_a_storm(own_home: Path, storm_seed: int) -> None:
    """Kills for minutes, outages of up to a minute; nothing is lost."""
    tell(f"\n  seed {storm_seed}: the same storm again with --storm-seed={storm_seed}")
    weather = Weather(
        tickets=TICKETS,
        seed=storm_seed,
        over=180,
        blows=endless(random.Random(storm_seed)),
        gap=(4.0, 16.0),
        away=(2.0, 60.0),
        rages=240,
        within=1500,
    )
    lives = await storm(own_home, weather, tell)
    assert len(lives) >= TICKETS
