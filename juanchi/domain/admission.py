"""Between the channels and the tickets: what waits, what was set aside, and how it is let in."""

from typing import Any, Final

from juanchi.domain.base import Code, Key, Moment, State, Value

ADMISSION: Final = "admission"
"""The id of the one workflow that lets arrivals in."""

ARRIVED: Final = "arrived"
"""The signal that wakes it."""


class WaitingClue(Value):
    """An arrival whose turn it is: the clue as it was kept. ``tries``: how often it was refused."""

    channel: Code
    external_id: Key
    body: dict[str, Any]
    urgent: bool = False
    tries: int = 0

    @property
    def ticket_id(self) -> str:
        """The ticket that it becomes."""
        return f"ticket/{self.channel}/{self.external_id}"


class Room(Value):
    """How many may be let in now: general ones, and urgent ones, who have a reserve."""

    general: int
    urgent: int


def room(most: int, under_way: int, page: int) -> Room:
    """The room for one page. ``most`` tickets may be on their way through the engine's own steps
    at a time; urgent ones find as much room again when general ones have filled that.
    """
    return Room(
        general=max(0, min(page, most - under_way)), urgent=max(0, min(page, 2 * most - under_way))
    )


class Shift(State):
    """What one shift of the admission did. ``more``: some still wait."""

    admitted: int = 0
    refused: int = 0
    set_aside: int = 0
    more: bool = False

    @property
    def nobody(self) -> bool:
        """Whether it was nobody's turn."""
        return not self.admitted and not self.refused

    def plus(self, page: "Shift") -> "Shift":
        """This with what one more page did."""
        return self.having(
            admitted=self.admitted + page.admitted,
            refused=self.refused + page.refused,
            set_aside=self.set_aside + page.set_aside,
        )


class AsideLine(Value):
    """An arrival that was set aside: what it is, and why. ``text`` is the clue's own, or the raw
    beginning of what could not be read.
    """

    channel: Code
    external_id: Key
    problem: str
    tries: int
    text: str
    first_at: Moment
    set_aside_at: Moment


class QueueLine(Value):
    """One channel's queue. ``oldest`` is when the one that waits longest was read."""

    channel: Code
    waiting: int = 0
    urgent: int = 0
    oldest: Moment | None = None
    unreadable: int = 0
    set_aside: int = 0


class Queue(Value):
    """All that is between the channels and the tickets. ``under_way`` were handed to the engine,
    and the ledger does not know them yet.
    """

    channels: tuple[QueueLine, ...] = ()
    under_way: int = 0

    @property
    def waiting(self) -> int:
        """All that wait."""
        return sum(line.waiting for line in self.channels)

    @property
    def urgent(self) -> int:
        """The urgent ones among them."""
        return sum(line.urgent for line in self.channels)

    @property
    def oldest(self) -> Moment | None:
        """Since when the one that waits longest has waited."""
        return min((line.oldest for line in self.channels if line.oldest), default=None)
