"""``desk``: what a street team must look at on site, as a round to walk."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.text import Text
from typer.core import TyperGroup

from juanchi.cli.display import lang, line, out, print_json, safe, t
from juanchi.cli.session import city, holder_of, open_ledger, run, teller
from juanchi.domain.lists import Pack, RegionLevel
from juanchi.domain.on_site import Nearby, Point
from juanchi.domain.place import Place
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.rounds import Round, Visit, seat_of
from juanchi.ledger.verifying import around, site_tasks
from juanchi.runtime.settings import Settings
from juanchi.words import named, say
from juanchi.words.spans import countdown
from juanchi.words.telling import Teller


def k(key: str, **facts: object) -> str:
    """Words of the desk."""
    return say(f"desk.{key}", lang(), **facts)


class TeamFirst(TyperGroup):
    """``desk TEAM`` is ``desk show TEAM``: the team is what a person thinks of first."""

    def resolve_command(self, ctx, args):  # type: ignore[no-untyped-def]
        """The command that is meant by the first word, or by its being none."""
        known = bool(args) and args[0] in self.commands
        return super().resolve_command(ctx, args if known else ["show", *args])


def show(
    team: Annotated[str, typer.Argument(help=k("help.team"))],
    *,
    start: Annotated[str, typer.Option("--from", help=k("help.start"))] = "",
    batch: Annotated[bool, typer.Option("--batch", help=k("help.batch"))] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help=t("help.limit"))] = 50,
    as_json: Annotated[bool, typer.Option("--json", help=t("help.json"))] = False,
) -> None:
    async def work(settings: Settings) -> None:
        begins = _point(start) if start else None
        async with open_ledger(settings) as engine:
            pack = await city(engine)
            code = holder_of(team, pack)
            tasks, near = await site_tasks(engine, code, limit), await around(engine, code)
        tells, now = teller(pack), datetime.now(UTC)
        walked = Round(tasks, near, now, tells.zone, begins or _seat(code, pack))
        if not batch:
            visits = walked.visits()
            if as_json:
                print_json(visits)
                return
            line(k("title", team=tells.names.unit(code), n=len(visits)), "bold")
            _print(visits, tells, now)
            return
        together = walked.neighbourhoods(_communities(pack))
        if as_json:
            print_json(together)
            return
        line(k("title", team=tells.names.unit(code), n=len(tasks)), "bold")
        for number, one in enumerate(together, start=1):
            where = tells.names.region(one.region) or k("somewhere")
            away = k("away", metres=one.metres) if one.metres is not None else ""
            line("")
            line(k("group", number=number, where=where, n=len(one.visits), away=away), "bold")
            _print(one.visits, tells, now)

    run(work)


def _point(text: str) -> Point:
    """A point as somebody typed it: ``114.06,22.54``. Refused: bad_input."""
    lon, _, lat = text.partition(",")
    try:
        place = Place(lon=float(lon), lat=float(lat))
    except ValueError:
        raise Refused(Code.BAD_INPUT, where="--from", problem=k("no_point")) from None
    return Point(place.lon or 0.0, place.lat or 0.0)


def _seat(team: str, pack: Pack | None) -> Point | None:
    units = {unit.code: unit for unit in pack.units} if pack else {}
    return seat_of(units[team], pack.places) if pack and team in units else None


def _communities(pack: Pack | None) -> Mapping[str, str]:
    """The regions that say in which community something is."""
    regions = pack.regions if pack else ()
    return {one.code: one.code for one in regions if one.level is RegionLevel.COMMUNITY}


def _print(visits: Sequence[Visit], tells: Teller, now: datetime) -> None:
    console = out()
    for visit in visits:
        for told in _told(visit, tells, now):
            console.print(told, soft_wrap=True)


def _told(visit: Visit, tells: Teller, now: datetime) -> Iterator[Text]:
    task = visit.task
    head = Text(safe(task.number or task.ticket_id), style="bold")
    if task.due is not None:
        due = countdown(task.due, now, tells.lang)
        head.append(f"  {due}", style="red" if visit.overdue else "")
    if visit.metres is not None:
        head.append(f"  {k('away', metres=visit.metres)}", style="dim")
    head.append(f"  {named('task', task.kind, tells.lang)}", style="dim")
    yield head
    yield Text(f"  {safe(' '.join(task.text.split()))}")
    place = Place(region=task.region, address=task.address, lon=task.lon, lat=task.lat)
    if where := tells.names.place(place):
        yield Text(f"  {safe(where)}")
    for picture in task.pictures:
        yield Text(f"  {safe(picture)}", style="blue")
    for near in visit.nearby:
        yield Text(f"  {_near(near, tells)}", style="yellow")


def _near(near: Nearby, tells: Teller) -> str:
    return safe(
        k(
            "nearby",
            ticket=near.number or near.ticket_id,
            phase=named("phase", near.phase, tells.lang),
            away="" if near.metres is None else k("away", metres=near.metres),
            text=" ".join(near.text.split())[:40],
        )
    )
