"""Who acts on a ticket."""

from juanchi.domain.base import Code, Line, Value
from juanchi.domain.terms import Role


class Actor(Value):
    """A person or a system: the role they act in, the unit they act for, their staff id.

    ``staff`` is an id within the unit, never a citizen's name.
    """

    role: Role
    unit: Code | None = None
    staff: Line = ""


ENGINE = Actor(role=Role.SYSTEM)
"""The ticket's own workflow."""
