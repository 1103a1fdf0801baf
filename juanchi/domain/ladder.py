"""The rungs of one deadline: policy's ladder laid out on the calendar."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from juanchi.domain.calendar import Pause, WorkCalendar
from juanchi.domain.rungs import Mark, Resolve, Rung, RungSpec


class Ladder:
    """Lays rungs out between a clock's start and its due time, and after it."""

    def __init__(
        self,
        calendar: WorkCalendar,
        started: datetime,
        due: datetime,
        pauses: Sequence[Pause] = (),
        find: Resolve | None = None,
    ) -> None:
        self._calendar = calendar
        self._started = started
        self._due = due
        self._pauses = pauses
        self._find = find
        self.provisional = False
        """Whether a rung laid out so far stands in a year without a table."""

    def climb(self, specs: Sequence[RungSpec], fired: Sequence[Rung] = ()) -> tuple[Rung, ...]:
        """The rungs in the policy's order, behind those that have fired, which never fire again."""
        rungs = list(fired)
        done = Counter(rung.kind for rung in fired)
        for spec in specs:
            if done[spec.kind]:
                done[spec.kind] -= 1
                continue
            at = self._moment(spec.marks)
            # A holiday can put due+1wd behind due+3d; pressure still rises in the order written.
            if rungs and at < rungs[-1].at:
                at = rungs[-1].at
            rungs.append(self._rung(spec, at))
        return tuple(rungs)

    def _moment(self, marks: Sequence[Mark]) -> datetime:
        """The first of the alternatives; one for which there is no time before due is none."""
        moments = [(mark, self._at(mark)) for mark in marks]
        return min(
            (at for mark, at in moments if at > self._started or not mark.early),
            default=self._started,
        )

    def _at(self, mark: Mark) -> datetime:
        if mark.percent is not None:
            fraction = mark.percent / 100
            return self._calendar.share(self._started, self._due, fraction, self._pauses)
        if mark.limit is None:
            return self._due
        if mark.early:
            return self._calendar.back(mark.limit, self._due, self._pauses)
        after = self._calendar.add(mark.limit, self._due, self._pauses)
        self.provisional = self.provisional or after.provisional
        return after.at

    def _rung(self, spec: RungSpec, at: datetime) -> Rung:
        if self._find is None:
            return Rung(kind=spec.kind, at=at, order=spec.order, tell=spec.tell)
        return Rung(
            kind=spec.kind,
            at=at,
            order=spec.order.resolved(self._find) if spec.order else None,
            tell=tuple(map(self._find, spec.tell)),
        )
