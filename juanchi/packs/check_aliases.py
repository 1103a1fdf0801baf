"""Checks of what units are called: a name that leads to two units dispatches to the wrong one."""

from collections.abc import Iterator

from juanchi.domain.lists import Unit
from juanchi.packs.problems import Findings, Sentence, quote
from juanchi.packs.tables import Placed, Rows


def check_aliases(rows: Rows[Unit], findings: Findings) -> None:
    """Note units whose aliases name each other in a circle, and aliases that two units have."""
    named: dict[str, Placed[Unit]] = {}
    for row in rows.rows:
        for name in (row.value.code, row.value.name, row.value.name_en):
            named.setdefault(name.casefold(), row)
    leads = {row.value.code: [*_elsewhere(row, named)] for row in rows.rows}
    aliases: dict[str, Placed[Unit]] = {}
    for row in rows.rows:
        if circle := _circle(row.value.code, leads):
            told = Sentence("alias_circle", circle=" > ".join(circle))
            findings.error(row.file, row.line, "aliases", told)
        for alias in row.value.aliases:
            other = named.get(alias.casefold()) or aliases.setdefault(alias.casefold(), row)
            if other.value.code != row.value.code and not circle:
                unit, line = other.value.code, other.line or ""
                told = Sentence("alias_shared", alias=quote(alias), unit=unit, line=line)
                findings.warn(row.file, row.line, "aliases", told)


def _elsewhere(row: Placed[Unit], named: dict[str, Placed[Unit]]) -> Iterator[str]:
    """The other units whose code or name a unit has among its aliases."""
    for alias in row.value.aliases:
        other = named.get(alias.casefold())
        if other is not None and other.value.code != row.value.code:
            yield other.value.code


def _circle(start: str, leads: dict[str, list[str]]) -> list[str]:
    """The way from a unit through aliases back to it; empty if there is none."""
    ways, seen = [[start]], {start}
    while ways:
        way = ways.pop()
        for code in leads.get(way[-1], ()):
            if code == start:
                return [*way, start]
            if code not in seen:
                seen.add(code)
                ways.append([*way, code])
    return []
