"""Calls that outlast a restart of a server: tried again until it answers."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from temporalio.client import WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError, RPCStatusCode

T = TypeVar("T")

GIVE_UP_AFTER_S = 300.0
_WAITS = (0.2, 0.5, 1.0, 2.0)
_PASSING = {
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.RESOURCE_EXHAUSTED,
    RPCStatusCode.ABORTED,
    RPCStatusCode.CANCELLED,
    RPCStatusCode.UNKNOWN,
    RPCStatusCode.INTERNAL,
}


async def patiently(
    call: Callable[[], Awaitable[T]], give_up_after_s: float = GIVE_UP_AFTER_S
) -> T:
    """The call's answer. It must be safe to repeat: a lost answer does not mean a lost call.

    Raises what the call raises when that is no outage, or when the outage lasts too long.
    """
    began = time.monotonic()
    tries = 0
    while True:
        try:
            return await call()
        except (RPCError, WorkflowUpdateRPCTimeoutOrCancelledError, DBAPIError, OSError) as error:
            if not passing(error) or time.monotonic() - began > give_up_after_s:
                raise
        await asyncio.sleep(_WAITS[min(tries, len(_WAITS) - 1)])
        tries += 1


def passing(error: Exception) -> bool:
    """Whether an error says that a server is away, and not that the call was wrong."""
    if isinstance(error, RPCError):
        return error.status in _PASSING
    if isinstance(error, DBAPIError):
        away = isinstance(error, (OperationalError, InterfaceError))
        return away or error.connection_invalidated
    return isinstance(error, (WorkflowUpdateRPCTimeoutOrCancelledError, OSError))
