"""Reads a folder into a pack, or says all that is wrong with it.

The files: ``pack.toml``, a policy, ``screening.toml``, ``regions.csv``, ``units.csv``,
``items.csv``, ``duties.csv``, ``channels.csv``, and, where there are any, ``handlings.csv``,
``places.csv`` and ``places.toml`` (see ``juanchi.domain.gazetteer``),
``calendars/YYYY.csv`` with ``calendars/sources.toml``, and ``policies/*.toml``, further versions of
``policy.toml`` that are in force from a later date. CSV columns and TOML keys are the fields of the
models in ``juanchi.domain.lists`` and ``juanchi.domain.policy``.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from juanchi.domain.gazetteer import KnownPlace, PlaceWords
from juanchi.domain.lists import (
    CalendarDay,
    CalendarYear,
    Channel,
    Duty,
    Handling,
    Item,
    Pack,
    Region,
    ScreeningWords,
    Unit,
)
from juanchi.domain.policy import Policy
from juanchi.packs.check import check
from juanchi.packs.check_calendars import YEAR
from juanchi.packs.documents import Document, read_toml
from juanchi.packs.draft import Draft, Head
from juanchi.packs.problems import Findings, PackErrors, Problem
from juanchi.packs.tables import Rows, read_csv

M = TypeVar("M", bound=BaseModel)

POLICY = "policy.toml"


@dataclass(frozen=True)
class Examined:
    """A folder's pack (None if it has errors) and all problems, warnings among them."""

    pack: Pack | None
    problems: tuple[Problem, ...]


def read_pack(folder: Path, policy: str = POLICY) -> Pack:
    """The pack in a folder, under the policy in the named file of it.

    Another file than ``policy.toml`` stands alone: the further versions are of that one.

    Raises ``PackErrors`` with every problem, warnings included. Warnings alone do not stop it;
    ``examine`` returns those.
    """
    examined = examine(folder, policy)
    if examined.pack is None:
        raise PackErrors(str(folder), examined.problems)
    return examined.pack


def examine(folder: Path, policy: str = POLICY) -> Examined:
    """Read and check a folder whole, for the pack if it is sound and for its problems anyway."""
    findings = Findings()
    if not folder.is_dir():
        findings.error(str(folder), 0, "", "there is no such folder; a pack is a folder of files")
        return Examined(None, findings.sorted())
    draft = _draft(folder, policy, findings)
    check(draft, findings)
    problems = findings.sorted()
    if any(not problem.warning for problem in problems):
        return Examined(None, problems)
    return Examined(_pack(draft), problems)


def _draft(folder: Path, policy: str, findings: Findings) -> Draft:
    head_file = read_toml(folder, "pack.toml", findings)
    screening_file = read_toml(folder, "screening.toml", findings)
    has_words = (folder / "places.toml").exists()
    places_file = read_toml(folder, "places.toml", findings) if has_words else None
    return Draft(
        head_file=head_file,
        head=_model(head_file, Head, findings),
        policies=_policies(folder, policy, findings),
        screening_file=screening_file,
        screening=_model(screening_file, ScreeningWords, findings),
        regions=read_csv(folder, "regions.csv", Region, findings),
        units=read_csv(folder, "units.csv", Unit, findings),
        items=read_csv(folder, "items.csv", Item, findings),
        duties=read_csv(folder, "duties.csv", Duty, findings),
        handlings=_optional(folder, "handlings.csv", Handling, findings),
        channels=read_csv(folder, "channels.csv", Channel, findings),
        places=_optional(folder, "places.csv", KnownPlace, findings),
        places_file=places_file,
        place_words=_model(places_file, PlaceWords, findings),
        calendars=_calendars(folder, findings),
        sources=_sources(folder, findings),
    )


def _optional(folder: Path, name: str, model: type[M], findings: Findings) -> Rows[M]:
    return read_csv(folder, name, model, findings) if (folder / name).exists() else Rows(name)


def _model(file: Document | None, model: type[M], findings: Findings) -> M | None:
    return None if file is None else file.read(model, findings)


def _policies(folder: Path, policy: str, findings: Findings) -> tuple[tuple[Document, Policy], ...]:
    further = sorted((folder / "policies").glob("*.toml")) if policy == POLICY else []
    files = (policy, *(f"policies/{path.name}" for path in further))
    read = [
        (file, _model(file, Policy, findings))
        for name in files
        if (file := read_toml(folder, name, findings))
    ]
    return tuple((file, model) for file, model in read if model)


def _calendars(folder: Path, findings: Findings) -> dict[int, Rows[CalendarDay]]:
    found: dict[int, Rows[CalendarDay]] = {}
    for path in sorted((folder / "calendars").glob("*.csv")):
        name = f"calendars/{path.name}"
        if YEAR.match(path.stem):
            found[int(path.stem)] = read_csv(folder, name, CalendarDay, findings)
        else:
            findings.error(name, 0, "", "a calendar is named after its year, like 2026.csv")
    return found


def _sources(folder: Path, findings: Findings) -> dict[int, str]:
    name = "calendars/sources.toml"
    file = read_toml(folder, name, findings) if (folder / name).exists() else None
    found: dict[int, str] = {}
    for key, title in (file.data if file else {}).items():
        if YEAR.match(key) and isinstance(title, str) and len(title) <= 200:
            found[int(key)] = title
        elif file:
            message = 'is not a source; write the year and a title: 2026 = "Decree of ..."'
            findings.error(name, file.line(key), key, message)
    return found


def _pack(draft: Draft) -> Pack:
    if draft.head is None or not draft.policies or draft.screening is None:
        raise AssertionError("a draft without problems is whole")
    policy, *further = (policy for _, policy in draft.policies)
    return Pack(
        **dict(draft.head),
        regions=draft.regions.values,
        units=draft.units.values,
        items=draft.items.values,
        duties=draft.duties.values,
        handlings=draft.handlings.values,
        channels=draft.channels.values,
        screening=draft.screening,
        places=draft.places.values,
        place_words=draft.place_words or PlaceWords(),
        calendars=tuple(
            CalendarYear(year=year, source=draft.sources.get(year, ""), days=rows.values)
            for year, rows in draft.calendars.items()
        ),
        policy=policy,
        policies=tuple(further),
    )
