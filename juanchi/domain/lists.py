"""A city as data: regions, units, the three lists, channels and screening words.

These are the rows of a city pack and of the ledger's versioned lists. A duty names its units
either by code or by a *role* (``@works``) that is resolved at the place: the unit with that role
whose region is the place's street, else its district, else the city.
"""

from datetime import date
from enum import StrEnum

from pydantic import Field

from juanchi.domain.base import Code, Line, Text, Value
from juanchi.domain.policy import Limit, Policy
from juanchi.domain.terms import ClueVerdict, EvidenceKind, Nature, Urgency


class RegionLevel(StrEnum):
    CITY = "city"
    DISTRICT = "district"
    STREET = "street"


class Region(Value):
    """A city, district or sub-district (街道); ``parent`` is the code of the region above."""

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
    """

    code: Code
    name: Line
    name_en: Line = ""
    role: Code
    region: Code
    aliases: tuple[Line, ...] = ()
    webhook: str | None = None


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
    street before district before city.
    """

    item: str
    region: str = "*"
    lead: str
    assisting: tuple[str, ...] = ()
    basis: Line = ""
    valid_from: date
    valid_to: date | None = None


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


class ScreeningWords(Value):
    """The first honest rule set: words and patterns that decide a clue's fate."""

    advertisement: tuple[Line, ...] = ()
    noise: tuple[Line, ...] = ()
    suggestion: tuple[Line, ...] = ()
    enquiry: tuple[Line, ...] = ()
    report: tuple[Line, ...] = ()
    request: tuple[Line, ...] = ()
    thanks: tuple[Line, ...] = ()
    urgent: tuple[Line, ...] = ()
    referrals: tuple[Referral, ...] = ()


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
