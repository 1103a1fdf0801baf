"""``listen``: the door for signed messages, open until it is told to close."""

import socket
from collections.abc import Awaitable, Callable
from typing import Annotated, NoReturn

import typer
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from juanchi.cli.display import lang, line
from juanchi.cli.serving import Stop
from juanchi.cli.session import fail, open_ledger, run
from juanchi.client import Juanchi
from juanchi.intake.channels.clues import NoKey, Sealing
from juanchi.ledger.channels import registered
from juanchi.ledger.migrate import check_schema
from juanchi.listening.app import listening_app
from juanchi.listening.bell import Bell
from juanchi.listening.door import Door, Keys
from juanchi.listening.serving import serve
from juanchi.runtime.contacts import contacts_from
from juanchi.runtime.errors import NoReporterKey
from juanchi.runtime.logging import configure_logging
from juanchi.runtime.secrets import Secrets
from juanchi.runtime.settings import Settings
from juanchi.runtime.temporal import connect
from juanchi.words import say

HOST, PORT = "127.0.0.1", 8311


def listen(
    *,
    host: Annotated[str, typer.Option(help=say("listening.help.host", lang()))] = HOST,
    port: Annotated[
        int, typer.Option(help=say("listening.help.port", lang()), min=0, max=65535)
    ] = PORT,
) -> None:
    async def work(settings: Settings) -> None:
        with _socket(host, port) as door:
            configure_logging(settings)
            async with open_ledger(settings) as engine:
                await check_schema(engine)
                await _tell(engine, door)
                await _serve(settings, engine, door)
        line(say("listening.closed", lang()), "dim")

    run(work)


async def _serve(settings: Settings, engine: AsyncEngine, door: socket.socket) -> None:
    bell = Bell(waking(settings))
    app = listening_app(Door(engine, keys(settings), bell), bell)
    stop = Stop()
    stop.starting = False
    await serve(app, door, stop.asked)


def keys(settings: Settings) -> Keys:
    """The secrets of the settings' folder, and the contacts' key if there is one."""
    try:
        seal: Sealing = contacts_from(settings)
    except NoReporterKey:
        seal = NoKey()
    return Keys(Secrets(settings.secrets), seal)


def waking(settings: Settings) -> Callable[[], Awaitable[None]]:
    """Wakes the admission, over a connection that is made when it is first needed: messages are
    kept also while Temporal is away.
    """
    connected: list[Client] = []

    async def wake() -> None:
        if not connected:
            connected.append(await connect(settings))
        await Juanchi(connected[0]).wake()

    return wake


async def _tell(engine: AsyncEngine, door: socket.socket) -> None:
    host, port = door.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    line(say("listening.open", lang(), address=f"http://{shown}:{port}"), "green")
    open_to = [one.code for one in (await registered(engine)).channels if not one.adapter]
    if open_to:
        line(say("listening.channels", lang(), channels=", ".join(open_to)), "dim")
    else:
        line(say("listening.no_channels", lang()), "yellow")


def _socket(host: str, port: int) -> socket.socket:
    """Bound here, not by the server: what is wrong is then a sentence, and port 0 is known."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=256)
    except OSError as error:
        _no_door(host, port, error)


def _no_door(host: str, port: int, error: OSError) -> NoReturn:
    problem = error.strerror or str(error)
    fail(say("listening.no_door", lang(), host=host, port=port, problem=problem))
