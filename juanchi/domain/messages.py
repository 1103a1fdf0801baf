"""What every action, event and step has in common."""

from pydantic import Field

from juanchi.domain.actor import Actor
from juanchi.domain.base import Code, Key, Moment, Value
from juanchi.domain.place import Place


class Names(Value):
    """Codes that an action mentions and only the city's lists can confirm."""

    units: tuple[Code, ...] = ()
    items: tuple[Code, ...] = ()
    places: tuple[Place, ...] = ()


class Facts(Value):
    """What the lists say of an action's names: those they do not know."""

    unknown_units: tuple[str, ...] = ()
    unknown_items: tuple[str, ...] = ()
    unknown_regions: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()


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

    def names(self) -> Names | None:
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
