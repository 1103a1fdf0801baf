"""The city's lists made ready: everything that is computed once per version of them."""

from datetime import UTC, date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from juanchi.domain.calendar import WorkCalendar
from juanchi.domain.duties import Directory
from juanchi.domain.lists import Pack
from juanchi.domain.planning import Planner
from juanchi.intake.locating import Locator
from juanchi.intake.recognition import Recogniser
from juanchi.intake.routing import Router
from juanchi.intake.screening import Screener


class Tools:
    """One version of a city: its directory, calendar and the readers of its words."""

    def __init__(self, pack: Pack, version: str) -> None:
        self.pack = pack
        self.version = version

    @cached_property
    def directory(self) -> Directory:
        return Directory.of(self.pack)

    @cached_property
    def recogniser(self) -> Recogniser:
        return Recogniser(self.pack)

    @cached_property
    def screener(self) -> Screener:
        return Screener(self.pack, self.recogniser)

    @cached_property
    def locator(self) -> Locator:
        return Locator(self.pack, self.directory)

    @cached_property
    def router(self) -> Router:
        return Router(self.pack, self.directory, self.recogniser)

    @cached_property
    def calendar(self) -> WorkCalendar:
        pack = self.pack
        return WorkCalendar(pack.timezone, pack.calendars, pack.policy.service_hours)

    @cached_property
    def planner(self) -> Planner:
        return Planner(self.directory, self.calendar, self.pack.policy)

    def today(self) -> date:
        """The city's own day, now."""
        return self.local_day(datetime.now(UTC))

    def local_day(self, moment: datetime) -> date:
        """The city's own day at a moment."""
        return moment.astimezone(ZoneInfo(self.pack.timezone)).date()
