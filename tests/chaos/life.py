"""What people did to one ticket, and how it must end."""

from collections import defaultdict
from dataclasses import dataclass, field

from juanchi.domain.refusal import Code
from workflows.messages import Taken


@dataclass
class Life:
    """One ticket as its people know it; the verdict compares it with the ledger.

    ``lead`` is the unit that has it, also at the end of a closed one. ``orders`` is the least
    number of orders, since an outage brings more. ``happened`` are kinds of events that must be in
    the journal.
    """

    script: str
    ticket: str = ""
    end: str = ""
    reason: str = ""
    into: str | None = None
    lead: str = "roads"
    voices: tuple[str, ...] = ()
    reworks: int = 0
    rulings: int = 0
    orders: int = 0
    rated: bool | None = None
    rang: tuple[str, ...] = ()
    happened: set[str] = field(default_factory=set)
    answers: dict[str, list[Taken]] = field(default_factory=lambda: defaultdict(list))
    waiting: dict[str, str] = field(default_factory=dict)
    """The keys of actions that are not answered yet, and what was heard of them last."""

    refused: dict[str, Code] = field(default_factory=dict)
    """The keys of signals that must be journalled as refused, and why."""

    denied: set[str] = field(default_factory=set)
    """The keys of updates that were refused: they leave no trace."""
