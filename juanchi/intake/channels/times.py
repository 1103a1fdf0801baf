"""Times as sources write them."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from typing import Final
from zoneinfo import ZoneInfo

_CHINESE: Final = re.compile(
    r"^(\d{4})\s*[年/.\-]\s*(\d{1,2})\s*[月/.\-]\s*(\d{1,2})日?"
    r"(?:[T\s]*(\d{1,2})\s*[:时]\s*(\d{1,2})(?:\s*[:分]\s*(\d{1,2})秒?|分)?)?$"
)
_LONGEST: Final = 100
_OFFSET: Final = re.compile(r"\s*(?:GMT|UTC)\s*([+-])(\d{1,2}):?(\d{2})?$")
_ABBREVIATED: Final = re.compile(r"\s+([A-Z]{3,4})$")
_WORLD: Final = frozenset({"GMT", "UTC"})


def moment(written: str, zone: ZoneInfo) -> datetime | None:
    """The moment that a text names; None for none, or none that is certain.

    Read are RFC 822, ISO 8601 and the Chinese ways. A time without a zone is local.
    """
    text, where = _zone(" ".join(written[:_LONGEST].split()), zone)
    found = _iso(text) or _chinese(text) or _rfc822(text)
    if found is None:
        return None
    try:
        return (found if found.tzinfo else found.replace(tzinfo=where)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def _zone(text: str, zone: ZoneInfo) -> tuple[str, tzinfo]:
    if found := _OFFSET.search(text):
        sign = -1 if found[1] == "-" else 1
        away = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        if away < timedelta(hours=24):
            return text[: found.start()], timezone(sign * away)
    abbreviated = _ABBREVIATED.search(text)
    # CST is China's time here and Chicago's in RFC 822: a city means its own.
    if abbreviated and abbreviated[1] in _own_names(zone):
        return text[: abbreviated.start()], zone
    if abbreviated and abbreviated[1] in _WORLD:
        return text[: abbreviated.start()], UTC
    return text, zone


def _own_names(zone: ZoneInfo) -> set[str | None]:
    """What a zone is called in winter and in summer."""
    return {datetime(2026, month, 1, tzinfo=zone).tzname() for month in (1, 7)}


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _chinese(text: str) -> datetime | None:
    found = _CHINESE.match(text)
    if found is None:
        return None
    try:
        # Without a zone: the caller gives it one.
        return datetime(*(int(part or 0) for part in found.groups()))  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return None


def _rfc822(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
