"""Whether a city's limits are short enough to live a ticket's life while somebody watches."""

from collections.abc import Iterator
from datetime import timedelta

from juanchi.domain.lists import Pack
from juanchi.domain.policy import Limit, LimitKind

REPLAY_POLICY = "policy-replay.toml"
LONGEST = timedelta(minutes=10)
"""A limit longer than this is not a pace but somebody's working time."""


def slowest(pack: Pack) -> str:
    """A limit in force that is too long for a replay, as it is written; empty when none is."""
    return next(_slow(pack), "")


def _slow(pack: Pack) -> Iterator[str]:
    for clock, limits in pack.policy.limits.items():
        for key, limit in limits.items():
            if not _short(limit):
                yield f"limits.{clock}.{key} = {limit}"
    for row in pack.handlings if pack.policy.item_limits else ():
        if row.limit is not None and not _short(row.limit):
            yield f"{row.unit}/{row.item} = {row.limit}"


def _short(limit: Limit) -> bool:
    return limit.kind is LimitKind.ELAPSED and limit.elapsed <= LONGEST
