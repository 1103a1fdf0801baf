"""An application on a real socket of this machine, on the test's own loop."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from juanchi.listening.serving import serve


@asynccontextmanager
async def served(app: Starlette) -> AsyncIterator[str]:
    """The application's address, ``http://127.0.0.1:<port>``, for as long as the block lasts."""
    stop = asyncio.Event()
    # Bound and listening: who calls before it serves waits in the backlog.
    with socket.create_server(("127.0.0.1", 0)) as door:
        task = asyncio.create_task(serve(app, door, stop))
        host, port = door.getsockname()
        try:
            yield f"http://{host}:{port}"
        finally:
            stop.set()
            await task
