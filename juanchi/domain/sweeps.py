"""One action asked of many tickets: who is meant, what is asked, and how far it has come.

A sweep goes through the tickets in the order of their ids, so ``after`` is all that it must
remember. The action's id is the same for every ticket: a page that is asked twice changes nothing.
"""

from typing import Any

from pydantic import Field

from juanchi.domain.base import Code, Line, Value


class Sought(Value):
    """Which open tickets are meant; what is empty means any.

    ``regions`` are all regions that count, those below already included. ``raised_by`` is the
    incident that made them urgent; ``urgency`` is what they must be now. ``closed``: tickets within
    their reopen window too.
    """

    items: tuple[Code, ...] = ()
    regions: tuple[Code, ...] = ()
    raised_by: Line = ""
    urgency: Line = ""
    closed: bool = False


class Sweep(Value):
    """Ask ``action`` (without its time) of every ticket sought, ``page`` tickets at a time."""

    sought: Sought
    action: dict[str, Any]
    page: int = Field(default=200, ge=1, le=1000)
    after: str = ""
    so_far: "Swept | None" = None


class Page(Value):
    """The tickets of one page: from after which id, and how many."""

    sought: Sought
    action: dict[str, Any]
    after: str
    limit: int


class Swept(Value):
    """How far a sweep has come: tickets that took the action, and refusals by their code.

    ``after`` is the last id asked; ``done`` when there are no more. ``failed`` names the first
    tickets that gave no answer at all, however often they were asked.
    """

    asked: int = 0
    taken: int = 0
    refused: dict[str, int] = Field(default_factory=dict)
    failed: tuple[str, ...] = ()
    after: str = ""
    done: bool = False

    def plus(self, page: "Swept") -> "Swept":
        """This much and one more page."""
        codes = self.refused.keys() | page.refused.keys()
        return Swept(
            asked=self.asked + page.asked,
            taken=self.taken + page.taken,
            refused={
                code: self.refused.get(code, 0) + page.refused.get(code, 0)
                for code in sorted(codes)
            },
            failed=(*self.failed, *page.failed)[:MOST_NAMED],
            after=page.after or self.after,
            done=page.done,
        )


MOST_NAMED = 50
"""Failed tickets that a sweep names; it counts on."""

Sweep.model_rebuild()
