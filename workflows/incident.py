"""A storm (incident mode): classes of items become urgent in a region for a period, and back.

While it lasts, new tickets are raised when they are filed; every so often those that came to the
items or the region by a person's hand are looked for too. At its end, what it has raised is put
back; what a person has decided meanwhile stays.
"""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from juanchi.domain.actor import Actor
    from juanchi.domain.base import Text, Value
    from juanchi.domain.situation import Incident
    from juanchi.domain.sweeps import Sought, Sweep, Swept
    from juanchi.domain.terms import Urgency
    from workflows.sweep import SweepWorkflow

INCIDENT = "Incident"
LOOK_AGAIN = timedelta(minutes=10)
SETTLE = timedelta(seconds=3)
"""Workers trust for a second what they know of the city: until then they may still file tickets as
if nothing had changed."""
RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))
A_WRITE = timedelta(seconds=15)


class Declared(Value):
    """An incident as a person declares it, and how far it has come.

    ``items`` and ``regions`` are all that it means, down to single items and streets. ``stop`` is
    why it ends before its time.
    """

    incident: Incident
    by: Actor
    items: tuple[str, ...]
    regions: tuple[str, ...]
    rounds: int = 0
    raised: int = 0
    put_back: int = 0
    stop: Text = ""
    over: bool = False

    def having(self, **changes: Any) -> "Declared":
        """This, further on."""
        return self.model_copy(update=changes)


def incident_id(code: str) -> str:
    """The id of an incident's workflow."""
    return f"incident/{code}"


@workflow.defn(name=INCIDENT)
class IncidentWorkflow:
    """One incident, from its declaration until all that it raised is put back."""

    @workflow.init
    def __init__(self, declared: Declared) -> None:
        self.now = declared

    @workflow.run
    async def run(self, declared: Declared) -> Declared:
        """Raise, look again until it is over, put back."""
        if not self.now.rounds:
            await self._write("begin_incident", [declared.incident, declared.by])
            await workflow.sleep(SETTLE)
        while self._lasts():
            swept = await self._sweep(Urgency.URGENT)
            self._note(rounds=self.now.rounds + 1, raised=self.now.raised + swept.taken)
            await self._wait()
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(self.now)
        await self._write("end_incident", [declared.incident.code])
        await workflow.sleep(SETTLE)
        swept = await self._sweep(Urgency.GENERAL)
        self._note(put_back=swept.taken, over=True)
        return self.now

    def _lasts(self) -> bool:
        ends = self.now.incident.ends
        return not self.now.stop and (ends is None or workflow.now() < ends)

    async def _wait(self) -> None:
        ends = self.now.incident.ends
        left = ends - workflow.now() if ends else LOOK_AGAIN
        with suppress(TimeoutError):
            wait = max(min(left, LOOK_AGAIN), timedelta())
            await workflow.wait_condition(lambda: bool(self.now.stop), timeout=wait)

    async def _sweep(self, urgency: Urgency) -> Swept:
        raises = urgency is Urgency.URGENT
        incident = self.now.incident
        step = f"raise-{self.now.rounds}" if raises else "put-back"
        sought = Sought(
            items=self.now.items if raises else (),
            regions=self.now.regions if raises else (),
            urgency=Urgency.GENERAL if raises else Urgency.URGENT,
            raised_by="" if raises else incident.code,
        )
        action = {
            "kind": "set_urgency",
            "id": f"{incident_id(incident.code)}/{step}",
            "actor": self.now.by.model_dump(mode="json"),
            "urgency": urgency,
            "reason": incident.reason if raises else self.now.stop or "incident_over",
            "incident": incident.code,
        }
        return await workflow.execute_child_workflow(
            SweepWorkflow.run,
            Sweep(sought=sought, action=action),
            id=f"{incident_id(incident.code)}/{step}",
        )

    async def _write(self, activity: str, args: list[Any]) -> None:
        await workflow.execute_activity(
            activity, args=args, start_to_close_timeout=A_WRITE, retry_policy=RETRY
        )

    def _note(self, **changes: Any) -> None:
        self.now = self.now.having(**changes)

    @workflow.update
    def stop(self, reason: str) -> None:
        """It is over before its time."""
        self._note(stop=reason)

    @workflow.query
    def standing(self) -> Declared:
        """How it stands."""
        return self.now
