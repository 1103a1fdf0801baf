"""The short path of suggestions (建议): answered with adopted, partly or not, and closed at once.

Nothing is verified on site, no proof is asked for and nobody is called: the lead unit says what
becomes of it, why, and what the contributor is told; a checker looks whether that is more than a
template; the contributor is told and may rate. A ticket dispatched under a policy without
``[terms.suggestions]`` goes the long way.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from juanchi.domain.actor import ENGINE
from juanchi.domain.messages import Event
from juanchi.domain.rules import Rules
from juanchi.domain.terms import Nature, Outcome
from juanchi.domain.ticket import Ticket

rules = Rules()

FOR_SUGGESTIONS = (Outcome.ADOPTED, Outcome.PARTLY_ADOPTED, Outcome.NOT_ADOPTED)
"""The outcomes that a suggestion may have, and nothing else."""

TOLD = "told_to_contributor"
"""The reason with which a suggestion closes: the reply went out, and may be rated from then on."""


class TemplateFlagged(Event):
    """The reply is in the same words as those of ``times`` other suggestions."""

    kind: Literal["template_flagged"] = "template_flagged"
    times: int


def short_path(ticket: Ticket) -> bool:
    """Whether a ticket is a suggestion that was dispatched under a policy with the short path."""
    terms = ticket.terms
    return ticket.nature is Nature.SUGGESTION and terms is not None and bool(terms.suggestions)


def template_flagged(ticket: Ticket, times: int, now: datetime) -> Sequence[Event]:
    """The flag on a reply that ``times`` other suggestions were given too, if those are many."""
    terms = ticket.terms.suggestions if ticket.terms and short_path(ticket) else None
    if terms is None or times < terms.template_from:
        return []
    return [TemplateFlagged(at=now, by=ENGINE, times=times)]


@rules.evolves(TemplateFlagged)
def flagged(ticket: Ticket, event: TemplateFlagged) -> Ticket:
    return ticket.having(same_replies=event.times)
