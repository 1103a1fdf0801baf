"""The application on a socket, until it is told to stop; what is under way is answered first."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from starlette.applications import Starlette

AT_ONCE: Final = 200
"""Connections at the same time: each may hold a message in memory. One more is answered 503."""

GRACE_S: Final = 20
"""Seconds for what is under way at the end."""


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the caller's: uvicorn would end the process by the one that it took."""
        yield


async def serve(app: Starlette, door: socket.socket, stop: asyncio.Event) -> None:
    """Serve on a bound socket until the event is set."""
    server = _Server(
        uvicorn.Config(
            app,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            limit_concurrency=AT_ONCE,
            timeout_graceful_shutdown=GRACE_S,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[door]))
    waiting = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((serving, waiting), return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
        server.should_exit = True
        await serving
