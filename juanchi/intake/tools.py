"""The city's lists and the models in force made ready: what is computed once per version."""

from datetime import UTC, date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from juanchi.domain.calendar import WorkCalendar
from juanchi.domain.duties import Directory
from juanchi.domain.limits import Window
from juanchi.domain.lists import Pack
from juanchi.domain.planning import Planner
from juanchi.domain.policy import Policy
from juanchi.intake.learning.learned import NOTHING_LEARNED, Learned
from juanchi.intake.locating import Locator
from juanchi.intake.recognition import Recogniser
from juanchi.intake.routing import Router
from juanchi.intake.screening import Screener


class Tools:
    """One version of a city: its directory, calendar and the readers of its words.

    ``learned`` are the models that help them; without any the lists' own words serve.
    """

    def __init__(self, pack: Pack, version: str, learned: Learned = NOTHING_LEARNED) -> None:
        self.pack = pack
        self.version = version
        self.learned = learned
        self._calendars: dict[tuple[Window, ...], WorkCalendar] = {}

    @cached_property
    def directory(self) -> Directory:
        return Directory.of(self.pack)

    @cached_property
    def recogniser(self) -> Recogniser:
        return Recogniser(self.pack, self.learned.item)

    @cached_property
    def screener(self) -> Screener:
        learned, words = self.learned, f"words {self.version}"
        version = f"{words} {learned.screening_version}".strip()
        return Screener(self.pack, self.recogniser, learned.nature, learned.screening, version)

    @cached_property
    def locator(self) -> Locator:
        return Locator(self.pack, self.directory)

    @cached_property
    def router(self) -> Router:
        return Router(
            self.pack, self.directory, self.recogniser, self.local_day, self.learned.dispatch
        )

    @cached_property
    def planner(self) -> Planner:
        return Planner(self.directory, self.pack.centre, self.rulebook)

    def rulebook(self, moment: datetime) -> tuple[Policy, WorkCalendar]:
        """The policy in force at a moment, and the calendar with its service hours."""
        policy = self.pack.policy_on(self.local_day(moment))
        return policy, self.calendar(policy)

    def calendar(self, policy: Policy) -> WorkCalendar:
        """The city's calendar with a policy's service hours."""
        found = self._calendars.get(policy.service_hours)
        if found is None:
            pack = self.pack
            found = WorkCalendar(pack.timezone, pack.calendars, policy.service_hours)
            self._calendars[policy.service_hours] = found
        return found

    def today(self) -> date:
        """The city's own day, now."""
        return self.local_day(datetime.now(UTC))

    def local_day(self, moment: datetime) -> date:
        """The city's own day at a moment."""
        return moment.astimezone(ZoneInfo(self.pack.timezone)).date()
