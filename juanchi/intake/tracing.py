"""What is remembered of a ticket's clue, by the city's own lists."""

from juanchi.domain.sameness import Trace, trace_of
from juanchi.domain.ticket import Ticket
from juanchi.intake.recognition import clear_winner
from juanchi.intake.tools import Tools


def traced(tools: Tools, ticket: Ticket) -> Trace:
    """A ticket's trace: with the regions its place lies in, and the item if its words are clear.

    A ticket is compared before it is routed, when it mostly has no item yet.
    """
    place = ticket.place
    path = tools.directory.chain(place.region) if place and place.region else ()
    if ticket.item is not None:
        return trace_of(ticket, path)
    matches = tools.recogniser.matches(ticket.words)
    return trace_of(ticket, path, matches[0].item.code if clear_winner(matches) else None)
