"""Units' own systems: one webhook per unit, where one is set; it hears for the unit's posts too."""

from typing import Any

import httpx
from temporalio import activity

from activities.city import CityDesk
from juanchi.domain.holders import unit_of
from juanchi.domain.notices import NoticeKind, Notify, NotifyResult
from juanchi.domain.orders import open_order
from juanchi.domain.ticket import Ticket

TIMEOUT_S = 10.0

OF_ORDERS = frozenset(
    {
        NoticeKind.ORDER,
        NoticeKind.ORDER_COPY,
        NoticeKind.YELLOW_CARD,
        NoticeKind.RED_CARD,
        NoticeKind.RAISED,
        NoticeKind.REPORTED,
    }
)
"""Notices that say what the open supervision order is."""


class NotifyingActivities:
    """Posts notices. What goes wrong is told to the ticket, which decides when to try again."""

    def __init__(self, desk: CityDesk, http: httpx.AsyncClient) -> None:
        self._desk = desk
        self._http = http

    @activity.defn
    async def notify(self, ticket: Ticket, step: Notify) -> NotifyResult:
        """Post a notice. The idempotency key lets a unit drop what it already has.

        A post that was taken but whose answer was lost is posted again under the same key.
        """
        tools = await self._desk.tools()
        unit = tools.directory.units.get(unit_of(step.to))
        error = await self._post(unit.webhook, ticket, step) if unit and unit.webhook else ""
        return NotifyResult(
            key=step.key, to=step.to, what=step.what, attempt=step.attempt, error=error
        )

    async def _post(self, url: str, ticket: Ticket, step: Notify) -> str:
        try:
            answer = await self._http.post(
                url,
                json=told(ticket, step),
                headers={"Idempotency-Key": step.key},
                timeout=TIMEOUT_S,
            )
        except httpx.HTTPError as error:
            return f"{type(error).__name__}: {error}"[:200]
        return "" if answer.is_success else f"HTTP {answer.status_code}"


def told(ticket: Ticket, step: Notify) -> dict[str, Any]:
    """What is posted. ``unit`` is whom it is for: the unit, or a post in it (``works/head``)."""
    said: dict[str, Any] = {
        "key": step.key,
        "what": step.what,
        "ticket": ticket.id,
        "number": ticket.number,
        "unit": step.to,
        "version": ticket.version,
    }
    order = open_order(ticket)
    if order is not None and step.what in OF_ORDERS:
        asked = order.model_dump(
            mode="json", include={"number", "level", "requirement", "feedback_due"}
        )
        said["order"] = asked
    return said
