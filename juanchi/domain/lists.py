"""A city as data: regions, units, the three lists, channels and screening words.

These are the rows of a city pack and of the ledger's versioned lists. A duty names its units
either by code or by a *role* (``@works``) that is resolved at the place: the unit with that role
whose region is the place's street, else its district, else the city.
"""

from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from juanchi.domain.base import Code, Line, Text, Value
from juanchi.domain.gazetteer import KnownPlace, PlaceWords
from juanchi.domain.limits import Limit
from juanchi.domain.policy import Policy
from juanchi.domain.terms import ClueVerdict, EvidenceKind, Nature, Urgency


class RegionLevel(StrEnum):
    """Duties go down to the street; a community (社区) only says more exactly where in it."""

    CITY = "city"
    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"

    @property
    def depth(self) -> int:
        """How far below the city: 0 is the city itself."""
        return list(RegionLevel).index(self)


class Region(Value):
    """A city, district, sub-district (街道) or community; ``parent`` is the region above."""

    code: Code
    parent: Code | None = None
    level: RegionLevel
    name: Line
    name_en: Line = ""
    aliases: tuple[Line, ...] = ()


class Unit(Value):
    """A body that handles or decides: department, street office, centre, emergency service.

    ``role`` is what duties ask for (``works``, ``traffic_police``, ``street_office``);
    ``region`` is where it is competent; ``webhook`` is where its notices are posted, if anywhere.
    ``leaders`` are the names of those who hold its posts, each written ``head=Ada Byron``.
    """

    code: Code
    name: Line
    name_en: Line = ""
    role: Code
    region: Code
    aliases: tuple[Line, ...] = ()
    webhook: str | None = None
    leaders: tuple[Line, ...] = ()

    def leader(self, post: str) -> str:
        """The name of who holds a post; empty when it is not known."""
        for entry in self.leaders:
            held, _, name = entry.partition("=")
            if held.strip() == post:
                return name.strip()
        return ""


class Item(Value):
    """One row of the item catalogue (事项目录)."""

    code: Code
    category: Line
    subcategory: Line = ""
    name: Line
    name_en: Line = ""
    aliases: tuple[Line, ...] = ()
    keywords: tuple[Line, ...] = ()
    natures: tuple[Nature, ...] = ()
    urgency: Urgency = Urgency.GENERAL


class Duty(Value):
    """One row of the responsibility list (职责清单): who leads and assists for an item somewhere.

    ``item`` and ``region`` may be ``*``. The most specific row wins: exact item before ``*``,
    street before district before city. ``mandatory`` are those of ``assisting`` whose task must
    be done before the lead may reply.
    """

    item: str
    region: str = "*"
    lead: str
    assisting: tuple[str, ...] = ()
    mandatory: tuple[str, ...] = ()
    basis: Line = ""
    valid_from: date
    valid_to: date | None = None

    def in_force(self, on: date) -> bool:
        """Whether it holds on a day; ``valid_to`` is its last."""
        return self.valid_from <= on and not self.over(on)

    def over(self, on: date) -> bool:
        """Whether its last day is before a day."""
        return self.valid_to is not None and self.valid_to < on


class Handling(Value):
    """One row of an implementation list (实施清单): a unit's (or role's) terms for an item.

    ``evidence`` is what must come with the outcome "solved"; ``limit`` wins over the nature's.
    ``item`` or ``unit`` may be ``*``.
    """

    unit: str
    item: str
    team: Line = ""
    limit: Limit | None = None
    evidence: tuple[EvidenceKind, ...] = ()


class ChannelKind(StrEnum):
    HOTLINE = "hotline"
    APP = "app"
    MAILBOX = "mailbox"
    VIDEO = "video"
    COMMENT = "comment"
    FEED = "feed"
    IMPORT = "import"


class Channel(Value):
    """Where clues come from. ``verify``: whether a street team looks before filing."""

    code: Code
    name: Line
    name_en: Line = ""
    kind: ChannelKind
    verify: bool


class Referral(Value):
    """Where a clue goes that is not ours: the words that say so and where to send the person."""

    code: Code
    verdict: ClueVerdict
    unit: Code | None = None
    words: tuple[Line, ...]
    advice: Text
    advice_en: Text = ""


class KnownAnswer(Value):
    """A question that is asked again and again, and its answer.

    Each of ``asked`` is one way to ask it: terms joined by ``+``, all of which stand in the text.
    """

    code: Code
    asked: tuple[Line, ...]
    answer: Text
    answer_en: Text = ""


class ScreeningWords(Value):
    """The first honest rule set: words and patterns that decide a clue's fate.

    ``asks`` say that somebody wants something dealt with; ``now`` that something is happening,
    ``past`` that it is told of; ``speech`` that somebody else's words are told; ``settled`` that
    the matter is over. ``answers`` are to questions that need nobody to answer them.
    """

    advertisement: tuple[Line, ...] = ()
    noise: tuple[Line, ...] = ()
    suggestion: tuple[Line, ...] = ()
    enquiry: tuple[Line, ...] = ()
    report: tuple[Line, ...] = ()
    request: tuple[Line, ...] = ()
    thanks: tuple[Line, ...] = ()
    urgent: tuple[Line, ...] = ()
    asks: tuple[Line, ...] = ()
    now: tuple[Line, ...] = ()
    past: tuple[Line, ...] = ()
    speech: tuple[Line, ...] = ()
    off_topic: tuple[Line, ...] = ()
    settled: tuple[Line, ...] = ()
    thanks_reply: Text = ""
    settled_reply: Text = ""
    referrals: tuple[Referral, ...] = ()
    answers: tuple[KnownAnswer, ...] = ()


class DayKind(StrEnum):
    REST = "rest"
    WORK = "work"


class CalendarDay(Value):
    """A day on which the yearly table departs from Monday-Friday: holiday or make-up day (调休)."""

    day: date
    kind: DayKind
    name: Line = ""


class CalendarYear(Value):
    """One published yearly table. Days of a year without a table are provisional."""

    year: int = Field(ge=2000, le=2200)
    source: Line = ""
    days: tuple[CalendarDay, ...]


class Pack(Value):
    """A whole city: what ``starter.py pack load`` validates and loads as one versioned batch."""

    code: Code
    version: Code
    name: Line
    name_en: Line = ""
    timezone: str
    number_pattern: str = Field(description="e.g. SZ-{date:%Y%m%d}-{serial:06d}")
    centre: Code = Field(description="the unit that dispatches and checks")
    street_team_role: Code = Field(description="role of the units that verify on site")
    bounds: tuple[float, float, float, float] | None = Field(
        default=None, description="west, south, east, north in degrees; outside is not ours"
    )
    regions: tuple[Region, ...]
    units: tuple[Unit, ...]
    items: tuple[Item, ...]
    duties: tuple[Duty, ...]
    handlings: tuple[Handling, ...] = ()
    channels: tuple[Channel, ...]
    screening: ScreeningWords
    calendars: tuple[CalendarYear, ...]
    policy: Policy
    policies: tuple[Policy, ...] = Field(
        default=(), description="further versions of the policy, each in force from its own date"
    )
    backstop: Line = Field(
        default="", description="the unit, or @role, that gets a ticket which nobody takes"
    )
    places: tuple[KnownPlace, ...] = ()
    place_words: PlaceWords = PlaceWords()

    @model_validator(mode="after")
    def _each_version_once(self) -> Self:
        seen: set[tuple[str, str]] = set()
        for policy in (self.policy, *self.policies):
            if (policy.code, policy.version) in seen:
                raise ValueError(f"policy {policy.code}@{policy.version} is there twice")
            seen.add((policy.code, policy.version))
        return self

    def policy_on(self, day: date) -> Policy:
        """The policy in force on a day: the latest by then, else the earliest that there is.

        Of two from the same day the one that was added later holds.
        """
        by_day = sorted((self.policy, *self.policies), key=lambda policy: policy.valid_from)
        known = max(day, by_day[0].valid_from)
        return [policy for policy in by_day if policy.valid_from <= known][-1]


def with_policy(pack: Pack, policy: Policy) -> Pack:
    """The pack with a further version of its policy, or with that version replaced."""

    def same(other: Policy) -> bool:
        return (other.code, other.version) == (policy.code, policy.version)

    if same(pack.policy):
        return pack.model_copy(update={"policy": policy})
    if any(map(same, pack.policies)):
        versions = tuple(policy if same(other) else other for other in pack.policies)
    else:
        versions = (*pack.policies, policy)
    return pack.model_copy(update={"policies": versions})


def with_calendar(pack: Pack, year: CalendarYear) -> Pack:
    """The pack with one more yearly table, or with that year's replaced; the years in order."""
    others = (table for table in pack.calendars if table.year != year.year)
    tables = sorted((*others, year), key=lambda table: table.year)
    return pack.model_copy(update={"calendars": tuple(tables)})
