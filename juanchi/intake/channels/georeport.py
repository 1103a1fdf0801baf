"""What a GeoReport v2 server answers, XML or JSON, as far as it can be read.

Servers deviate in all the ways there are: a list wrapped in an object, numbers for ids, empty words
for nothing, times without a zone, coordinates at 0, 0. What is clear is taken; the rest is left out
or, where no report is left, handed on as unreadable.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError
from zoneinfo import ZoneInfo

import defusedxml.ElementTree as Xml
from defusedxml.common import DefusedXmlException
from pydantic import ValidationError

from juanchi.domain.place import Place
from juanchi.intake.channels.adapter import Arrival, Unreadable
from juanchi.intake.channels.plain import LONGEST_ID, cut, digest, joined, line, link, raw, tidy
from juanchi.intake.channels.times import moment

_DEEPEST: Final = 4
"""Objects around the list of reports in an answer: more are not looked into."""


class NotGeoReport(Exception):
    """An answer that is no list of reports, whatever one allows for."""


@dataclass(frozen=True, slots=True)
class Report:
    """One service request, as it stands in the answer."""

    fields: Mapping[str, Any]

    def word(self, name: str) -> str:
        """A field as words: empty for one that is missing, null or not a plain value."""
        value = self.fields.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return ""
        return tidy(str(value))


def reports(body: bytes, form: str) -> list[object]:
    """The things in an answer of the form ``json`` or ``xml``. Raises ``NotGeoReport``."""
    return _json_list(body) if form == "json" else _xml_list(body)


def _json_list(body: bytes) -> list[object]:
    try:
        answer = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise NotGeoReport(f"not JSON: {error}"[:200]) from None
    found = _list_in(answer, _DEEPEST)
    if found is None:
        raise NotGeoReport("JSON without a list of requests")
    return found


def _list_in(answer: object, deep: int) -> list[object] | None:
    """The list of reports, bare as the specification wants it or wrapped in objects."""
    if isinstance(answer, list):
        return answer
    if not isinstance(answer, Mapping) or deep == 0:
        return None
    if "service_request_id" in answer:
        return [answer]
    inside = [_list_in(value, deep - 1) for value in answer.values()]
    # Of several lists, the one with something in it: errors and notices are often empty ones.
    return next((one for one in inside if one), next((one for one in inside if one == []), None))


def _xml_list(body: bytes) -> list[object]:
    try:
        root = Xml.fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise NotGeoReport(f"not XML: {type(error).__name__} {error}"[:200]) from None
    if _name(root) not in ("service_requests", "requests"):
        raise NotGeoReport(f"XML of {_name(root)[:60]!r}, not of service_requests")
    return [_fields(child) for child in root]


def _fields(report: Element) -> dict[str, str]:
    return {_name(child): "".join(child.itertext()) for child in report}


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def arrivals(
    given: Sequence[object], zone: ZoneInfo
) -> tuple[tuple[Arrival, ...], tuple[Unreadable, ...]]:
    """What the reports say, each id once; those that cannot be read beside them."""
    read: dict[str, Arrival] = {}
    bad: dict[str, Unreadable] = {}
    for one in given:
        found = _arrival(one, zone)
        if isinstance(found, Arrival):
            read.setdefault(found.external_id, found)
        else:
            bad.setdefault(found.external_id, found)
    return tuple(read.values()), tuple(bad.values())


def _arrival(given: object, zone: ZoneInfo) -> Arrival | Unreadable:
    if not isinstance(given, Mapping):
        return _unreadable(given, "", "not an object with fields")
    report = Report(given)
    external_id = report.word("service_request_id")
    if not external_id:
        token = report.word("token")
        if token:
            # Its id will be another one: taken now, it would come a second time under that.
            return _unreadable(given, f"token:{token}", "has only a token, no id yet")
        return _unreadable(given, "", "no service_request_id")
    if len(external_id) > LONGEST_ID:
        return _unreadable(given, "", f"an id of {len(external_id)} characters")
    text = _text(report)
    if not text:
        return _unreadable(given, external_id, "neither a description nor a service_name")
    media = link(report.word("media_url"))
    try:
        return Arrival(
            external_id=external_id,
            text=text,
            reported_at=moment(report.word("requested_datetime"), zone),
            url=media,
            pictures=(media,) if media else (),
            place=_place(report),
        )
    except ValidationError as error:
        return _unreadable(given, external_id, error.errors()[0]["msg"])


def _text(report: Report) -> str:
    """What is reported, under the name of the service it was sent to; a long link at the end."""
    service, said, media = map(report.word, ("service_name", "description", "media_url"))
    text = joined((service, said))
    too_long = media.startswith("http") and not link(media)
    return cut(f"{text}\n{media}" if text and too_long else text)


def _place(report: Report) -> Place | None:
    lat, lon = _degrees(report.word("lat"), 90), _degrees(report.word("long"), 180)
    # Half a position is none; 0, 0 is what programs send that know of none.
    if lat is None or lon is None or (lat == 0 and lon == 0):
        lat = lon = None
    address = line(report.word("address"))
    return Place(address=address, lat=lat, lon=lon) if address or lat is not None else None


def _degrees(text: str, most: float) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if -most <= value <= most else None


def strays(given: Sequence[object], start: datetime, end: datetime, zone: ZoneInfo) -> bool:
    """Whether most of the reports were made days outside the window that was asked for."""
    day = timedelta(days=1)
    times = [_requested(one, zone) for one in given]
    outside = [at for at in times if at is not None and not start - day <= at <= end + day]
    return 2 * len(outside) > len(given)


def _requested(given: object, zone: ZoneInfo) -> datetime | None:
    if not isinstance(given, Mapping):
        return None
    return moment(Report(given).word("requested_datetime"), zone)


def wanted(given: object, statuses: frozenset[str], services: frozenset[str]) -> bool:
    """Whether a report is of the statuses and services asked for: servers may not have looked.

    One that does not say is wanted.
    """
    if not isinstance(given, Mapping):
        return True
    report = Report(given)
    status, service = report.word("status").lower(), report.word("service_code")
    return (not status or not statuses or status in statuses) and (
        not service or not services or service in services
    )


def token_of(given: object) -> str:
    """The token of a report that has no id yet; empty for one that has, or has neither."""
    if not isinstance(given, Mapping) or Report(given).word("service_request_id"):
        return ""
    return Report(given).word("token")


def ids(given: Sequence[object]) -> Iterator[str]:
    """The ids that an answer about a token gives."""
    for one in given:
        if isinstance(one, Mapping) and (found := Report(one).word("service_request_id")):
            yield found


def said(body: bytes, form: str) -> str:
    """What a server says is wrong, out of the body of an error; empty if it says nothing clear."""
    try:
        if form == "json":
            found = _list_in(json.loads(body), _DEEPEST) or []
        else:
            found = [_fields(child) for child in Xml.fromstring(body, forbid_dtd=True)]
    except (ValueError, RecursionError, ParseError, DefusedXmlException):
        return ""
    told = [Report(one).word("description") for one in found if isinstance(one, Mapping)]
    return line("; ".join(one for one in told if one))


def _unreadable(given: object, external_id: str, problem: str) -> Unreadable:
    said = json.dumps(given, ensure_ascii=False, sort_keys=True)
    return Unreadable(
        external_id=(external_id or digest(said))[:LONGEST_ID], problem=line(problem), raw=raw(said)
    )
