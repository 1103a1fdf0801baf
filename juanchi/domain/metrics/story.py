"""A journal told by who owed what by when, and what became of it: what the metrics count.

A unit has the ticket for a *spell*, from its dispatch until another unit has it or it ends. In a
spell it owes a reply once for each *round*: the first, and one more whenever the work is sent back
or the ticket reopened.
"""

from dataclasses import dataclass, field
from datetime import datetime

from juanchi.domain.clue import Received
from juanchi.domain.overlays import Strength
from juanchi.domain.supervision import Replied
from juanchi.domain.terms import Outcome


@dataclass(slots=True)
class Round:
    """One time that a unit owes a reply.

    ``due`` is the one that ran last, ``original`` the same without extensions and holds.
    ``stopped``: on hold since then. ``over``: when it ended without a reply. ``again``: whether the
    reply had to be done again; None while nobody has decided. ``asked``: the reporter has rated it.
    """

    due: datetime | None = None
    original: datetime | None = None
    stopped: datetime | None = None
    over: datetime | None = None
    reply: Replied | None = None
    again: bool | None = None
    asked: bool = False

    def late(self, until: datetime) -> bool | None:
        """Whether the due time that ran was missed; None while it still may be kept."""
        if self.reply is not None:
            return not self.reply.on_time
        # A clock that stands still cannot run out.
        return passed(self.due, min(filter(None, (self.stopped, self.over, until))))


@dataclass(slots=True)
class Spell:
    """One time that a unit leads: from its dispatch on, up to ``over``.

    ``moved``: it ended because the ticket was moved to the lists in force. ``suggestion``: it is
    about what somebody would like, not about what is wrong.
    """

    unit: str
    item: str
    began: datetime
    sign_due: datetime | None = None
    signed: datetime | None = None
    over: datetime | None = None
    returned: bool = False
    moved: bool = False
    extended: bool = False
    held: bool = False
    suggestion: bool = False
    rounds: list[Round] = field(default_factory=lambda: [Round()])


@dataclass(slots=True)
class Return:
    """One time that a unit said that the matter is not its own; ``wrongful`` once decided."""

    by: Spell
    at: datetime
    wrongful: bool | None = None


@dataclass(slots=True)
class Closing:
    """One time that the ticket was closed, and whether that held."""

    by: Spell
    at: datetime
    outcome: Outcome
    reopened: bool = False
    recurred: Strength | None = None


@dataclass(slots=True)
class Asking:
    """One time that the reporter was asked; ``overall`` is None when no rating came of it, or
    none that counts. ``open``: the reporter was told the reply and may still rate it.
    """

    by: Spell
    at: datetime
    overall: int | None
    open: bool = False


@dataclass(slots=True)
class Story:
    """One ticket's life, ``until`` a moment."""

    received: Received
    until: datetime
    district: str | None = None
    number: str | None = None
    filed: datetime | None = None
    dispatch_due: datetime | None = None
    first_due: datetime | None = None
    ended: datetime | None = None
    spells: list[Spell] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)
    ruled: str | None = None
    closings: list[Closing] = field(default_factory=list)
    askings: list[Asking] = field(default_factory=list)
    repeated: bool = False

    @property
    def rounds(self) -> list[Round]:
        """All rounds of all units, in order."""
        return [one for spell in self.spells for one in spell.rounds]

    def led(self, at: datetime) -> Spell:
        """The spell that ran at a moment."""
        return next(spell for spell in reversed(self.spells) if spell.began <= at)


def passed(due: datetime | None, by: datetime) -> bool | None:
    """True when a due time had passed by a moment; None when it may still be kept."""
    return True if due is not None and due < by else None
