"""Which of thousands of sets are nearly the same, without comparing each with each."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from math import ceil

_ROUNDING = 1e-9


def pairs_alike(
    sets: Mapping[str, frozenset[str]], least: float
) -> Iterator[tuple[str, str, float]]:
    """All pairs of names whose sets have at least this share of their union in common, with it.

    Two such sets must share a member among the few rarest of each: as many as either could lack,
    and one more. So only the rarest are indexed, and few pairs are ever compared. An empty set is
    like none. ``least`` is above 0, at most 1.
    """
    rarity = Counter(member for members in sets.values() for member in members)
    holding: dict[str, list[str]] = defaultdict(list)
    # The small ones first: what is indexed is never larger than what is asked.
    for name, members in sorted(sets.items(), key=lambda one: (len(one[1]), one[0])):
        wanted = ceil(least * len(members) - _ROUNDING)
        rarest = sorted(members, key=lambda member: (rarity[member], member))
        rarest = rarest[: len(members) - wanted + 1] if members else []
        near = {other for member in rarest for other in holding[member]}
        for other in sorted(near):
            if len(sets[other]) >= wanted:
                both = len(members & sets[other])
                share = both / (len(members) + len(sets[other]) - both)
                if share >= least - _ROUNDING:
                    yield other, name, share
        for member in rarest:
            holding[member].append(name)
