"""What becomes of a message: is it really theirs, is it readable; kept, and only then answered."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.channels import Kept, RegisteredChannel
from juanchi.domain.ticket import Clue
from juanchi.intake.channels.adapter import Arrival, BadSettings
from juanchi.intake.channels.clues import Sealing, clue_of, urgent_ones
from juanchi.intake.channels.push import BadItem, BadMessage, Posted, check_push, read_message
from juanchi.intake.channels.signature import NotSigned, secrets_of, verify
from juanchi.ledger.arrivals import Arrivals
from juanchi.ledger.channels import RegistryReader
from juanchi.ledger.city import CityReader
from juanchi.ledger.errors import NoCity
from juanchi.ledger.failures import away, told
from juanchi.ledger.fresh import FRESH_FOR
from juanchi.ledger.receipts import new_at
from juanchi.listening.bell import Bell
from juanchi.listening.declining import Declined, Why

log = structlog.get_logger(__name__)

LEDGER_PATIENCE: Final = 10.0
"""Seconds that the ledger may take; then the sender is asked to come again."""

COME_AGAIN: Final = 10
"""Seconds after which a sender is asked to come again."""

SLOW_DOWN: Final = 60
"""Seconds that a sender is asked to wait with more, while the queue is long."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was taken: each thing's id and what it was (``new``, ``known``, ``unreadable``)."""

    items: tuple[dict[str, str], ...]
    kept: Kept

    @property
    def nothing_new(self) -> bool:
        """Whether all of it had been taken before."""
        return all(item["status"] == "known" for item in self.items)


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets that the door uses. ``secret`` gives one by its name, or raises ``LookupError``;
    ``seal`` seals contacts, or raises ``BadSettings`` where no key for that is set.
    """

    secret: Callable[[str], str]
    seal: Sealing


class Door:
    """Takes messages, for all channels that are only pushed to."""

    def __init__(
        self, engine: AsyncEngine, keys: Keys, bell: Bell, *, fresh_for: float = FRESH_FOR
    ) -> None:
        self._engine = engine
        self._keys = keys
        self._bell = bell
        self._arrivals = Arrivals(engine)
        self._registry = RegistryReader(engine, fresh_for)
        self._city = CityReader(engine)

    async def channel(self, code: str) -> RegisteredChannel:
        """The channel that may be pushed to. Raises ``Declined``."""
        try:
            async with asyncio.timeout(LEDGER_PATIENCE):
                registered = (await self._registry.registered()).channels
        except Exception as error:
            raise _not_now(error) from None
        for channel in registered:
            if channel.code == code and not channel.adapter:
                return channel
        raise Declined(Why.NO_SUCH_CHANNEL, facts={"channel": code[:64]})

    async def take(
        self, channel: RegisteredChannel, headers: Mapping[str, str], body: bytes
    ) -> Receipt:
        """Keep a message of a channel. Raises ``Declined``; then nothing of it was kept."""
        now = datetime.now(UTC)
        self._verify(channel, headers, body, now)
        if not channel.on:
            # Only now: what is paused is told to those who have the secret.
            raise Declined(Why.CHANNEL_PAUSED, facts={"channel": channel.code})
        try:
            posted = read_message(body)
        except BadMessage as bad:
            raise Declined(Why(bad.code), facts=bad.facts) from None
        clues = self._clues(channel, posted, now)
        if not clues:
            items = [_unread(bad) for bad in posted.bad]
            facts = {"problem": posted.bad[0].unreadable.problem}
            raise Declined(Why.BAD_ITEM, items=items, facts=facts)
        try:
            async with asyncio.timeout(LEDGER_PATIENCE):
                return await self._keep(channel.code, posted, clues, now)
        except Exception as error:
            raise _not_now(error) from None

    def _verify(
        self, channel: RegisteredChannel, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> None:
        try:
            settings = check_push(channel.settings)
            secrets = secrets_of(self._keys.secret(settings.secret))
        except (BadSettings, LookupError) as error:
            log.error("channel cannot take messages", channel=channel.code, why=str(error))
            raise Declined(Why.NOT_READY, retry_after=COME_AGAIN) from error
        try:
            verify(headers, body, secrets, now, settings.window)
        except NotSigned as bad:
            log.warning("message declined", channel=channel.code, why=bad.flaw)
            facts = {"window": int(settings.window.total_seconds())}
            raise Declined(Why(bad.flaw), facts=facts) from None

    def _clues(self, channel: RegisteredChannel, posted: Posted, now: datetime) -> list[Clue]:
        try:
            return [clue_of(channel, one, now, self._keys.seal) for one in posted.arrivals]
        except BadSettings as error:
            log.error("channel cannot take contacts", channel=channel.code, why=str(error))
            raise Declined(Why.NOT_READY, retry_after=COME_AGAIN) from error

    async def _keep(
        self, channel: str, posted: Posted, clues: list[Clue], now: datetime
    ) -> Receipt:
        words = (await self._city.city()).pack.screening.urgent
        kept = await self._arrivals.keep(
            channel,
            clues,
            [bad.unreadable for bad in posted.bad],
            cursor=None,
            read_at=now,
            urgent=urgent_ones(clues, words),
        )
        if kept.wake:
            self._bell.pull()
        ids = [clue.external_id for clue in clues]
        new = await new_at(self._engine, channel, ids, now) if kept.new else frozenset()
        return Receipt(tuple(_items(posted, new)), kept)

    async def well(self) -> bool:
        """Whether messages can be kept now."""
        try:
            async with asyncio.timeout(2), self._engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except Exception:
            return False
        return True


def _items(posted: Posted, new: frozenset[str]) -> Iterator[dict[str, str]]:
    """What is told about each thing, in the message's order."""
    told_of: set[str] = set()
    for one in posted.items:
        if isinstance(one, Arrival):
            first = one.external_id in new and one.external_id not in told_of
            told_of.add(one.external_id)
            yield {"external_id": one.external_id, "status": "new" if first else "known"}
        else:
            yield _unread(one)


def _unread(bad: BadItem) -> dict[str, str]:
    return {
        "external_id": bad.unreadable.external_id,
        "status": "unreadable",
        "where": bad.where,
        "problem": bad.unreadable.problem,
    }


def _not_now(error: Exception) -> Exception:
    """What to tell the sender of trouble of ours; what nobody foresaw stays what it is."""
    if isinstance(error, NoCity):
        return Declined(Why.NOT_READY, retry_after=COME_AGAIN)
    if not away(error):
        return error
    log.warning("ledger away", why=told(error))
    return Declined(Why.LEDGER_AWAY, retry_after=COME_AGAIN)
