"""Reads from the web as a polite and careful guest: bounded in bytes, time and redirects."""

import asyncio
import ipaddress
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import httpx

from juanchi.intake.channels.adapter import BadSettings, SourceTrouble

USER_AGENT: Final = "Juanchi (civic tickets; reads channels that a city has registered)"
MOST_REDIRECTS: Final = 5
LONGEST_WAIT: Final = timedelta(days=1)
"""What a source may ask for with Retry-After; it might be a slip."""

_PATIENCE: Final = httpx.Timeout(20.0)
_WHOLE: Final = 90.0
"""Seconds for one answer: a server that drips must not hold a reading for ever."""

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_CALM_DOWN: Final = frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class Page:
    """An answer, and where it came from in the end. Of one not modified the body is empty."""

    url: str
    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def not_modified(self) -> bool:
        """Whether nothing has changed since the last reading."""
        return self.status == httpx.codes.NOT_MODIFIED


def web_address(where: str, url: str) -> httpx.URL:
    """An address that may be read. Raises ``BadSettings`` for any but http and https."""
    try:
        found = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise BadSettings(where, f"is no web address: {error}") from None
    if found.scheme not in ("http", "https") or not found.host:
        raise BadSettings(where, "must be an address that begins with http:// or https://")
    return found


async def get(
    http: httpx.AsyncClient,
    url: str,
    *,
    most: int,
    headers: Mapping[str, str],
    also: Container[int] = (),
) -> Page:
    """Read an address, of at most so many bytes. Raises ``SourceTrouble``.

    ``also``: the statuses besides 200 whose pages say something.
    """
    try:
        async with asyncio.timeout(_WHOLE):
            return await _followed(http, httpx.URL(url), most, dict(headers), also)
    except TimeoutError:
        raise SourceTrouble(f"no whole answer within {_WHOLE:.0f} seconds") from None
    except httpx.TimeoutException:
        raise SourceTrouble(f"no answer within {_PATIENCE.read:.0f} seconds") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SourceTrouble(f"cannot be reached: {str(error) or type(error).__name__}") from None


def same_server(url: httpx.URL | str, other: httpx.URL | str) -> bool:
    """Whether what is meant for one address may be shown to the other: no secret goes elsewhere."""
    here, there = httpx.URL(url), httpx.URL(other)
    upgraded = (here.scheme, there.scheme) == ("http", "https") and here.port == there.port
    return here.host == there.host and (_origin(here) == _origin(there) or upgraded)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    # Without its port where that is the scheme's own: httpx leaves it out.
    return url.scheme, url.host, url.port


async def _followed(
    http: httpx.AsyncClient,
    url: httpx.URL,
    most: int,
    headers: dict[str, str],
    also: Container[int],
) -> Page:
    for _ in range(MOST_REDIRECTS + 1):
        async with http.stream(
            "GET",
            url,
            headers={"User-Agent": USER_AGENT, **headers},
            follow_redirects=False,
            timeout=_PATIENCE,
        ) as answer:
            if answer.status_code not in _REDIRECTS or "location" not in answer.headers:
                return await _page(answer, most, also)
            onward = url.join(answer.headers["location"])
        _may_lead(url, onward)
        if not same_server(url, onward):
            headers.pop("Authorization", None)
        url = onward
    raise SourceTrouble(f"leads on more than {MOST_REDIRECTS} times")


def _may_lead(url: httpx.URL, onward: httpx.URL) -> None:
    """A source may lead to another address of the web, but not into the house's own network."""
    if onward.scheme not in ("http", "https"):
        raise SourceTrouble(f"leads to {onward.scheme}, which is not read")
    if onward.host != url.host and _inside(onward.host):
        raise SourceTrouble(f"leads to {onward.host}, an address inside the network")


def _inside(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".internal", ".local"))


async def _page(answer: httpx.Response, most: int, also: Container[int]) -> Page:
    status = answer.status_code
    if status == httpx.codes.NOT_MODIFIED:
        return Page(str(answer.url), status, answer.headers, b"")
    if status != httpx.codes.OK and status not in also:
        wait = _retry_after(answer.headers.get("retry-after", ""))
        told = f"answers {status} {answer.reason_phrase}".strip()
        raise SourceTrouble(told, retry_after=wait if status in _CALM_DOWN else None)
    body = bytearray()
    # Counted as it comes, unpacked: what a server says of its length need not be true.
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > most:
            raise SourceTrouble(f"gives more than {most:,} bytes")
    return Page(str(answer.url), status, answer.headers, bytes(body))


def _retry_after(written: str) -> timedelta | None:
    """How long a source asks to be left alone: seconds, or a date."""
    if written.isascii() and written.isdigit():
        wait = timedelta(seconds=min(int(written[:9]), 10**8))
    else:
        try:
            until = parsedate_to_datetime(written)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        wait = (until if until.tzinfo else until.replace(tzinfo=UTC)) - datetime.now(UTC)
    return min(max(wait, timedelta()), LONGEST_WAIT)
