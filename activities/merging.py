"""The survivor of a merge is asked to speak for another ticket too, or to let it go again."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from activities.asking import ask
from juanchi.domain.actor import ENGINE
from juanchi.domain.merging import Absorb, AskSurvivor, AskSurvivorResult
from juanchi.domain.messages import Action
from juanchi.domain.refusal import Code
from juanchi.domain.terms import Urgency
from juanchi.domain.ticket import Ticket
from juanchi.domain.unmerging import LeaveSurvivor, LeaveSurvivorResult, LetGo
from juanchi.ledger.voices import CHAIN, merged_into

OVER = (Code.ENDED, Code.NOT_FOUND)
"""What a ticket whose workflow is over answers: it may have been merged itself."""

PATIENCE = 8
"""So often a survivor that is just being merged itself is asked again: about two minutes."""


class MergingActivities:
    """Asks a surviving ticket, and where that was merged itself, the one that survives it."""

    def __init__(self, client: Client, engine: AsyncEngine) -> None:
        self._client = client
        self._engine = engine

    @activity.defn
    async def ask_survivor(self, ticket: Ticket, step: AskSurvivor) -> AskSurvivorResult:
        """The survivor's answer; ``refused`` tells why it cannot.

        Raises a retryable error while the survivor is just asking another to speak for it: where
        that leads will be known in a moment.
        """
        again = f"#{ticket.unmerges}" if ticket.unmerges else ""
        action = Absorb(
            id=f"voice:{ticket.id}{again}"[:200],
            actor=ENGINE,
            at=datetime.now(UTC),
            voice=ticket.id,
            brings=ticket.heard,
            urgent=ticket.urgency is Urgency.URGENT,
        )
        into, refused = await self._asked(step.into, action, but=ticket.id)
        if refused == Code.MERGING and not await self._gives_way(ticket, into):
            raise ApplicationError(f"{into} is being merged itself", type=refused)
        heard = refused == Code.HEARD_ALREADY
        return AskSurvivorResult(into=into, refused="" if heard else refused)

    @activity.defn
    async def leave_survivor(self, ticket: Ticket, step: LeaveSurvivor) -> LeaveSurvivorResult:
        """Tell the survivor that a ticket speaks for itself again, and for those it brought."""
        action = LetGo(
            id=f"left:{ticket.id}#{ticket.unmerges}"[:200],
            actor=ENGINE,
            at=datetime.now(UTC),
            voice=ticket.id,
            brings=ticket.heard,
        )
        _, refused = await self._asked(step.of, action, but=ticket.id)
        return LeaveSurvivorResult(of=step.of, over=refused)

    async def _asked(self, into: str, action: Action, *, but: str) -> tuple[str, str]:
        """Ask a ticket, or whoever speaks for it now, but never ``but``; and what it answered."""
        refused = ""
        for _ in range(CHAIN):
            refused = await ask(self._client, into, action)
            further = await merged_into(self._engine, into) if refused in OVER else None
            if further is None:
                break
            if further == but:
                return into, Code.MERGE_INTO_ITSELF
            into = further
        return into, refused

    async def _gives_way(self, ticket: Ticket, other: str) -> bool:
        """Whether this ticket must stay, of two that ask each other: the earlier one does.

        Then the later one, which asks again, finds it free. In a ring of several nobody can tell;
        after a while each goes on by itself.
        """
        if activity.info().attempt >= PATIENCE:
            return True
        try:
            found: Ticket = await self._client.get_workflow_handle(other).query(
                "ticket", result_type=Ticket
            )
        except RPCError:
            return False
        if found.leaving == ticket.id:
            return True
        mutual = found.merging_into == ticket.id
        return mutual and (ticket.received_at, ticket.id) < (found.received_at, found.id)
