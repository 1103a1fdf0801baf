"""Sources as a reading meets them: whatever goes wrong there is their trouble, not ours."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import httpx

from juanchi.intake.channels.adapter import (
    Adapter,
    AdapterKind,
    BadSettings,
    Fetched,
    Source,
    SourceTrouble,
)
from juanchi.intake.channels.clues import Sealing

A_PAGE: Final = timedelta(seconds=100)
"""The most that a source may take for one page, whatever its adapter allows it."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What of the world a reading uses.

    ``secret`` gives a secret by its name, or raises ``LookupError``; ``wake`` tells the admission
    that something waits.
    """

    http: httpx.AsyncClient
    kind: Callable[[str], AdapterKind]
    secret: Callable[[str], str]
    seal: Sealing
    wake: Callable[[], Awaitable[None]]


async def fetched(adapter: Adapter, cursor: str) -> Fetched:
    """One page. Raises ``SourceTrouble`` or ``BadSettings``."""
    with others_fault():
        async with asyncio.timeout(A_PAGE.total_seconds()):
            return await adapter.fetch(cursor)


@asynccontextmanager
async def opened(kind: AdapterKind, source: Source) -> AsyncIterator[Adapter]:
    """A source while the block runs. Raises ``SourceTrouble`` or ``BadSettings``."""
    async with AsyncExitStack() as stack:
        closing = AsyncExitStack()
        stack.push_async_callback(_closed, closing)
        with others_fault():
            async with asyncio.timeout(A_PAGE.total_seconds()):
                adapter = await closing.enter_async_context(kind.open(source))
        yield adapter


async def _closed(stack: AsyncExitStack) -> None:
    # A source that cannot be left in order harms nothing of what has been kept.
    with suppress(Exception):
        await stack.aclose()


@contextmanager
def others_fault() -> Iterator[None]:
    """Whatever somebody else's adapter raises is its source's trouble, never ours."""
    try:
        yield
    except (SourceTrouble, BadSettings):
        raise
    except TimeoutError as error:
        raise SourceTrouble(f"no answer within {A_PAGE.total_seconds():g} s") from error
    except Exception as error:
        raise SourceTrouble(f"{type(error).__name__}: {error}") from error
