"""What the commands on lists share: their words, their options, and which version is meant."""

import getpass
from datetime import date, datetime
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.cli.display import lang as language
from juanchi.domain.refusal import Code, Refused
from juanchi.ledger.batches import city_now, city_of, city_on
from juanchi.ledger.city import City
from juanchi.words import say


def w(key: str, **facts: object) -> str:
    """Words of the commands on lists."""
    return say(f"lists.{key}", language(), **facts)


Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help=w("help.as_of"))]
Batch = Annotated[int | None, typer.Option(help=w("help.batch"))]
DryRun = Annotated[bool, typer.Option("--dry-run", help=w("help.dry_run"))]
Note = Annotated[str, typer.Option(help=w("help.note"))]
By = Annotated[str, typer.Option(help=w("help.by"))]
AllowOrphans = Annotated[bool, typer.Option("--allow-orphans", help=w("help.allow_orphans"))]


def day_of(as_of: datetime | None) -> date | None:
    """The day that an option names."""
    return as_of.date() if as_of else None


async def city_then(engine: AsyncEngine, day: date | None, batch: int | None) -> City:
    """The city in force, as of a batch, or at the end of a day.

    Raises ``NoCity``, ``ListsRefused``, and ``Refused`` when both are given.
    """
    if day is not None and batch is not None:
        raise Refused(Code.BAD_INPUT, where="--batch", problem=w("batch_or_day"))
    if batch is not None:
        return await city_of(engine, batch)
    return await city_now(engine) if day is None else await city_on(engine, day)


def who(by: str, command: str) -> str:
    """Who makes a batch, and by which command."""
    if not by:
        try:
            by = getpass.getuser()
        except (KeyError, OSError):  # a container's user without a name
            return f"starter.py {command}"
    return f"{by} ({command})"
