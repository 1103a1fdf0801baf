"""Units' own systems: one webhook per unit, where one is set."""

import httpx
from temporalio import activity

from activities.city import CityDesk
from juanchi.domain.notices import Notify, NotifyResult
from juanchi.domain.ticket import Ticket

TIMEOUT_S = 10.0


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
        unit = tools.directory.units.get(step.to)
        error = await self._post(unit.webhook, ticket, step) if unit and unit.webhook else ""
        return NotifyResult(
            key=step.key, to=step.to, what=step.what, attempt=step.attempt, error=error
        )

    async def _post(self, url: str, ticket: Ticket, step: Notify) -> str:
        told = {
            "key": step.key,
            "what": step.what,
            "ticket": ticket.id,
            "number": ticket.number,
            "unit": step.to,
            "version": ticket.version,
        }
        try:
            answer = await self._http.post(
                url, json=told, headers={"Idempotency-Key": step.key}, timeout=TIMEOUT_S
            )
        except httpx.HTTPError as error:
            return f"{type(error).__name__}: {error}"[:200]
        return "" if answer.is_success else f"HTTP {answer.status_code}"
