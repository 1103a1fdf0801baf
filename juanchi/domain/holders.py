"""Holders: who a policy names to be told or ordered, and how a city's lists find them.

An expression is ``lead/head`` (a post of whichever unit leads when it is needed),
``centre/duty_leader`` (a post of the city's centre), ``@works/head`` (a post of the unit with that
role at the ticket's place), ``roads/head`` (a post of one unit) or a desk: ``supervisor``. Resolved
it is a *holder*: a unit's code, a unit's code and a post in it, or a desk.
"""

import re
from typing import TYPE_CHECKING, Annotated, NamedTuple

from pydantic import AfterValidator

from juanchi.domain.base import Line
from juanchi.domain.terms import Role

if TYPE_CHECKING:
    from juanchi.domain.duties import Directory

LEAD = "lead"
CENTRE = "centre"
ROLE = "@"
POST = "/"

DESKS = frozenset(
    {
        Role.DISPATCHER,
        Role.CHECKER,
        Role.SUPERVISOR,
        Role.ARBITER,
        Role.STAFFING,
        Role.APPROVER,
    }
)
"""The desks that can be told as a whole: the centre's, and those that decide on the lists."""

_EXPRESSION = re.compile(r"(@?[A-Za-z0-9][A-Za-z0-9_.:\-]{0,63})/([a-z][a-z0-9_]{0,39})")


class Named(NamedTuple):
    """An expression's two parts. A desk has no post."""

    who: str
    post: str

    @property
    def role(self) -> str | None:
        """The role that is asked for at the ticket's place, if one is."""
        return self.who.removeprefix(ROLE) if self.who.startswith(ROLE) else None

    @property
    def unit(self) -> str | None:
        """The code of the unit that is named outright, if one is."""
        if not self.post or self.who in (LEAD, CENTRE) or self.who.startswith(ROLE):
            return None
        return self.who


def parse(text: str) -> Named:
    """An expression's parts. Raises ``ValueError`` when it is none."""
    if text in DESKS:
        return Named(text, "")
    if found := _EXPRESSION.fullmatch(text):
        return Named(found[1], found[2])
    raise ValueError(
        f"{text!r} names nobody; write lead/head, centre/duty_leader, @role/head, a unit's code "
        f"and a post, or a desk ({', '.join(sorted(DESKS))})"
    )


def _sound(text: str) -> str:
    parse(text)
    return text


Holder = Annotated[Line, AfterValidator(_sound)]
"""A holder expression."""


def resolve(expression: str, directory: "Directory", centre: str, region: str | None) -> str:
    """The holder that an expression means at a region; ``centre`` is the code of that unit.

    ``lead/...`` stays as it is until it is needed. Where no unit has a role, the centre stands in.
    Raises ``ValueError`` as ``parse`` does.
    """
    named = parse(expression)
    if named.who == CENTRE:
        return f"{centre}{POST}{named.post}"
    if named.role is None:
        return expression
    unit = directory.resolve(named.who, region)
    return f"{unit.code if unit else centre}{POST}{named.post}"


def unit_of(holder: str) -> str:
    """The code of a holder's unit; empty for a desk."""
    return "" if holder in DESKS else holder.partition(POST)[0]


def post_of(holder: str) -> str:
    """The post that a holder names; empty when it is a whole unit or a desk."""
    return holder.partition(POST)[2]
