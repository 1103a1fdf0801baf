"""``models``: what was trained, what is in force, and one command back."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.cli.cards import Judged, judged_view, kind_named, mo, why_told
from juanchi.cli.display import lang, line, out, safe
from juanchi.cli.figures import json_line, percent
from juanchi.cli.measuring import AsJson
from juanchi.cli.session import city, fail, open_ledger, run, teller
from juanchi.domain.models import Card, ModelEntry, ModelKind, ModelLine
from juanchi.ledger import models as kept
from juanchi.ledger.errors import NoModel
from juanchi.runtime.settings import Settings
from juanchi.words import named, say
from juanchi.words.telling import Teller

if TYPE_CHECKING:
    from juanchi.intake.learning.archive import ModelUnreadable

BY: Final = "operator"
_Id = Annotated[int, typer.Argument(min=1, help=mo("help.id"))]
_Kind = Annotated[ModelKind, typer.Argument(help=mo("help.one_kind"))]
_By = Annotated[str, typer.Option(help=mo("help.by"))]
_Why = Annotated[str, typer.Option(help=mo("help.why"))]


def list_(
    *,
    limit: Annotated[int, typer.Option(min=1, max=1000, help=mo("help.limit"))] = 30,
    as_json: AsJson = False,
) -> None:
    async def work(settings: Settings) -> None:
        async with open_ledger(settings) as engine:
            lines = await kept.models(engine, limit)
            standing = await kept.in_force(engine)
            broken = await _unreadable(engine, standing)
            entries = await kept.journal(engine, limit=10)
            tells = teller(await city(engine))
        if as_json:
            for one in lines:
                stands = standing.get(one.kind) == one.id
                typer.echo(json_line({**one.model_dump(mode="json"), "in_force": stands}))
            return
        _show_list(lines, standing, broken, tells)
        for id_, told in broken.items():
            line(mo("unreadable", id=id_, told=told), "red")
        if entries:
            out().print()
            out().print(_journal(entries, tells))

    run(work)


def show(model: _Id, *, as_json: AsJson = False) -> None:
    async def work(settings: Settings) -> None:
        async with open_ledger(settings) as engine:
            one = await kept.model(engine, model)
            entries = await kept.journal(engine, about=model)
            tells = teller(await city(engine))
        if as_json:
            shown = [entry.model_dump(mode="json") for entry in entries]
            typer.echo(json_line({**one.model_dump(mode="json"), "journal": shown}))
            return
        first = entries[-1].decision if entries else None
        judged = Judged(one.card)
        if first is not None and first.rival_card is not None:
            judged = Judged(one.card, first.card, first.rival_card, first.rival)
        out().print(judged_view(judged))
        if entries:
            out().print()
            out().print(_journal(entries, tells))

    run(work)


def promote(model: _Id, *, by: _By = BY, why: _Why = "") -> None:
    async def work(settings: Settings) -> None:
        async with open_ledger(settings) as engine:
            one = await kept.model(engine, model)
            _readable(one.kind, await kept.model_bytes(engine, model))
            await kept.promote(engine, model, by, why or "by_hand")
        line(mo("promoted", id=model), "bold green")

    run(work)


def rollback(kind: _Kind, *, by: _By = BY, why: _Why = "") -> None:
    async def work(settings: Settings) -> None:
        async with open_ledger(settings) as engine:
            entry = await kept.roll_back(engine, kind, by, why or "by_hand")
        told = "rolled_back_to" if entry.stands else "rolled_back_to_none"
        facts = {"id": entry.decision.model, "to": entry.stands, "kind": kind_named(kind)}
        line(mo(told, **facts), "bold green")

    run(work)


def export(model: _Id, file: Annotated[Path, typer.Argument(help=mo("help.out"))]) -> None:
    async def work(settings: Settings) -> None:
        async with open_ledger(settings) as engine:
            data = await kept.model_bytes(engine, model)
        try:
            with file.open("xb") as written:
                written.write(data)
        except FileExistsError:
            fail(mo("file.exists", file=file))
        except OSError as error:
            fail(mo("file.unwritable", file=file, problem=error.strerror))
        line(mo("exported", id=model, file=file), "green")

    run(work)


def import_(
    kind: _Kind,
    file: Annotated[Path, typer.Argument(help=mo("help.in"))],
    *,
    by: _By = BY,
) -> None:
    async def work(settings: Settings) -> None:
        try:
            data = file.read_bytes()
        except OSError as error:
            fail(mo("file.unreadable", file=file, problem=error.strerror))
        card = _readable(kind, data, str(file))
        async with open_ledger(settings) as engine:
            one = await kept.keep(engine, kept.Trained(data, card), by)
        line(mo("kept", id=one.id), "green")

    run(work)


def _readable(kind: ModelKind, data: bytes, what: str = "") -> Card:
    """The card of a model that this program can use; ends with a sentence when it cannot."""
    from juanchi.intake.learning.archive import ModelUnreadable
    from juanchi.intake.learning.learned import load_model

    try:
        return load_model(kind, data).card
    except ModelUnreadable as error:
        fail(mo("refused", what=what or kind_named(kind), told=_told(error)))


async def _unreadable(engine: AsyncEngine, standing: Mapping[ModelKind, int]) -> dict[int, str]:
    """The models in force that this program cannot read, and why: the lists' words serve."""
    from juanchi.intake.learning.archive import ModelUnreadable
    from juanchi.intake.learning.learned import load_model

    broken: dict[int, str] = {}
    for kind, id_ in standing.items():
        try:
            load_model(kind, await kept.model_bytes(engine, id_))
        except ModelUnreadable as error:
            broken[id_] = _told(error)
        except NoModel as error:
            broken[id_] = str(error)
    return broken


def _told(unreadable: "ModelUnreadable") -> str:
    return say(f"unreadable.{unreadable.code}", lang(), **unreadable.facts)


def _show_list(
    lines: Sequence[ModelLine],
    standing: Mapping[ModelKind, int],
    broken: Mapping[int, str],
    tells: Teller,
) -> None:
    if not lines:
        line(mo("none"), "dim")
        return
    columns = ("id", "kind", "trained", "on", "examples", "score", "state")
    table = _table(*columns, whole=("id", "trained"))
    for one in lines:
        stands = standing.get(one.kind) == one.id
        state = "broken" if one.id in broken else "in_force" if stands else "kept"
        table.add_row(
            str(one.id),
            kind_named(one.kind),
            tells.moment(one.trained_at),
            safe(one.card.trained_on),
            f"{one.card.examples:,}",
            _score(one),
            mo(f"state.{'card_only' if one.size is None else state}"),
            style="bold" if stands else "",
        )
    out().print(table)


def _score(one: ModelLine) -> str:
    """The figure that decides about its kind."""
    name = "coverage" if one.kind is ModelKind.DISPATCH else "macro_f1"
    value = one.card.figures.get(name)
    told = named("models.figure", name, lang())
    return "–" if value is None else f"{told} {percent(value)}"


def _journal(entries: Sequence[ModelEntry], tells: Teller) -> Table:
    table = _table("at", "kind", "deed", "model", "by", "why", whole=("at", "deed"))
    for entry in entries:
        decision = entry.decision
        table.add_row(
            tells.moment(entry.at),
            kind_named(decision.kind),
            named("models.deed", decision.deed, lang()),
            "" if decision.model is None else str(decision.model),
            safe(decision.by),
            safe(why_told(decision.why)),
        )
    return table


def _table(*columns: str, whole: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    for column in columns:
        table.add_column(mo(f"column.{column}"), no_wrap=column in whole, overflow="fold")
    return table
