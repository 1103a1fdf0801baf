"""Due times computed anew: a calendar's new year has been published, or a policy has changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from juanchi.domain.base import Line, Text
from juanchi.domain.clocks import replans
from juanchi.domain.deadlines import Deadline
from juanchi.domain.messages import Action, Event
from juanchi.domain.phases import Phase
from juanchi.domain.plans import PlanWhy
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.rules import Rules
from juanchi.domain.terms import Role
from juanchi.domain.ticket import Ticket

rules = Rules()


class Replan(Action):
    """Compute the due times of all running clocks anew, under the lists that are in force now.

    ``years``: only of clocks that run through one of these calendar years, or are provisional.
    """

    kind: Literal["replan"] = "replan"
    reason: Text = Field(min_length=1)
    lists_version: Line = ""
    years: tuple[int, ...] = ()


class ReplanAsked(Event):
    """``clocks`` are the keys of those that are planned anew.

    Clocks on hold are left alone: they are computed when they go on."""

    kind: Literal["replan_asked"] = "replan_asked"
    reason: Text
    lists_version: Line = ""
    clocks: tuple[str, ...] = ()


@rules.decides(
    Replan, roles=[Role.SUPERVISOR, Role.SYSTEM], phases=frozenset(Phase) - {Phase.ENDED}
)
def replan(ticket: Ticket, action: Replan, now: datetime) -> Sequence[Event]:
    concerned = tuple(
        asked.key
        for asked in replans(ticket, PlanWhy.REPLANNED, now)
        if not action.years or _concerned(ticket.deadlines[asked.key], action.years)
    )
    if not concerned:
        raise Refused(Code.NOTHING_TO_PLAN)
    return [
        ReplanAsked(
            at=now,
            by=action.actor,
            cause=action.key,
            reason=action.reason,
            lists_version=action.lists_version,
            clocks=concerned,
        )
    ]


def _concerned(deadline: Deadline, years: tuple[int, ...]) -> bool:
    return deadline.provisional or not set(years).isdisjoint(deadline.why.years)


@rules.evolves(ReplanAsked)
def replan_asked(ticket: Ticket, event: ReplanAsked) -> Ticket:
    asked = replans(ticket, PlanWhy.REPLANNED, event.at)
    return ticket.asking(*(one for one in asked if one.key in event.clocks))
