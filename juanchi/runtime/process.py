"""Child processes that must outlive a crash of their parent and be found again."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import psutil

from juanchi.runtime.errors import ServerFailed

LOOPBACK: Final = "127.0.0.1"


class User(NamedTuple):
    """Another user of this machine, to run a process as."""

    uid: int
    gid: int


def spawn(
    command: Sequence[str],
    log: Path,
    *,
    user: User | None = None,
) -> subprocess.Popen[bytes]:
    """Start a server with its output appended to `log`.

    It gets a session of its own: Ctrl-C in the terminal is for the starter, which then stops its
    servers in order.
    """
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            start_new_session=True,
            close_fds=True,
            user=user and user.uid,
            group=user and user.gid,
            extra_groups=None if user is None else [],
        )


async def run(command: Sequence[str], *, user: User | None = None) -> str:
    """Run a short command to its end and return its output; `ServerFailed` if it fails."""

    def blocking() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            user=user and user.uid,
            group=user and user.gid,
            extra_groups=None if user is None else [],
        )

    try:
        done = await asyncio.to_thread(blocking)
    except OSError as error:
        raise ServerFailed(f"{command[0]} cannot be run: {error}") from error
    if done.returncode != 0:
        raise ServerFailed(f"{Path(command[0]).name} failed:\n{done.stdout.strip()[-2000:]}")
    return done.stdout


def find(program: str, argument: str) -> psutil.Process | None:
    """Return the oldest running process of `program` that was given exactly `argument`.

    The command line is what identifies a server: a remembered pid may be another process after
    a crash or in a new container.
    """
    found = []
    for process in psutil.process_iter(["cmdline", "create_time", "status"]):
        line = process.info["cmdline"] or []
        if (
            argument in line
            and Path(line[0]).name == program
            and process.info["status"] != psutil.STATUS_ZOMBIE
        ):
            found.append(process)
    # A server that forks shows its own line in the children for a moment.
    return min(found, key=lambda process: process.info["create_time"], default=None)


def option(process: psutil.Process, name: str) -> str | None:
    """Return the value that follows `name` on the process's command line."""
    try:
        line = process.cmdline()
    except psutil.Error:
        return None
    for index, word in enumerate(line[:-1]):
        if word == name:
            return line[index + 1]
        if line[index + 1].startswith(f"{name}="):
            return line[index + 1].removeprefix(f"{name}=")
    return None


async def end(process: psutil.Process, gentle: signal.Signals, *, within: float = 20.0) -> None:
    """Send `gentle` and wait until the process is gone; after `within` seconds, SIGKILL."""
    for sign in (gentle, signal.SIGKILL):
        try:
            process.send_signal(sign)
        except psutil.NoSuchProcess:
            return
        for _ in range(int(within / 0.02)):
            if not is_alive(process):
                return
            await asyncio.sleep(0.02)
    raise ServerFailed(f"Process {process.pid} does not end")


def is_alive(process: psutil.Process) -> bool:
    """Whether it still runs; a child that has ended is reaped on the way."""
    try:
        # Our own children stay zombies until they are waited for.
        if process.ppid() == os.getpid():
            process.wait(0)
            return False
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.TimeoutExpired:
        return True
    except psutil.NoSuchProcess:
        return False


def choose_port(wanted: int | None, remembered: int | None) -> int:
    """Return the wanted port, else the remembered one if it is free, else any free one.

    Raises `ServerFailed` if the wanted one is taken.
    """
    if wanted is not None:
        if not _is_free(wanted):
            raise ServerFailed(f"Port {wanted} of {LOOPBACK} is in use by another program")
        return wanted
    if remembered is not None and _is_free(remembered):
        return remembered
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def tail(log: Path, lines: int = 15) -> str:
    """Return the last lines of a log, for an error message."""
    try:
        return "\n".join(log.read_text("utf-8", "replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: connections of an earlier run that are still closing do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True
