"""A made-up history of dispatches in Tinytown, small enough to train on in a moment."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache

from juanchi.domain.duties import Directory
from juanchi.intake.learning.dispatch import DispatchModel
from juanchi.intake.learning.example import Example
from juanchi.packs import read_pack
from tests.pure import MONDAY, TINYTOWN

PACK = read_pack(TINYTOWN)
DIRECTORY = Directory.of(PACK)
REGIONS = ("mill", "harbour", "market")


def lamps(number: int) -> tuple[str, str]:
    """Lamps always go to Roads; every other sign to Bins, whatever the list says."""
    return ("lamp", "roads") if number % 3 else ("sign-down", ("roads", "bins")[number // 3 % 2])


def past(count: int, decided: Callable[[int], tuple[str, str]] = lamps) -> list[Example]:
    """So many matters, one an hour until now, and how each was decided."""
    found = []
    for number in range(count):
        item, lead = decided(number)
        found.append(
            Example(
                text="",
                at=MONDAY - timedelta(hours=count - number),
                channel="phone",
                item=item,
                region=REGIONS[number % 7 % 3],
                lead=lead,
            )
        )
    return found


@cache
def trained(count: int = 600, decided: Callable[[int], tuple[str, str]] = lamps) -> DispatchModel:
    """A model of such a history, with Tinytown's own list."""
    return DispatchModel.train(past(count, decided), DIRECTORY)


def matter(item: str, region: str = "mill") -> Example:
    """A new matter."""
    return Example(text="", at=MONDAY, channel="phone", item=item, region=region)
