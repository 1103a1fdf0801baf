"""Where a matter is, and what shows it."""

from pydantic import Field

from juanchi.domain.base import Code, Line, Moment, Text, Value
from juanchi.domain.terms import EvidenceKind


class Place(Value):
    """A place: the most exact region known, the words people use for it, coordinates (WGS 84)."""

    region: Code | None = None
    address: Line = ""
    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)


class Evidence(Value):
    """One proof: a photo before or after, a contact made, a document.

    ``ref`` is a link or a file id in the unit's own system; Juanchi stores no pictures.
    """

    kind: EvidenceKind
    ref: Line
    at: Moment
    place: Place | None = None
    note: Text = ""
