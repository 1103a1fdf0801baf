"""The journal's views: all their tables, and a ticket's rows in each."""

from collections.abc import Set
from datetime import datetime
from typing import Final

from sqlalchemy.orm import InstrumentedAttribute

from juanchi.domain.ticket import Ticket
from juanchi.ledger.rows import Row, clue_row, merge_row, task_rows, ticket_row
from juanchi.ledger.supervision_rows import order_rows, proposal_rows, ruling_rows
from juanchi.ledger.supervision_tables import OrderRow, ProposalRow, RulingRow
from juanchi.ledger.tables import ClueRow, MergeRow, Table, TaskRow, TicketRow

View = type[Table]
"""A table that the journal gives."""

VIEWS: Final[dict[View, InstrumentedAttribute[str]]] = {
    TicketRow: TicketRow.id,
    TaskRow: TaskRow.ticket_id,
    ClueRow: ClueRow.ticket_id,
    MergeRow: MergeRow.ticket_id,
    OrderRow: OrderRow.ticket_id,
    RulingRow: RulingRow.ticket_id,
    ProposalRow: ProposalRow.ticket_id,
}
"""Every view, and its column that names the ticket."""

Rows = dict[View, list[Row]]
"""What the views hold of one ticket."""


def view_rows(ticket: Ticket, updated_at: datetime, erased: Set[str] = frozenset()) -> Rows:
    """What the views must hold of a ticket whose last event was at ``updated_at``.

    ``erased``: the pseudonyms of those whom no view may name.
    """
    merge = merge_row(ticket)
    return {
        TicketRow: [ticket_row(ticket, updated_at)],
        TaskRow: task_rows(ticket),
        ClueRow: [clue_row(ticket, erased)],
        MergeRow: [merge] if merge else [],
        OrderRow: order_rows(ticket),
        RulingRow: ruling_rows(ticket),
        ProposalRow: proposal_rows(ticket),
    }
