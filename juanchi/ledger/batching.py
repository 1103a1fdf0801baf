"""Many callers, few transactions: what arrives while one flush is in flight is flushed together."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

MOST = 64
"""How many items go into one flush."""


class Batches(Generic[T, R]):
    """Collects items and hands them to ``flush``, in order, one batch at a time.

    ``flush`` returns one result for each item, or raises and has then changed nothing. A batch
    that failed is tried again one by one, so that a bad item fails alone; but when ``hopeless``
    says that the error is nobody's own (the database is away), all get it at once.
    """

    def __init__(
        self,
        flush: Callable[[Sequence[T]], Awaitable[Sequence[R]]],
        hopeless: Callable[[Exception], bool],
    ) -> None:
        self._flush = flush
        self._hopeless = hopeless
        self._waiting: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._running: asyncio.Task[None] | None = None

    async def submit(self, item: T) -> R:
        """Return this item's own result, or raise its own error.

        A caller that is cancelled does not stop a flush its item is already part of.
        """
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await answer

    async def _run(self) -> None:
        batch: list[tuple[T, asyncio.Future[R]]] = []
        try:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
                await self._serve([pair for pair in batch if not pair[1].done()])
        finally:
            self._running = None
            # Cut off (the loop is closing): nobody may wait for ever.
            for _, answer in batch:
                answer.cancel()

    async def _serve(self, batch: list[tuple[T, asyncio.Future[R]]]) -> None:
        if not batch:
            return
        try:
            results = await self._flush([item for item, _ in batch])
        except Exception as error:
            if self._hopeless(error):
                _fail(batch, error)
            else:
                await self._one_by_one(batch)
            return
        for (_, answer), result in zip(batch, results, strict=True):
            if not answer.done():
                answer.set_result(result)

    async def _one_by_one(self, batch: list[tuple[T, asyncio.Future[R]]]) -> None:
        for place, (item, answer) in enumerate(batch):
            try:
                (result,) = await self._flush([item])
            except Exception as error:
                if self._hopeless(error):
                    _fail(batch[place:], error)
                    return
                _fail([(item, answer)], error)
            else:
                if not answer.done():
                    answer.set_result(result)


def _fail(batch: Sequence[tuple[T, asyncio.Future[R]]], error: Exception) -> None:
    for _, answer in batch:
        if not answer.done():
            answer.set_exception(error)
