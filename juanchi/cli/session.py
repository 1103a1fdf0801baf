"""What commands stand on: settings -> connections -> client; errors told as sentences."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, tzinfo
from typing import NoReturn
from zoneinfo import ZoneInfo

import typer
from pydantic import ValidationError
from rich.text import Text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.exceptions import FailureError
from temporalio.service import RPCError

from juanchi.cli.display import err, safe, settings, t
from juanchi.cli.display import lang as language_here
from juanchi.client import Juanchi, Sealing
from juanchi.domain.lists import Pack
from juanchi.domain.refusal import Code, Refused
from juanchi.ledger.city import current_pack
from juanchi.ledger.errors import LedgerError, ListsRefused, NoCity
from juanchi.ledger.failures import sqlstate, told
from juanchi.ledger.reading import LedgerViews
from juanchi.packs import PackErrors
from juanchi.runtime.contacts import contacts_from
from juanchi.runtime.database import database_url, make_engine
from juanchi.runtime.errors import RuntimeTrouble
from juanchi.runtime.settings import Settings
from juanchi.runtime.temporal import connect
from juanchi.words import say, tell
from juanchi.words.naming import Names, find_holder
from juanchi.words.telling import Teller

FAILED, REFUSED = 1, 2
_NO_TABLE = "42P01"


@asynccontextmanager
async def open_ledger(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """An engine on the ledger of the settings. Raises ``RuntimeTrouble`` if none is known."""
    engine = make_engine(database_url(settings), pool_size=4)
    try:
        yield engine
    finally:
        await engine.dispose()


@asynccontextmanager
async def open_client(settings: Settings | None = None) -> AsyncIterator[Juanchi]:
    """The typed client, connected as the settings say, with the ledger's lists.

        async with open_client() as juanchi:
            await juanchi.report(clue, contact="13800000000")

    Raises ``RuntimeTrouble`` when Temporal cannot be reached or no ledger is known.
    """
    settings = settings or Settings()
    async with open_ledger(settings) as engine:
        yield await client_on(settings, engine)


async def client_on(settings: Settings, engine: AsyncEngine) -> Juanchi:
    """The typed client over a ledger's engine that is open already."""
    return Juanchi(
        await connect(settings),
        ledger=LedgerViews(engine),
        seal=_seal(settings),
        queue=settings.tickets_queue,
    )


def _seal(settings: Settings) -> Sealing | None:
    # Without a key everything works but reports with a contact, and the client says so.
    if settings.own_database and settings.reporter_key is None:
        return None
    return contacts_from(settings)


async def city(engine: AsyncEngine) -> Pack | None:
    """The city in force, if one is loaded."""
    try:
        pack, _ = await current_pack(engine)
    except NoCity:
        return None
    return pack


def teller(pack: Pack | None) -> Teller:
    """Tells in the process's language, with the city's names, in the city's time."""
    zone: tzinfo = ZoneInfo(pack.timezone) if pack else UTC
    return Teller(Names(pack, language_here()), zone)


def as_ticket(text: str) -> str:
    """A ticket's id or number as somebody typed it. Refused: bad_input."""
    wanted = text.strip()
    if not wanted or len(wanted) > 300 or not wanted.isprintable():
        raise Refused(Code.BAD_INPUT, where=t("ticket"), problem=t("not_an_id"))
    return wanted


def holder_of(text: str, pack: Pack | None) -> str:
    """The one holder that is meant. Refused: unknown_unit; bad_input when several may be."""
    found = find_holder(text, pack.units if pack else ())
    if not found:
        raise Refused(Code.UNKNOWN_UNIT, names=text[:60])
    if len(found) > 1:
        some = ", ".join(found[:8]) + (" …" if len(found) > 8 else "")
        raise Refused(Code.BAD_INPUT, where="HOLDER", problem=t("which_unit", units=some))
    return found[0]


def run(work: Callable[[Settings], Awaitable[int | None]]) -> None:
    """Run a command's work and end the process with its exit code.

    A refusal ends with code 2, any other trouble that a person can do something about with 1;
    both as a sentence, never as a traceback.
    """

    async def whole() -> int | None:
        return await work(settings())

    try:
        code = asyncio.run(whole())
    except Refused as refused:
        refuse(refused)
    except ListsRefused as refused:
        told = say(f"lists.refused.{refused.code}", language_here(), **refused.facts)
        _say_no(refused.code, told)
    except (RuntimeTrouble, LedgerError, PackErrors, FileNotFoundError) as trouble:
        fail(str(trouble))
    except BrokenPipeError:
        raise  # `list | head`: nobody is reading any more
    except RPCError as trouble:
        fail(t("temporal_trouble", problem=f"{trouble.status.name}: {trouble.message}"))
    except FailureError as trouble:
        fail(t("temporal_trouble", problem=str(trouble)))
    except (SQLAlchemyError, OSError) as trouble:
        fail(_ledger_trouble(trouble))
    raise typer.Exit(code or 0)


def refuse(refused: Refused) -> NoReturn:
    """Say no, with the code for programs and the sentence for people."""
    _say_no(refused.code, tell(refused, language_here()))


def _say_no(code: str, told: str) -> NoReturn:
    sentence = t("refused", code=code, told=told)
    err().print(Text(safe(sentence), style="red"))
    raise typer.Exit(REFUSED)


def fail(problem: str) -> NoReturn:
    """Say what is wrong and end."""
    err().print(Text(safe(t("error", problem=problem)), style="red"))
    raise typer.Exit(FAILED)


def refused_value(error: ValidationError, where: str) -> Refused:
    """The first thing wrong with a value that somebody typed, as a refusal."""
    first = error.errors(include_url=False, include_input=False)[0]
    at = ".".join(str(part) for part in first["loc"]) or where
    return Refused(Code.BAD_INPUT, where=at, problem=first["msg"])


def _ledger_trouble(trouble: Exception) -> str:
    if sqlstate(trouble) == _NO_TABLE:
        return t("no_tables")
    return t("ledger_trouble", problem=told(trouble))
