"""What is asked for at every ticket and changes rarely: kept in memory, looked at once a second."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")

FRESH_FOR = 1.0
"""Seconds for which a reader trusts what it has before it looks whether something has changed."""


class Fresh(Generic[T]):
    """Something read by ``read``, which is given what was read before and may return the same."""

    def __init__(
        self, read: Callable[[T | None], Awaitable[T]], fresh_for: float = FRESH_FOR
    ) -> None:
        self._read = read
        self._fresh_for = fresh_for
        self._has: T | None = None
        self._checked = float("-inf")
        self._asking = asyncio.Lock()

    async def get(self) -> T:
        """What there is, at most ``fresh_for`` old. Raises what ``read`` raises."""
        if self._has is not None and self._fresh():
            return self._has
        async with self._asking:
            # Somebody else may have asked while we waited.
            if self._has is None or not self._fresh():
                self._has = await self._read(self._has)
                self._checked = time.monotonic()
            return self._has

    def _fresh(self) -> bool:
        return time.monotonic() - self._checked < self._fresh_for
