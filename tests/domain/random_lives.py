"""Random lives for what reads journals: anybody asks anything, plots are pursued, time passes."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import TypeVar

from juanchi.domain.actions import parse_action
from juanchi.domain.refusal import Refused
from tests.domain.plots import PLOTS, plots
from tests.domain.sequences import CHANNELS, TEXTS, Ask, Choose, anything
from tests.handmade import Handmade

T = TypeVar("T")

HOURS = (0.1, 1, 5, 30, 200)
HASTE = (0.0, 0.0, 0.2, 2.0, 26.0)


def lived(random: Random, steps: int = 6) -> Handmade:
    """One life, drawn; every rung rings at its own moment."""

    def choose(options: Sequence[T]) -> T:
        return random.choice(options)

    life = Handmade("1", choose(TEXTS), channel=choose(CHANNELS), reported=choose((True, False)))
    for n in range(steps):
        if choose((True, False, False)):
            _ask(life, anything(choose), f"{n}")
        else:
            _pursue(life, choose, f"{n}")
        life.later(hours=choose(HOURS))
    return life


def _pursue(life: Handmade, choose: Choose, key: str) -> None:
    haste = choose(HASTE)
    for turn, step in enumerate(PLOTS[choose(plots())](choose)):
        if isinstance(step, timedelta):
            life.pass_time(step)
            continue
        life.later(hours=haste)
        if asked := step(life.ticket):
            _ask(life, asked, f"{key}.{turn}")


def _ask(life: Handmade, asked: Ask, key: str) -> None:
    try:
        life.act(parse_action(asked.at(life.now, key)))
    except Refused:
        return
