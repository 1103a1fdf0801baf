"""What every action, event and step has in common."""

from pydantic import Field

from juanchi.domain.actor import Actor
from juanchi.domain.base import Code, Key, Line, Moment, TicketId, Value
from juanchi.domain.place import Place
from juanchi.domain.ticket import Ticket


class DutyOf(Value):
    """A unit that is to lead a matter somewhere: a street may only do so if it has that duty."""

    unit: Code
    item: Code
    region: Code | None = None


class MatterAt(Value):
    """A matter at a place; ``region`` None: its place is not known."""

    item: Code
    region: Code | None = None


class VoiceAt(Value):
    """A clue that may be one of a ticket's voices, and may have rated since an entry."""

    of: TicketId
    voice: TicketId
    since: int | None = None


class Names(Value):
    """Codes that an action mentions and only the city's lists can confirm.

    ``streets`` are units that must be those of a street, ``duties`` those that are to lead.
    ``listed`` asks who leads a matter by the lists in force, ``voice`` what the ledger knows of a
    clue that says the same. ``survivor`` is a ticket that is to speak for this one.
    """

    units: tuple[Code, ...] = ()
    items: tuple[Code, ...] = ()
    regions: tuple[Code, ...] = ()
    places: tuple[Place, ...] = ()
    streets: tuple[Code, ...] = ()
    duties: tuple[DutyOf, ...] = ()
    listed: MatterAt | None = None
    voice: VoiceAt | None = None
    survivor: str | None = None


class Listed(Value):
    """Who leads a matter by a version of the lists; ``lead`` None: nobody. ``reason``: the row."""

    lead: Code | None = None
    assisting: tuple[Code, ...] = ()
    mandatory: tuple[Code, ...] = ()
    reason: Line = ""
    lists_version: Line = ""


class Survivor(Value):
    """A ticket that is to speak for another, as the ledger knows it: ``ended`` how, if it has."""

    known: bool = True
    ended: str = ""


class Facts(Value):
    """What the lists say of an action's names: those they do not know; and what was asked.

    Of a voice the ledger says whether it was ``heard``, is a ``stranger``, and has ``rated``.
    ``survivor`` is None where the ledger was not asked: then the survivor itself is.
    """

    unknown_units: tuple[str, ...] = ()
    unknown_items: tuple[str, ...] = ()
    unknown_regions: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    not_streets: tuple[str, ...] = ()
    pushed_down: tuple[str, ...] = ()
    listed: Listed | None = None
    heard: bool = False
    stranger: bool = False
    rated: bool = False
    survivor: Survivor | None = None


def duty_of(unit: str, item: str | None, ticket: Ticket) -> tuple[DutyOf, ...]:
    """What to look up before a unit is given a matter to lead; nothing while it has no item."""
    region = ticket.place.region if ticket.place else None
    return (DutyOf(unit=unit, item=item, region=region),) if item else ()


class Action(Value):
    """What a person or a system asks of a ticket.

    ``id`` makes it idempotent: the same id again changes nothing and gets the same answer.
    ``at`` is the actor's own time; ``expected_version`` refuses the action when the ticket has
    moved on since the actor looked.
    """

    id: Key
    actor: Actor
    at: Moment
    expected_version: int | None = Field(default=None, ge=0)

    @property
    def name(self) -> str:
        """The action's ``kind``, as adapters spell it."""
        return str(self.__dict__["kind"])

    @property
    def key(self) -> str:
        """The idempotency key: an id is unique among actions of one kind on one ticket."""
        return f"{self.name}:{self.id}"

    def names(self, ticket: Ticket) -> Names | None:
        """What must be looked up in the city's lists before this action is decided."""
        return None


class Event(Value):
    """What has happened; the only thing that changes a ticket.

    ``cause`` is the key of the action that brought it about, if one did.
    """

    at: Moment
    by: Actor
    cause: str | None = None


class Step(Value):
    """An automatic step that the engine takes through an activity."""


class Result(Value):
    """What an automatic step found."""
