"""Asking a server over HTTP, with every bound that a stranger's server needs."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import httpx

from juanchi.intake.channels.adapter import SourceTrouble
from juanchi.intake.channels.plain import line

LARGEST: Final = 32 * 1024 * 1024
"""Bytes of an answer, unpacked."""

_LONGEST_WAIT: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said: status 200, or 400 and above but not one that asks us to wait."""

    status: int
    body: bytes
    content_type: str


async def ask(
    http: httpx.AsyncClient, url: str, params: dict[str, str], now: datetime, most: int = LARGEST
) -> Answer:
    """GET an answer. Raises ``SourceTrouble``: away, asking us to wait, moved, or too large.

    Redirects are not followed: they would carry a key to where nobody has sent it.
    """
    try:
        async with http.stream("GET", url, params=params, follow_redirects=False) as response:
            _check(response, now)
            parts: list[bytes] = []
            size = 0
            # Counted as unpacked, piece by piece: a small answer may unpack to a large one.
            async for part in response.aiter_bytes(65_536):
                size += len(part)
                if size > most:
                    raise SourceTrouble(f"answers with more than {most} bytes")
                parts.append(part)
            kind = response.headers.get("content-type", "")
            return Answer(response.status_code, b"".join(parts), kind)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SourceTrouble(line(f"{type(error).__name__}: {error}")) from error


def _check(response: httpx.Response, now: datetime) -> None:
    status = response.status_code
    if response.is_redirect:
        to = line(response.headers.get("location", ""))
        raise SourceTrouble(f"HTTP {status}: moved to {to}; change the channel's url"[:200])
    if status == 429 or status >= 500:
        wait = _wait(response.headers.get("retry-after", ""), now)
        raise SourceTrouble(f"HTTP {status}", retry_after=wait)
    if status < 400 and status != 200:
        raise SourceTrouble(f"HTTP {status} where 200 is wanted")


def _wait(text: str, now: datetime) -> timedelta | None:
    """What Retry-After says, in seconds or as a date; None for nothing, and never over a day."""
    try:
        if text.strip().isdecimal():
            wait = timedelta(seconds=min(int(text), 10**6))
        else:
            at = parsedate_to_datetime(text)
            wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError):
        return None
    return min(max(wait, timedelta()), _LONGEST_WAIT)
