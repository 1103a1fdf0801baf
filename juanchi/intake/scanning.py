"""A first look through a whole file: what the lists lack, and which ids come twice."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from juanchi.domain.lists import Item, Unit
from juanchi.intake.files import Source
from juanchi.intake.mapper import Mapper, Unmappable
from juanchi.intake.matching import Named


@dataclass(frozen=True)
class Scan:
    """What a file holds. ``repeated`` maps the line of a row to the line that had its id first."""

    rows: int
    units: tuple[Unit, ...] = ()
    items: tuple[Item, ...] = ()
    repeated: Mapping[int, int] = field(default_factory=dict)


def scan(source: Source, mapper: Mapper) -> Scan:
    """Look through all rows. Units and items are those that the mapping lets an import create."""
    rows = 0
    first: dict[bytes, int] = {}
    repeated: dict[int, int] = {}
    items: dict[Named, None] = {}
    leads: dict[str, None] = {}
    for row in source.rows():
        rows += 1
        try:
            naming = mapper.naming(row)
        except Unmappable:
            continue  # told when its turn comes
        key = _digest(naming.channel, naming.external_id)
        before = first.setdefault(key, row.line)
        if before != row.line:
            repeated[row.line] = before
            continue
        if naming.item:
            items[naming.item] = None
        if naming.lead:
            leads[naming.lead] = None
    return Scan(
        rows=rows,
        units=tuple(mapper.units.missing(leads)) if mapper.units else (),
        items=tuple(mapper.items.missing(items)) if mapper.items else (),
        repeated=repeated,
    )


def _digest(channel: str, external_id: str) -> bytes:
    # Digests, so that a file of millions of rows fits into memory.
    return hashlib.blake2b(f"{channel}\0{external_id}".encode(), digest_size=12).digest()
