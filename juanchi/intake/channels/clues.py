"""Makes clues of what a channel's source said."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, Protocol

from juanchi.domain.base import in_future
from juanchi.domain.channels import RegisteredChannel, Trust
from juanchi.domain.terms import Urgency
from juanchi.domain.ticket import Clue, Reporter
from juanchi.intake.channels.adapter import Arrival, BadSettings

OLDEST: Final = timedelta(days=10 * 366)
"""Nobody reports what was seen longer ago: such a date is a broken clock's, or the epoch."""


class Sealing(Protocol):
    """Seals contact data; the same contact always has the same pseudonym."""

    def seal(self, text: str) -> str: ...
    def pseudonym(self, text: str) -> str: ...


class NoKey:
    """Seals nothing, where no key for contacts is set: who says who reported waits for one."""

    def seal(self, text: str) -> str:
        """Raises ``BadSettings``."""
        raise BadSettings("JUANCHI_REPORTER_KEY", "is not set, and this channel says who reported")

    pseudonym = seal


def clue_of(channel: RegisteredChannel, arrival: Arrival, now: datetime, seal: Sealing) -> Clue:
    """The clue that an arrival is: its contact sealed, its date one that can be.

    A date in the future, or absurdly old, becomes the moment of reading, and the clue says what
    it was (``mended``). Where anybody may write, what the writer says of nature and urgency is
    left to the words.
    """
    reported_at, mended = _date(arrival.reported_at, now)
    believed = channel.trust is not Trust.PUBLIC
    return Clue(
        channel=channel.code,
        external_id=arrival.external_id,
        text=arrival.text,
        reported_at=reported_at,
        mended=mended,
        place=arrival.place,
        url=arrival.url,
        nature=arrival.nature if believed else None,
        urgency=arrival.urgency if believed else None,
        reporter=_reporter(arrival.contact, seal),
        pictures=arrival.pictures,
    )


def urgent_ones(clues: Iterable[Clue], words: Iterable[str]) -> frozenset[str]:
    """The external ids of those that go first: by their channel's word, else the city's words."""
    folded = [word.casefold() for word in words]
    return frozenset(clue.external_id for clue in clues if _urgent(clue, folded))


def _urgent(clue: Clue, words: list[str]) -> bool:
    if clue.urgency is not None:
        return clue.urgency is Urgency.URGENT
    text = clue.text.casefold()
    return any(word in text for word in words)


def _date(given: datetime | None, now: datetime) -> tuple[datetime, str]:
    if given is None:
        return now, ""
    if in_future(given, now) or given < now - OLDEST:
        return now, given.isoformat()
    return given, ""


def _reporter(contact: str, seal: Sealing) -> Reporter | None:
    if not contact.strip():
        return None
    return Reporter(id=seal.pseudonym(contact), sealed_contact=seal.seal(contact))
