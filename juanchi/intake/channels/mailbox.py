"""Reading a mailbox over IMAP.

The cursor is ``<uidvalidity>:<uid>``, the last letter that was read; flags decide nothing, since
people and other programs change them. When the server numbers its letters anew, all are read again,
and each is known by its Message-ID.
"""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, Literal

from imapclient import SEEN, IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError
from pydantic import Field

from juanchi.domain.base import Line, Value
from juanchi.intake.channels.adapter import (
    Arrival,
    BadSettings,
    Fetched,
    Source,
    SourceTrouble,
    Unreadable,
)
from juanchi.intake.channels.mail import Letter, Reading, arrival_of
from juanchi.intake.channels.plain import line
from juanchi.intake.channels.settings import read_settings

AT_ONCE: Final = 16
"""Letters asked for in one command, which lie in memory together."""

_CURSOR = re.compile(r"(\d{1,20}):(\d{1,20})")
_PASSING = re.compile(r"unavailable|inuse|limit|temporar|try again|too many|later", re.IGNORECASE)


class MailboxSettings(Value):
    """A channel's settings.

    ``password`` names a secret. ``largest_kb``: how much of a letter's beginning is read; its text
    comes before what is attached. ``since``: letters that came in before that day are left alone.
    ``mark_seen``: letters that are kept are marked as seen; else the mailbox is opened read-only.
    """

    host: Line = Field(min_length=1)
    port: int | None = Field(default=None, ge=1, le=65535)
    tls: Literal["tls", "starttls", "none"] = "tls"
    ca_file: str = ""
    user: Line = Field(min_length=1)
    password: Line = Field(min_length=1)
    folder: Line = Field(default="INBOX", min_length=1)
    since: date | None = None
    mark_seen: bool = False
    automatic: bool = False
    quotes: bool = False
    page: int = Field(default=100, ge=1, le=1000)
    largest_kb: int = Field(default=512, ge=16, le=16_384)
    timeout_s: float = Field(default=30, gt=0, le=300)


class Mailbox:
    """Reads one folder. Each reading is a connection of its own, in a thread of its own."""

    def __init__(self, source: Source, settings: MailboxSettings, password: str) -> None:
        self._settings = settings
        self._password = password
        self._how = Reading(source.zone, settings.automatic, settings.quotes)

    async def fetch(self, cursor: str) -> Fetched:
        """The letters after the cursor, in the order in which they came in."""
        try:
            return await asyncio.to_thread(self._fetch, cursor)
        except (IMAPClientError, IMAPClientAbortError, OSError, EOFError) as error:
            raise SourceTrouble(line(f"{type(error).__name__}: {_said(error)}")) from error

    def _fetch(self, cursor: str) -> Fetched:
        settings = self._settings
        with self._connected() as client:
            validity = self._select(client)
            after = _after(cursor, validity)
            if settings.mark_seen and after:
                _mark_seen(client, after)
            uids = self._uids(client, after)
            part = uids[: settings.page]
            arrivals, unreadable = _sorted(self._letters(client, part), self._how)
        last = part[-1] if part else after
        return Fetched(arrivals, unreadable, f"{validity}:{last}", more=len(uids) > len(part))

    @contextmanager
    def _connected(self) -> Iterator[IMAPClient]:
        settings = self._settings
        context = None if settings.tls == "none" else _context(settings.ca_file)
        client = IMAPClient(
            settings.host,
            settings.port,
            ssl=settings.tls == "tls",
            ssl_context=context if settings.tls == "tls" else None,
            timeout=settings.timeout_s,
        )
        try:
            if settings.tls == "starttls":
                client.starttls(context)
            self._login(client)
            # As aware times: a naive one would be in this machine's zone.
            client.normalise_times = False
            yield client
        finally:
            with suppress(IMAPClientError, OSError, EOFError):
                client.logout()

    def _login(self, client: IMAPClient) -> None:
        try:
            client.login(self._settings.user, self._password)
        except LoginError as error:
            # A password tried again and again locks the account; a full server is only full.
            if _PASSING.search(_said(error)):
                raise
            raise BadSettings("password", line(f"the server refuses it: {_said(error)}")) from None

    def _select(self, client: IMAPClient) -> int:
        folder = self._settings.folder
        try:
            answer = client.select_folder(folder, readonly=not self._settings.mark_seen)
        except IMAPClientAbortError:
            raise
        except IMAPClientError as error:
            if _PASSING.search(_said(error)):
                raise
            raise BadSettings("folder", line(f"no folder {folder}: {_said(error)}")) from None
        if b"UIDVALIDITY" not in answer:
            raise SourceTrouble("gives no UIDVALIDITY: its numbers cannot be relied on")
        return int(answer[b"UIDVALIDITY"])

    def _uids(self, client: IMAPClient, after: int) -> list[int]:
        wanted: list[Any] = ["UID", f"{after + 1}:*"]
        if self._settings.since:
            wanted += ["SINCE", self._settings.since]
        # n:* always has the last letter in it, also when that comes before n.
        return sorted(uid for uid in client.search(wanted) if uid > after)

    def _letters(self, client: IMAPClient, uids: Sequence[int]) -> Iterator[Letter]:
        # Peeking: to read a letter does not mark it as seen.
        beginning = f"BODY.PEEK[]<0.{self._settings.largest_kb * 1024}>"
        for some in _parts(uids, AT_ONCE):
            found = client.fetch(some, [beginning, "INTERNALDATE", "RFC822.SIZE"])
            for uid in some:
                # One that was deleted in between is not there any more, for anybody.
                if uid in found and b"BODY[]<0>" in found[uid]:
                    yield _letter(found[uid])


class MailboxKind:
    """The kind ``mailbox``."""

    def check(self, settings: Mapping[str, Any]) -> None:
        """See ``AdapterKind``."""
        read_settings(MailboxSettings, settings)

    def open(self, source: Source) -> AbstractAsyncContextManager[Mailbox]:
        """See ``AdapterKind``."""
        return _opened(source)


KIND: Final = MailboxKind()


@asynccontextmanager
async def _opened(source: Source) -> AsyncIterator[Mailbox]:
    settings = read_settings(MailboxSettings, source.settings)
    yield Mailbox(source, settings, source.secret(settings.password))


def _context(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=Path(ca_file) if ca_file else None)
    except (OSError, ssl.SSLError) as error:
        raise BadSettings("ca_file", line(f"{ca_file} cannot be used: {error}")) from None


def _after(cursor: str, validity: int) -> int:
    """The last letter that was read; 0, for all, when the server has numbered them anew."""
    found = _CURSOR.fullmatch(cursor)
    return int(found[2]) if found and int(found[1]) == validity else 0


def _parts(uids: Sequence[int], most: int) -> Iterator[Sequence[int]]:
    return (uids[at : at + most] for at in range(0, len(uids), most))


def _mark_seen(client: IMAPClient, last: int) -> None:
    # What the cursor has passed is kept in the ledger; what is being read now is not yet.
    unseen = client.search(["UID", f"1:{last}", "UNSEEN"])
    for some in _parts(unseen, 500):
        client.add_flags(some, [SEEN], silent=True)


def _letter(given: Mapping[bytes, Any]) -> Letter:
    came = given.get(b"INTERNALDATE")
    at = came if isinstance(came, datetime) else datetime.now(UTC)
    data = bytes(given[b"BODY[]<0>"] or b"")
    return Letter(data, int(given.get(b"RFC822.SIZE", len(data))), at)


def _sorted(
    letters: Iterator[Letter], how: Reading
) -> tuple[tuple[Arrival, ...], tuple[Unreadable, ...]]:
    read = [arrival_of(letter, how) for letter in letters]
    arrivals = {one.external_id: one for one in reversed(read) if isinstance(one, Arrival)}
    unreadable = {one.external_id: one for one in read if isinstance(one, Unreadable)}
    return tuple(reversed(arrivals.values())), tuple(unreadable.values())


def _said(error: BaseException) -> str:
    """What a server or the network said, without the bytes' quotes that imaplib leaves in."""
    text = str(error)
    return text[2:-1] if text[:2] in ("b'", 'b"') else text
