"""``lists doctor``: what is wrong with the lists in force, as a table, lines, or a workbook."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from juanchi.cli.display import lang as language
from juanchi.cli.display import line, out, safe
from juanchi.cli.figures import json_line
from juanchi.cli.findings_book import write_book
from juanchi.cli.measuring import AsJson
from juanchi.cli.session import FAILED, open_ledger, run, teller
from juanchi.domain.doctor import SOON, Diagnosis, Finding, Kind, Severity, examine
from juanchi.domain.refusal import Code, Refused
from juanchi.ledger.city import current_pack
from juanchi.runtime.settings import Settings
from juanchi.words import named, say
from juanchi.words.findings import todo, told
from juanchi.words.naming import Names

_STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}


def d(key: str, **facts: object) -> str:
    """Words of the doctor."""
    return say(f"doctor.{key}", language(), **facts)


def doctor(
    *,
    on: Annotated[str | None, typer.Option(metavar="DATE", help=d("help.on"))] = None,
    soon: Annotated[int, typer.Option(min=0, max=3660, help=d("help.soon"))] = SOON,
    kind: Annotated[list[Kind] | None, typer.Option(help=d("help.kind"))] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help=d("help.limit"))] = 5,
    xlsx: Annotated[Path | None, typer.Option(metavar="FILE", help=d("help.xlsx"))] = None,
    as_json: AsJson = False,
) -> None:
    async def work(settings: Settings) -> int:
        day = _day(on)
        async with open_ledger(settings) as engine:
            pack, version = await current_pack(engine)
        tells = teller(pack)
        found = _of(kind, examine(pack, day or datetime.now(tells.zone).date(), soon))
        if as_json:
            for one in found.findings:
                typer.echo(json_line(_plain(one, tells.names)))
        else:
            _show(found, version, tells.names, limit)
        if xlsx is not None:
            _write(xlsx, found, tells.names, quiet=as_json)
        return FAILED if found.errors else 0

    run(work)


def _day(text: str | None) -> date | None:
    """The day that is meant. Refused: bad_input."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused(Code.BAD_INPUT, where="--on", problem=d("bad_day")) from None


def _of(kinds: Sequence[Kind] | None, found: Diagnosis) -> Diagnosis:
    wanted = kinds or tuple(Kind)
    findings = tuple(one for one in found.findings if one.kind in wanted)
    return found.model_copy(update={"findings": findings})


def _show(found: Diagnosis, version: str, names: Names, limit: int) -> None:
    sums = {f"{one.value}s": sum(f.severity is one for f in found.findings) for one in Severity}
    line(d("title", pack=version, on=found.on, **sums), "dim")
    if not found.findings:
        line(d("healthy"), "bold green")
        return
    out().print(_counts(found))
    for kind in Kind:
        if findings := found.of(kind):
            out().print()
            line(named("doctor.kind", kind, language()), "bold")
            out().print(_examples(findings[:limit], names))
            if len(findings) > limit:
                line(d("first", n=limit, all=f"{len(findings):,}"), "dim")


def _counts(found: Diagnosis) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    table.add_column(d("column.kind"))
    for severity in Severity:
        table.add_column(d(f"column.{severity}"), justify="right")
    counted = found.counted()
    for kind in Kind:
        numbers = [counted[kind, severity] for severity in Severity]
        if any(numbers):
            label = named("doctor.kind", kind, language())
            table.add_row(f"{label} ({kind})", *(f"{n:,}" if n else "–" for n in numbers))
    return table


def _examples(findings: Sequence[Finding], names: Names) -> Table:
    """A line for each, and what to do about those of one sort."""
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for cells in _lines(findings, names):
        table.add_row(*cells)
    return table


def _lines(findings: Sequence[Finding], names: Names) -> Iterator[tuple[Text, Text]]:
    for number, one in enumerate(findings):
        severity = named("doctor.severity", one.severity, language())
        yield Text(severity, style=_STYLES[one.severity]), Text(safe(told(one, names)))
        following = findings[number + 1 : number + 2]
        if not following or following[0].told != one.told:
            yield Text(""), Text(todo(one, names), style="dim")


def _plain(one: Finding, names: Names) -> dict[str, object]:
    """A finding for programs."""
    words = {"sentence": told(one, names), "todo": todo(one, names)}
    return {**one.model_dump(mode="json"), **words}


def _write(file: Path, found: Diagnosis, names: Names, *, quiet: bool) -> None:
    try:
        write_book(file, found, names)
    except OSError as error:
        problem = d("cannot_write", problem=error.strerror or str(error))
        raise Refused(Code.BAD_INPUT, where=f"--xlsx {file}", problem=problem) from None
    if not quiet:
        line(d("written", n=f"{len(found.findings):,}", file=file), "green")
