"""One timer, re-armed only when the earliest due time has moved: each costs two events."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow

SHORTEST_SLEEP = timedelta(milliseconds=1)


class Alarm:
    """Wakes a workflow at the earliest of its clocks."""

    def __init__(self) -> None:
        self._timer: asyncio.Task[None] | None = None
        self._armed_for: datetime | None = None

    @property
    def rings(self) -> bool:
        """Whether its time has come."""
        return self._timer is not None and self._timer.done()

    def arm(self, when: datetime | None, summary: Callable[[], str]) -> None:
        """Wake at a moment; None: not at all. ``summary`` is what an operator sees of it."""
        if not self.rings and when == self._armed_for:
            return
        if self._timer is not None and not self._timer.done():
            self._timer.cancel()
        self._timer, self._armed_for = None, when
        if when is not None:
            wait = max(when - workflow.now(), SHORTEST_SLEEP)
            self._timer = asyncio.create_task(workflow.sleep(wait, summary=summary()))
