"""A system outside the house that sends signed messages.

It shares no code with the door: what it signs, it signs by hand, as docs/webhook.md says.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx

SECRET = "whsec_" + base64.b64encode(b"the wall's own secret, 32 bytes!").decode()
OTHER = "whsec_" + base64.b64encode(b"somebody else's secret, 32 byte!").decode()

_IDS: Iterator[int] = count(1)


def item(
    external_id: str, text: str = "The lamp at the mill is dark", **more: Any
) -> dict[str, Any]:
    """One thing to be sent."""
    return {"external_id": external_id, "text": text, **more}


def packed(what: Any) -> bytes:
    """The body of a message."""
    return what if isinstance(what, bytes) else json.dumps(what, ensure_ascii=False).encode()


def signed(
    body: bytes, secret: str = SECRET, *, at: float | None = None, message_id: str = ""
) -> dict[str, str]:
    """The headers of a message."""
    message_id = message_id or f"msg_{next(_IDS)}"
    timestamp = str(int(time.time() if at is None else at))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    code = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(code).decode()}",
    }


class Sender:
    """Sends to one address."""

    def __init__(self, http: httpx.AsyncClient, address: str, channel: str = "wall") -> None:
        self._http = http
        self.url = f"{address}/channels/{channel}"

    async def send(
        self, what: Any, *, headers: dict[str, str] | None = None, **how: Any
    ) -> httpx.Response:
        """Sign and send; ``headers`` are put over the signed ones."""
        body = packed(what)
        given = {**signed(body, **how), **(headers or {})}
        return await self._http.post(self.url, content=body, headers=given)
