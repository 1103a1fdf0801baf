"""What the ledger's views say of a ticket's orders and rulings: pure, from the ticket alone."""

from juanchi.domain.overlays import Order, Ruling
from juanchi.domain.ticket import Ticket
from juanchi.ledger.rows import Row


def order_rows(ticket: Ticket) -> list[Row]:
    """The rows of ``orders``, one for each order that was ever issued."""
    return [_order(ticket.id, order) for order in ticket.orders]


def _order(ticket_id: str, order: Order) -> Row:
    return {
        "ticket_id": ticket_id,
        "number": order.number,
        "level": order.level.value,
        "trigger": order.trigger.value,
        "unit": order.unit,
        "leader": order.leader,
        "requirement": order.requirement,
        "copies": list(order.copies),
        "evidence_wanted": [kind.value for kind in order.evidence_wanted],
        "issued_at": order.issued_at,
        "feedback_due": order.feedback_due,
        "fed_back_at": order.fed_back_at,
        "released_at": order.released_at,
        "outcome": order.outcome,
    }


def ruling_rows(ticket: Ticket) -> list[Row]:
    """The rows of ``rulings``."""
    return [_ruling(ticket.id, ruling) for ruling in ticket.rulings]


def _ruling(ticket_id: str, ruling: Ruling) -> Row:
    return {
        "ticket_id": ticket_id,
        "number": ruling.number,
        "item": ruling.item,
        "region": ruling.region,
        "lead": ruling.lead,
        "assisting": list(ruling.assisting),
        "backstop": ruling.backstop,
        "basis": ruling.basis,
        "interim_until": ruling.interim_until,
        "gap": ruling.gap,
        "final": ruling.final,
        "at": ruling.at,
    }


def proposal_rows(ticket: Ticket) -> list[Row]:
    """The rows of ``proposals``: what each ruling that found a gap would put into the list."""
    return [
        {
            "ticket_id": ticket.id,
            "ruling": ruling.number,
            "item": ruling.item,
            "region": ruling.region,
            "lead": ruling.lead,
            "assisting": list(ruling.assisting),
            "basis": ruling.basis,
            "at": ruling.at,
        }
        for ruling in ticket.rulings
        if ruling.gap
    ]
