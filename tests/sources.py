"""Sources for tests: a real web server that serves JSON feeds, and is not always well."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

Item = dict[str, Any]


class Answer(NamedTuple):
    """What the server says to one request."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def item(name: str, text: str = "", **more: Any) -> Item:
    """An entry of a JSON feed."""
    return {"id": name, "content_text": text or f"A deep pothole at {name}", **more}


def feed(*items: Item) -> Answer:
    """A JSON feed that has these."""
    version = "https://jsonfeed.org/version/1.1"
    body = {"version": version, "title": "t", "items": list(items)}
    return Answer(body=json.dumps(body).encode())


BROKEN = Answer(503, b"we are moving house")


class Site:
    """A web server on this machine. ``says`` is asked for every request's path."""

    def __init__(self, says: Callable[[str], Answer]) -> None:
        self.says = says
        self.requests: list[str] = []
        self.address = ""
        self._port = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Site"]:
        """Answer while the block runs; opened again, under the same address."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        host, self._port = server.sockets[0].getsockname()
        self.address = f"http://{host}:{self._port}"
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            path = head.split(" ", 2)[1]
            self.requests.append(path)
            answer = self.says(path)
            lines = [f"HTTP/1.1 {answer.status} x", f"content-length: {len(answer.body)}"]
            lines += [f"{name}: {value}" for name, value in answer.headers]
            lines += ["connection: close", "", ""]
            writer.write("\r\n".join(lines).encode() + answer.body)
            await writer.drain()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
