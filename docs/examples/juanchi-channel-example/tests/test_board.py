"""The board conforms: the checks of Juanchi, against a board on this machine."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from juanchi_board import KIND

from juanchi.intake.channels.adapter import AdapterKind
from juanchi.intake.channels.conformance import CHECKS, Check


class BoardTrial:
    """A board that the checks fill and take away."""

    kind: AdapterKind = KIND
    page = 4
    secrets: Mapping[str, str] = {}
    wrong_settings: Sequence[Mapping[str, Any]] = ({}, {"url": "ftp://x/"}, {"url": 7})

    def __init__(self, port: int) -> None:
        self.settings = {"url": f"http://127.0.0.1:{port}/", "page": self.page}
        self.messages: list[dict[str, Any]] = []
        self.is_away = False

    async def put(self, texts: Sequence[str]) -> None:
        for text in texts:
            self._put(text)

    async def put_unreadable(self) -> None:
        self._put("")

    async def away(self) -> None:
        self.is_away = True

    async def back(self) -> None:
        self.is_away = False

    def _put(self, text: str) -> None:
        self.messages.append({"id": len(self.messages) + 1, "text": text, "at": "2026-11-30"})

    def answer(self, path: str) -> tuple[int, bytes]:
        asked = {name: int(given[0]) for name, given in parse_qs(urlsplit(path).query).items()}
        behind = self.messages[asked["after"] : asked["after"] + asked["limit"]]
        return (500, b"away") if self.is_away else (200, json.dumps(behind).encode())


@asynccontextmanager
async def board() -> AsyncIterator[BoardTrial]:
    """An empty board on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = trial.answer(self.path)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    trial = BoardTrial(server.server_port)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield trial
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_the_board_conforms(check: Check) -> None:
    async with board() as trial:
        await check(trial)
