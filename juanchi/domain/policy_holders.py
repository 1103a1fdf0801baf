"""Everybody whom a policy names to be told or ordered, and where in it."""

from collections.abc import Iterator

from juanchi.domain.holders import Named, parse
from juanchi.domain.policy import Policy
from juanchi.domain.rungs import OrderSpec

KeyPath = tuple[str | int, ...]
"""Where in a policy's file something is."""


def named_in(policy: Policy) -> Iterator[tuple[KeyPath, Named]]:
    """Everybody whom a policy names, and where."""
    for clock, specs in policy.rungs.items():
        for index, spec in enumerate(specs):
            for at, who in enumerate(spec.tell):
                yield ("rungs", clock, index, "tell", at), parse(who)
            if spec.order is not None:
                yield from _ordered(("rungs", clock, index, "order"), spec.order)
    for trigger, wanted in policy.terms.triggers.items():
        yield from _ordered(("terms", "triggers", trigger.value, "order"), wanted.order)


def _ordered(path: KeyPath, order: OrderSpec) -> Iterator[tuple[KeyPath, Named]]:
    yield (*path, "leader"), parse(order.leader)
    for at, copy in enumerate(order.copies):
        yield (*path, "copies", at), parse(copy)
