"""``desk verdict``: what a street team found, for one ticket or a file from a phone.

Every verdict is sent and answered by itself: a bad row costs no other, and a row that is sent again
gets the answer it got before.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import typer
from temporalio.exceptions import FailureError
from temporalio.service import RPCError

from juanchi.cli.desk import k
from juanchi.cli.display import lang, line, print_json, t
from juanchi.cli.sending import ANSWER_WITHIN_S
from juanchi.cli.session import (
    FAILED,
    REFUSED,
    city,
    client_on,
    fail,
    holder_of,
    open_ledger,
    run,
    teller,
)
from juanchi.client import Juanchi
from juanchi.domain.actor import Actor
from juanchi.domain.base import Value
from juanchi.domain.lines import TicketLine
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.terms import Role
from juanchi.intake.encodings import FileTrouble
from juanchi.intake.files import Problem, Source
from juanchi.intake.verdicts import COLUMNS, Verdict, verdict_of
from juanchi.ledger.reading import LedgerViews
from juanchi.runtime.settings import Settings
from juanchi.words import say, tell

AT_ONCE: Final = 8
"""Verdicts under way at the same time."""

NO_ANSWER: Final = "no_answer"


class Answer(Value):
    """What became of one verdict. ``code`` is empty when it was taken, now or before."""

    line: int
    ticket: str
    code: str = ""
    told: str = ""


class _Row(NamedTuple):
    line: int
    cells: Mapping[str, str]
    problem: Problem | None = None


def verdict(
    tickets: Annotated[list[str] | None, typer.Argument(help=k("help.tickets"))] = None,
    *,
    team: Annotated[str, typer.Option("--team", help=k("help.of_team"))],
    found: Annotated[str, typer.Option("--verdict", help=k("help.found"))] = "",
    pictures: Annotated[
        list[str] | None, typer.Option("--evidence", help=k("help.evidence"))
    ] = None,
    note: Annotated[str, typer.Option("--note", help=k("help.note"))] = "",
    into: Annotated[str, typer.Option("--into", help=k("help.into"))] = "",
    file: Annotated[Path | None, typer.Option("--file", help=k("help.file"))] = None,
    staff: Annotated[str, typer.Option(help=t("help.staff"))] = "",
    as_json: Annotated[bool, typer.Option("--json", help=t("help.json"))] = False,
) -> None:
    async def work(settings: Settings) -> int:
        if bool(tickets) == bool(file):
            raise Refused(Code.BAD_INPUT, where="TICKET", problem=k("tickets_or_file"))
        said = {
            "verdict": found,
            "pictures": " ".join(_refs(pictures or ())),
            "note": note,
            "into": into,
        }
        typed = (_Row(n, {"ticket": one, **said}) for n, one in enumerate(tickets or (), start=1))
        rows = _from_file(file) if file else list(typed)
        async with open_ledger(settings) as engine:
            pack = await city(engine)
            actor = Actor(role=Role.STREET_TEAM, unit=holder_of(team, pack), staff=staff)
            views = LedgerViews(engine)
            juanchi = await client_on(settings, engine)
            answers = await _sent(juanchi, views, rows, actor, teller(pack).zone)
        if as_json:
            print_json(answers)
        else:
            _print(answers)
        codes = {one.code for one in answers if one.code}
        return FAILED if NO_ANSWER in codes else REFUSED if codes else 0

    run(work)


def _refs(pairs: Sequence[str]) -> Iterator[str]:
    """Links as they are; ``site_before=link`` is what ``act`` takes, and is taken here too."""
    for pair in pairs:
        kind, equals, ref = pair.partition("=")
        yield ref if equals and kind in ("site_before", "site_after") else pair


def _from_file(path: Path) -> list[_Row]:
    """The rows of a CSV or JSON-lines file, the bad ones with what is wrong with them."""
    try:
        source = Source(path)
        missing = [name for name in COLUMNS[:2] if source.columns and name not in source.columns]
        if missing:
            problem = k("no_column", column=missing[0], columns=", ".join(COLUMNS))
            raise Refused(Code.BAD_INPUT, where=str(path), problem=problem)
        return [_Row(row.line, row.cells, row.problem) for row in source.rows()]
    except FileTrouble as trouble:
        fail(say(f"import.file.{trouble.code}", lang(), **trouble.facts))


async def _sent(
    juanchi: Juanchi, views: LedgerViews, rows: Sequence[_Row], actor: Actor, zone: tzinfo
) -> list[Answer]:
    """Send all verdicts, those of one ticket in their order; the answers in the order of lines."""
    by_ticket: dict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        by_ticket[row.cells.get("ticket", "").strip()].append(row)
    gate = asyncio.Semaphore(AT_ONCE)

    async def of_one(some: Sequence[_Row]) -> list[Answer]:
        async with gate:
            return [await _answer(juanchi, views, row, actor, zone) for row in some]

    found = await asyncio.gather(*map(of_one, by_ticket.values()))
    return sorted((one for some in found for one in some), key=lambda one: one.line)


async def _answer(
    juanchi: Juanchi, views: LedgerViews, row: _Row, actor: Actor, zone: tzinfo
) -> Answer:
    ticket = row.cells.get("ticket", "").strip()
    if row.problem is not None:
        told = say(f"import.row.{row.problem.code}", lang(), **row.problem.facts)
        return Answer(line=row.line, ticket=ticket, code=Code.BAD_INPUT, told=told)
    try:
        wanted = verdict_of(row.cells, actor, datetime.now(UTC), zone)
        asked = await _resolved(views, wanted)
        async with asyncio.timeout(ANSWER_WITHIN_S):
            await juanchi.act(asked.ticket, asked.action)
    except Refused as refused:
        told = tell(refused, lang())
        return Answer(line=row.line, ticket=ticket, code=refused.code, told=told)
    except (TimeoutError, RPCError, FailureError) as trouble:
        told = k("no_answer", problem=str(trouble))
        return Answer(line=row.line, ticket=ticket, code=NO_ANSWER, told=told)
    return Answer(line=row.line, ticket=ticket)


async def _resolved(views: LedgerViews, wanted: Verdict) -> Verdict:
    """The verdict with ids for numbers, and with what is known of a place that is corrected."""
    line_ = await views.ticket_line(wanted.ticket)
    if line_ is None:
        raise Refused(Code.NOT_FOUND, ticket=wanted.ticket)
    action = dict(wanted.action)
    if action["into"]:
        survivor: TicketLine | None = await views.ticket_line(action["into"])
        if survivor is None:
            raise Refused(Code.UNKNOWN_SURVIVOR, ticket=action["into"])
        action["into"] = survivor.id
    if place := action.get("place"):
        action["place"] = {"region": line_.region, "address": line_.address, **place}
    return Verdict(line_.id, action)


def _print(answers: Sequence[Answer]) -> None:
    for one in answers:
        if one.code:
            told = k("refused", line=one.line, ticket=one.ticket, code=one.code, told=one.told)
            line(told, "red")
        else:
            line(k("taken", line=one.line, ticket=one.ticket), "green")
    taken = sum(not one.code for one in answers)
    line(k("sum", taken=taken, n=len(answers)), "bold")
