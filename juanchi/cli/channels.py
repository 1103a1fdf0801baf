"""``channel add``, ``pause``, ``read``, ``retry``, ``drop``: what operators do about channels."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.cli.channel_file import c, channel_of, channels_of_file
from juanchi.cli.display import lang, line
from juanchi.cli.list_options import By, who
from juanchi.cli.session import FAILED, fail, open_ledger, run
from juanchi.domain.channels import RegisteredChannel
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.watching import ReadOut
from juanchi.ledger.admission import set_aside
from juanchi.ledger.arrivals import Arrivals
from juanchi.ledger.channels import Channels
from juanchi.ledger.city import current_pack
from juanchi.ledger.errors import NoArrival, NoChannel, NotSetAside
from juanchi.runtime.settings import Settings
from juanchi.runtime.temporal import connect
from juanchi.watches import Watches
from juanchi.words import named

READ_WITHIN_S = 120
MOST_RETRIED = 1000
"""Things that one ``channel retry`` tries again."""

_Code = Annotated[str, typer.Argument(help=c("help.code"))]
_Id = Annotated[str, typer.Argument(help=c("help.id"))]
_Why = Annotated[str, typer.Option(help=c("help.why"))]


class _Here(NamedTuple):
    """What the commands stand on."""

    engine: AsyncEngine
    channels: Channels
    watches: Watches

    async def put(self, channel: RegisteredChannel, *, by: str, why: str) -> None:
        """Register a channel, or change one; one that is off stays so, unless it is told to be."""
        before = await self.channels.get(channel.code)
        if before is not None and "on" not in channel.model_fields_set:
            channel = channel.model_copy(update={"on": before.on})
        await self.channels.put(channel, by=by, why=why)
        await self.watches.follow(channel)

    async def follow(self, code: str) -> None:
        """Bring the channel's schedule after its row of the registry."""
        channel = await self.channels.get(code)
        if channel is None:
            raise NoChannel(code)
        await self.watches.follow(channel)


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[_Here]:
    async with open_ledger(settings) as engine:
        # First, so that nothing is registered whose schedule nobody can put.
        watches = Watches(await connect(settings), settings.queue("watch"))
        with told():
            yield _Here(engine, Channels(engine), watches)


@contextmanager
def told() -> Iterator[None]:
    """The ledger's errors about channels, as refusals with sentences."""
    try:
        yield
    except NoChannel as error:
        raise Refused(Code.NO_SUCH_CHANNEL, channel=error.code[:64]) from None
    except NoArrival as error:
        raise Refused(
            Code.NO_SUCH_ARRIVAL, channel=error.channel[:64], id=error.external_id[:60]
        ) from None
    except NotSetAside as error:
        raise Refused(
            Code.NOT_SET_ASIDE, id=error.external_id[:60], arrival_state=error.state
        ) from None


def add(
    file: Annotated[Path | None, typer.Argument(help=c("help.file"))] = None,
    *,
    code: Annotated[str, typer.Option(help=c("help.new_code"))] = "",
    name: Annotated[str, typer.Option(help=c("help.name"))] = "",
    kind: Annotated[str, typer.Option(help=c("help.kind"))] = "feed",
    adapter: Annotated[str, typer.Option(help=c("help.adapter"))] = "",
    url: Annotated[str, typer.Option(help=c("help.url"))] = "",
    every: Annotated[str, typer.Option(help=c("help.every"))] = "",
    silent_after: Annotated[str, typer.Option(help=c("help.silent_after"))] = "",
    owner: Annotated[str, typer.Option(help=c("help.owner"))] = "",
    why: _Why = "",
    by: By = "",
) -> None:
    if bool(file) == bool(code):
        fail(c("one_of"))
    typed: dict[str, Any] = {
        "code": code,
        "name": name or code,
        "kind": kind,
        "adapter": adapter,
        "settings": {"url": url} if url else {},
        "every": every,
        "silent_after": silent_after,
        "owner": owner,
    }

    async def work(settings: Settings) -> None:
        given = channels_of_file(file) if file else [{k: v for k, v in typed.items() if v}]
        async with _opened(settings) as here:
            pack, _ = await current_pack(here.engine)
            # All are looked at before any is put.
            for channel in [channel_of(one, pack) for one in given]:
                await here.put(channel, by=who(by, "channel add"), why=why)
                line(c("added", code=channel.code), "green")

    run(work)


def pause(code: _Code, *, why: _Why = "", by: By = "") -> None:
    async def work(settings: Settings) -> None:
        async with _opened(settings) as here:
            await here.channels.pause(code, by=who(by, "channel pause"), why=why)
            await here.follow(code)
        line(c("paused", code=code), "green")

    run(work)


def resume(code: _Code, *, why: _Why = "", by: By = "") -> None:
    async def work(settings: Settings) -> None:
        async with _opened(settings) as here:
            await here.channels.resume(code, by=who(by, "channel resume"), why=why)
            await here.follow(code)
        line(c("resumed", code=code), "green")

    run(work)


def read(code: _Code) -> None:
    async def work(settings: Settings) -> int:
        async with _opened(settings) as here:
            channel = await here.channels.get(code)
            if channel is None:
                raise NoChannel(code)
            try:
                async with asyncio.timeout(READ_WITHIN_S):
                    out = await here.watches.read_now(code)
            except TimeoutError:
                fail(c("no_answer", seconds=READ_WITHIN_S))
        return _print_read(out)

    run(work)


def _print_read(out: ReadOut) -> int:
    if out.skipped:
        line(named("channel_skip", out.skipped, lang()), "yellow")
    else:
        counts = ("new", "known", "unreadable", "set_aside", "pages")
        line(c("read", **{name: getattr(out, name) or "0" for name in counts}))
    if out.slowed:
        line(c("slowed"), "yellow")
    if out.problem:
        line(c("problem", problem=out.problem), "red")
        return FAILED
    return 0


def retry(
    code: _Code,
    id_: Annotated[str, typer.Argument(metavar="[ID]", help=c("help.retry_id"))] = "",
    *,
    why: _Why = "",
    by: By = "",
) -> None:
    async def work(settings: Settings) -> None:
        async with open_ledger(settings) as engine:
            arrivals, who_ = Arrivals(engine), who(by, "channel retry")
            aside = await set_aside(engine, code, MOST_RETRIED)
            ids = [id_] if id_ else [one.external_id for one in aside]
            with told():
                for one in ids:
                    await arrivals.retry(code, one, by=who_, why=why)
        line(c("retried", n=len(ids)) if ids else c("nothing_aside"), "green" if ids else "dim")

    run(work)


def drop(
    code: _Code,
    id_: _Id,
    *,
    why: Annotated[str, typer.Option(help=c("help.drop_why"))] = "",
    by: By = "",
) -> None:
    async def work(settings: Settings) -> None:
        if not why.strip():
            raise Refused(Code.MISSING_REASON)
        async with open_ledger(settings) as engine:
            with told():
                who_ = who(by, "channel drop")
                await Arrivals(engine).drop(code, id_, by=who_, why=why)
        line(c("dropped", id=id_), "green")

    run(work)
