"""A unit's own system: a real web server that is not always well."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from enum import StrEnum
from typing import Any, NamedTuple


class Mood(StrEnum):
    """How the system takes a notice."""

    WELL = "takes it"
    BROKEN = "answers 500"
    ASLEEP = "never answers"
    FORGETFUL = "takes it, and drops the connection before it answers"


class Arrival(NamedTuple):
    """One post as it arrived."""

    key: str
    told: dict[str, Any]
    mood: Mood


class Receiver:
    """Listens on 127.0.0.1. Its moods pass in order, for each key anew; then the last one stays."""

    def __init__(self, moods: Iterable[Mood]) -> None:
        self._moods = list(moods)
        self._mood_of: dict[str, Iterator[Mood]] = defaultdict(lambda: iter(self._moods))
        self.arrivals: list[Arrival] = []
        self.url = ""

    def by_key(self) -> dict[str, list[Arrival]]:
        """What arrived under each idempotency key, in order."""
        found: dict[str, list[Arrival]] = defaultdict(list)
        for arrival in self.arrivals:
            found[arrival.key].append(arrival)
        return found

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["Receiver"]:
        """Take posts while the block runs."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        self.url = f"http://{host}:{port}/notices"
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._answer(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
        fields = dict(line.split(": ", 1) for line in head[1:] if line)
        told = json.loads(await reader.readexactly(int(fields["content-length"])))
        # Header values are lowered with the rest; the body has the key as it was given.
        assert fields["idempotency-key"] == told["key"].lower()
        key = told["key"]
        mood = next(self._mood_of[key], self._moods[-1])
        self.arrivals.append(Arrival(key, told, mood))
        if mood is Mood.FORGETFUL:
            return
        if mood is Mood.ASLEEP:
            await reader.read()  # until the caller has had enough
            return
        status = "204 No Content" if mood is Mood.WELL else "500 Internal Server Error"
        writer.write(
            f"HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode()
        )
        await writer.drain()
