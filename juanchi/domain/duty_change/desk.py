"""What the city's lists say about a change: one version of them, and its policy and calendar."""

from datetime import date, datetime, timedelta

from juanchi.domain.deadlines import plan
from juanchi.domain.duty_change.change import DutyChange
from juanchi.domain.duty_change.clocks import ClocksPlanned, PlanClocks
from juanchi.domain.duty_change.fit import DoesNotFit, concerned, misfits, unknown
from juanchi.domain.duty_change.messages import Found, Question
from juanchi.domain.duty_change.proposal import Surveyed
from juanchi.domain.duty_change.rows import Rows, applied
from juanchi.domain.lists import Pack
from juanchi.domain.planning import Rulebook
from juanchi.domain.situation import LocalDay
from juanchi.domain.terms import Urgency


class DutyDesk:
    """Answers what the machine asks of the lists."""

    def __init__(self, pack: Pack, rulebook: Rulebook, local_day: LocalDay) -> None:
        self._pack = pack
        self._rulebook = rulebook
        self._local_day = local_day

    def found(self, question: Question, now: datetime) -> Found:
        """What the lists say, on the day asked about or, if that is none or past, today."""
        today = self._local_day(now)
        on = max(question.on or today, today)
        _, calendar = self._rulebook(now)
        known = {unit.code for unit in self._pack.units}
        asked = question.rows
        return Found(
            today=today,
            begins=calendar.end_of(on - timedelta(days=1)) + timedelta(seconds=1),
            misfits=misfits(self._pack, asked, on),
            concerned=concerned(self._pack, asked, on),
            unknown_units=tuple(unit for unit in question.units if unit not in known),
        )

    def survey(self, change: DutyChange, now: datetime) -> Surveyed:
        """Whether a proposal fits, and who is to be consulted."""
        today = self._local_day(now)
        policy, _ = self._rulebook(now)
        more = change.proposal.units
        units = dict.fromkeys((*concerned(self._pack, change.rows, today), *more))
        return Surveyed(
            misfits=(*misfits(self._pack, change.rows, today), *unknown(self._pack, more)),
            units=tuple(units),
            terms=policy.duty_changes,
        )

    def planned(self, step: PlanClocks) -> ClocksPlanned:
        """The due times of clocks, each by the policy in force at its start."""
        deadlines = []
        for wanted in step.clocks:
            policy, calendar = self._rulebook(wanted.start)
            deadline = plan(
                calendar,
                policy,
                wanted.clock,
                wanted.start,
                None,
                Urgency.GENERAL,
                subject=wanted.subject,
                until=wanted.until,
            )
            deadlines.append(deadline)
        return ClocksPlanned(deadlines=tuple(deadlines))


def entering(pack: Pack, rows: Rows, on: date) -> Pack:
    """The lists with a change in force from a day on. Raises ``DoesNotFit``."""
    if found := misfits(pack, rows, on):
        raise DoesNotFit(found)
    return applied(pack, rows, on)
