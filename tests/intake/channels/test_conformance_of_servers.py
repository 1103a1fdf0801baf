"""Open311 servers and mailboxes are read as all adapters promise."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from starlette.responses import Response

from juanchi.intake.channels.adapter import AdapterKind
from juanchi.intake.channels.conformance import CHECKS, Check
from juanchi.intake.channels.kinds import kind
from tests.intake.channels.city311 import City311
from tests.intake.channels.post_office import PASSWORD, PostOffice, letter, post_office


class City311Trial:
    """A GeoReport server that gives ten reports at most, made one minute after the other."""

    kind: AdapterKind = kind("open311")
    page = 10
    secrets: Mapping[str, str] = {"key": "sesame"}

    def __init__(self, city: City311, form: str) -> None:
        self._city = city
        self._at = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=3)
        city.key = "sesame"
        self.settings: Mapping[str, Any] = {
            "url": city.url,
            "format": form,
            "api_key": "key",
            "most": self.page,
            "since": (self._at - timedelta(days=1)).isoformat(),
        }
        self.wrong_settings: Sequence[Mapping[str, Any]] = (
            {},
            {"url": "ftp://127.0.0.1/"},
            {**self.settings, "format": "csv"},
            {**self.settings, "most": 0},
            {**self.settings, "since": "2026-01-01T00:00:00"},
        )

    async def put(self, texts: Sequence[str]) -> None:
        """Reports, each a minute after the last."""
        for text in texts:
            self._publish(f"report-{len(self._city.reports)}", text)

    async def put_unreadable(self) -> None:
        """A report without an id."""
        self._publish(None, "who am I?")

    async def away(self) -> None:
        """The server says that it is broken."""
        self._city.broken = Response("<html>502</html>", 502)

    async def back(self) -> None:
        """As before."""
        self._city.broken = None

    def _publish(self, external_id: str | None, text: str) -> None:
        self._at += timedelta(minutes=1)
        self._city.publish(external_id, self._at, text)


class MailboxTrial:
    """A mailbox of which four letters are read at a time."""

    kind: AdapterKind = kind("mailbox")
    page = 4
    secrets: Mapping[str, str] = {"wall": PASSWORD}

    def __init__(self, office: PostOffice) -> None:
        self._office = office
        self._count = 0
        self.settings: Mapping[str, Any] = {**office.settings, "page": self.page}
        self.wrong_settings: Sequence[Mapping[str, Any]] = (
            {},
            {**self.settings, "tls": "perhaps"},
            {**self.settings, "port": 100_000},
            {**self.settings, "largest_kb": 1},
        )

    async def put(self, texts: Sequence[str]) -> None:
        """Letters, in one delivery."""
        start = self._count
        self._count += len(texts)
        letters = [
            letter(text, message_id=f"{number}@x") for number, text in enumerate(texts, start)
        ]
        await self._office.deliver(*letters)

    async def put_unreadable(self) -> None:
        """A letter that a program wrote."""
        await self._office.deliver(letter("away", Auto_Submitted="auto-replied"))

    async def away(self) -> None:
        """Nobody answers there."""
        self._office.away()

    async def back(self) -> None:
        """As before."""
        self._office.back()


@asynccontextmanager
async def open311_in_json() -> AsyncIterator[City311Trial]:
    """A city's server, read as JSON."""
    async with City311().open() as city:
        yield City311Trial(city, "json")


@asynccontextmanager
async def open311_in_xml() -> AsyncIterator[City311Trial]:
    """A city's server, read as XML."""
    async with City311().open() as city:
        yield City311Trial(city, "xml")


@asynccontextmanager
async def mailbox() -> AsyncIterator[MailboxTrial]:
    """A mailbox on a real IMAP server."""
    with TemporaryDirectory() as folder:
        async with post_office(Path(folder)) as office:
            yield MailboxTrial(office)


TRIALS = (open311_in_json, open311_in_xml, mailbox)


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.__name__)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_it_conforms(check: Check, trial: Any) -> None:
    async with trial() as opened:
        await check(opened)
