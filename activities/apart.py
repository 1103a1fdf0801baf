"""Work for a processor, done in a process of its own: it can be killed, and holds up nobody."""

import asyncio
import contextlib
import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Final, TypeVar, cast

T = TypeVar("T")

LOOK_S: Final = 1.0
_NICER: Final = 10
# Not a copy of this process: that would take along its threads' locks and its connections.
_FRESH: Final = multiprocessing.get_context("spawn")


class Died(Exception):
    """The process ended without an answer: killed, or out of memory. The same call may do."""


async def apart(work: Callable[..., T], *given: Any) -> T:
    """Call ``work`` in a process of its own, which takes as long as it takes.

    Raises what the work raises, and ``Died``. Cancelled, it kills the process.
    """
    ours, theirs = _FRESH.Pipe()
    child = _FRESH.Process(target=_child, args=(theirs, work), daemon=True)
    child.start()
    theirs.close()
    answering = asyncio.ensure_future(asyncio.to_thread(_ask, ours, given))
    try:
        done, answer = await asyncio.shield(answering)
    except (EOFError, ConnectionError):
        raise Died("the process has died without an answer; it may be tried again") from None
    finally:
        child.kill()
        await asyncio.to_thread(child.join)
        # With the process its end of the pipe is closed, so that nobody waits for it for ever.
        await asyncio.wait([answering])
        answering.exception()
        ours.close()
    if not done:
        raise answer
    return cast(T, answer)


def _ask(pipe: Connection, given: tuple[Any, ...]) -> tuple[bool, Any]:
    pipe.send(given)
    answer: tuple[bool, Any] = pipe.recv()
    return answer


def _child(pipe: Connection, work: Callable[..., Any]) -> None:
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    with contextlib.suppress(OSError):
        os.nice(_NICER)
    try:
        answer: tuple[bool, Any] = True, work(*pipe.recv())
    except Exception as error:
        answer = False, error
    # Nobody may be there to hear it any more.
    with contextlib.suppress(BrokenPipeError):
        pipe.send(answer)


def _end_with(parent: int) -> None:
    """A worker that was killed leaves no training behind that runs for nobody."""
    while os.getppid() == parent:
        time.sleep(LOOK_S)
    os._exit(1)
