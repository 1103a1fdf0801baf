"""Tells the admission that something has arrived, no more than once a second."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog

log = structlog.get_logger(__name__)

PATIENCE: Final = 5.0
"""Seconds that one ringing may take."""


class Bell:
    """Rings for many at once. That it was not heard harms nobody: what arrived is in the ledger,
    and the admission looks there by itself.
    """

    def __init__(self, ring: Callable[[], Awaitable[None]], *, pause: float = 1.0) -> None:
        self._ring = ring
        self._pause = pause
        self._wanted = asyncio.Event()

    def pull(self) -> None:
        """Have it rung soon; returns at once."""
        self._wanted.set()

    @asynccontextmanager
    async def hung(self) -> AsyncIterator[None]:
        """It rings for as long as the block lasts, and once more at its end if it is to."""
        task = asyncio.create_task(self._ringing())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            if self._wanted.is_set():
                await self._rung()

    async def _ringing(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            await self._rung()
            await asyncio.sleep(self._pause)

    async def _rung(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._ring()
        except Exception as error:
            log.warning("admission not woken: it looks by itself", why=type(error).__name__)
