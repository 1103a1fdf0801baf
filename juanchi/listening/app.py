"""The door over HTTP: ``POST /channels/{code}`` and ``GET /health``.

An answer of 2xx means that all of the message is kept. Any other means that nothing of it is: the
sender still has it, and the answer says whether sending it again can help.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from juanchi.intake.channels.push import MOST_BYTES
from juanchi.listening.bell import Bell
from juanchi.listening.declining import STATUS, Declined, Why
from juanchi.listening.door import SLOW_DOWN, Door, Receipt
from juanchi.words import say
from juanchi.words.accepted import accepted

log = structlog.get_logger(__name__)

BODY_PATIENCE: Final = 30.0
"""Seconds that a body may take to come in."""

HEARD_OUT: Final = 16
"""How many times the most a sender is heard out, unkept: one that is cut off in the middle of its
message does not read why."""


def listening_app(door: Door, bell: Bell, *, most_bytes: int = MOST_BYTES) -> Starlette:
    """The application. The bell rings while it runs."""

    async def post(request: Request) -> Response:
        channel = await door.channel(request.path_params["code"])
        body = await _body(request, most_bytes)
        receipt = await door.take(channel, _headers(request), body)
        return _taken(receipt, _language(request))

    async def health(request: Request) -> Response:
        well = await door.well()
        status = {"status": "ok" if well else "ledger_away"}
        return JSONResponse(status, 200 if well else 503)

    @asynccontextmanager
    async def alive(_: Starlette) -> AsyncIterator[None]:
        async with bell.hung():
            yield

    app = Starlette(
        routes=[
            Route("/channels/{code}", post, methods=["POST"]),
            Route("/health", health, methods=["GET"]),
        ],
        lifespan=alive,
        exception_handlers={
            Declined: _declined,
            HTTPException: _no_route,
            ClientDisconnect: _gone,
            Exception: _broken,
        },
    )
    # A signed message is not sent on to another address by itself.
    app.router.redirect_slashes = False
    return app


async def _body(request: Request, most: int) -> bytes:
    """The body, never more of it than may be. Raises ``Declined``."""
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Declined(Why.PACKED)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Declined(Why.NOT_JSON_TYPE, facts={"given": kind[:60]})
    body, size = bytearray(), 0
    try:
        async with asyncio.timeout(BODY_PATIENCE):
            async for part in request.stream():
                size += len(part)
                if size <= most:
                    body += part
                elif size > HEARD_OUT * most:
                    break
    except TimeoutError:
        raise Declined(Why.TOO_SLOW, facts={"seconds": int(BODY_PATIENCE)}) from None
    if size > most:
        raise Declined(Why.TOO_LARGE, facts={"most": most})
    return bytes(body)


def _headers(request: Request) -> dict[str, str]:
    """The headers by names in small letters; one that is given twice is as none."""
    found: dict[str, str] = {}
    for name, value in request.headers.items():
        found[name] = "" if name in found else value
    return found


def _taken(receipt: Receipt, lang: str) -> Response:
    kept = receipt.kept
    said: dict[str, Any] = {
        "items": list(receipt.items),
        "waiting": kept.waiting,
        "slow_down": kept.slow_down,
    }
    headers = {}
    if kept.slow_down:
        # Not 429: it is kept. A sender that cannot wait may go on, and nothing is lost either.
        headers["retry-after"] = str(SLOW_DOWN)
        said["message"] = say("listening.slow_down", lang, waiting=kept.waiting, wait=SLOW_DOWN)
    return JSONResponse(said, 200 if receipt.nothing_new else 202, headers)


def _language(request: Request) -> str:
    return accepted(request.headers.get("accept-language", ""))


async def _declined(request: Request, error: Exception) -> Response:
    assert isinstance(error, Declined)  # noqa: S101 - registered for it alone
    message = say(f"listening.declined.{error.why}", _language(request), **error.facts)
    said: dict[str, Any] = {"code": error.why, "message": message}
    if error.items:
        said["items"] = list(error.items)
    headers = {} if error.retry_after is None else {"retry-after": str(error.retry_after)}
    if error.why in (Why.TOO_LARGE, Why.TOO_SLOW, Why.PACKED, Why.NOT_JSON_TYPE):
        # Its body was not read to the end: what follows on this connection cannot be told apart.
        headers["connection"] = "close"
    return JSONResponse({"error": said}, STATUS[error.why], headers)


async def _no_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it alone
    wrong_method = error.status_code == STATUS[Why.WRONG_METHOD]
    why = Why.WRONG_METHOD if wrong_method else Why.NO_SUCH_PLACE
    answer = await _declined(request, Declined(why))
    answer.headers.update(error.headers or {})
    return answer


async def _gone(request: Request, error: Exception) -> Response:
    # Hung up in the middle of its message: nothing was kept, and nobody hears this.
    return Response(status_code=400)


async def _broken(request: Request, error: Exception) -> Response:
    log.error("message not taken", why=type(error).__name__)
    return await _declined(request, Declined(Why.BROKEN))
