"""Record the history of every life: ``make histories VERSION=0.1.0``.

A released version's histories are never recorded again: a change that breaks their replay is a
defect of the change.
"""

import asyncio
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from juanchi.admission import stand_admission
from juanchi.domain.actor import Actor
from juanchi.domain.channels import RegisteredChannel
from juanchi.domain.duty_change.change import Proposal, change_id
from juanchi.domain.duty_change.rows import AddDuty
from juanchi.domain.lists import ChannelKind
from juanchi.domain.terms import Role
from juanchi.domain.ticket import Clue, Phase
from juanchi.domain.watching import Reading
from juanchi.duties import Duties
from juanchi.ledger.admission import queue
from juanchi.ledger.arrivals import Arrivals
from juanchi.ledger.channels import Channels
from juanchi.ledger.duty_changes import file, read
from juanchi.packs import read_pack
from juanchi.runtime.embedded import Embedded
from juanchi.runtime.settings import Settings
from tests.lives import LIVES
from tests.months import Months, RealStage
from tests.pure import TINYTOWN
from tests.sources import Site, feed, item
from tests.timeskip import start_time_skipping
from tests.town import Town, founded, town_at_work
from workflows.channel_watch import ChannelWatch

HERE = Path(__file__).parent


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


async def keep(town: Town, ticket: str, folder: Path, name: str) -> None:
    """Write a ticket's history, as it stands, into a file."""
    handle = town.juanchi.temporal.get_workflow_handle(ticket)
    if name not in LIVES or LIVES[name].phase is Phase.ENDED:
        await handle.result()
    history = await handle.fetch_history()
    # Stack traces name the recording machine's folders.
    told = history.to_json().replace(f"{HERE.parents[1]}/", "")
    (folder / f"{name}.json").write_text(told + "\n")
    _say(f"  {name}: {len(history.events)} events")


async def escalated(town: Town, environment: WorkflowEnvironment) -> str:
    """Nobody signs for weeks; then everything is done, and the ticket is archived."""
    with environment.with_time_skipping_disabled():
        ticket = await town.report("escalated")
    handle = town.juanchi.temporal.get_workflow_handle(ticket)
    await town.verify(ticket)
    await environment.fast_forward(handle, timedelta(days=14))
    await town.sign(ticket)
    await town.reply(ticket)
    await town.review(ticket)
    await town.rate(ticket)
    await environment.fast_forward(handle, timedelta(days=11))
    return ticket


async def duty_change(town: Town) -> str:
    """A change of the lists, from its proposal into force; the id of its workflow."""
    filing, journal = partial(file, town.engine), partial(read, town.engine)
    duties = Duties(town.juanchi.temporal, filing, journal, town.bulk_queue)
    row = AddDuty(item="lamp", region="harbour", lead="bins", basis="Charter 3")
    by = Actor(role=Role.SUPERVISOR)
    number = await duties.propose("recorded", Proposal(rows=(row,), reason="a gap", by=by))
    while len(await read(town.engine, number)) < 3:  # noqa: ASYNC110 - until units are asked
        await asyncio.sleep(0.05)
    now = datetime.now(UTC)
    deeds: tuple[tuple[Actor, dict[str, object]], ...] = (
        (Actor(role=Role.UNIT, unit="bins"), {"kind": "answer", "stance": "agree"}),
        (Actor(role=Role.UNIT, unit="south-roads"), {"kind": "answer", "stance": "agree"}),
        (Actor(role=Role.STAFFING), {"kind": "opinion", "verdict": "support"}),
        (Actor(role=Role.APPROVER), {"kind": "approve", "in_force_on": now.date()}),
    )
    for n, (actor, deed) in enumerate(deeds):
        await duties.act(number, {"id": str(n), "actor": actor, "at": now, **deed})
    return change_id(number)


async def keep_run(handle: WorkflowHandle[Any, Any], folder: Path, name: str) -> None:
    """Write the history of a workflow that is no ticket, as it stands, into a file."""
    history = await handle.fetch_history()
    (folder / f"{name}.json").write_text(history.to_json() + "\n")
    _say(f"  {name}: {len(history.events)} events")


async def admission(town: Town) -> WorkflowHandle[Any, Any]:
    """Arrivals become tickets, it sleeps, and it is woken for more."""
    temporal, id_ = town.juanchi.temporal, f"admission-{town.mark}"
    await stand_admission(temporal, town.bulk_queue, every=timedelta(hours=1), id_=id_)
    for name in ("first", "second"):
        now = datetime.now(UTC)
        clue = Clue(channel="web", external_id=name, text="A pothole", reported_at=now)
        await Arrivals(town.engine).keep("web", [clue], cursor=None, read_at=now)
        await town.juanchi.wake(id_)
        while (await queue(town.engine)).waiting:  # noqa: ASYNC110 - until it is let in
            await asyncio.sleep(0.05)
    return temporal.get_workflow_handle(id_)


async def channel_watch(town: Town) -> WorkflowHandle[Any, Any]:
    """One reading of a feed."""
    async with Site(lambda _: feed(item("post-1"), item("post-2"))).open() as site:
        channel = RegisteredChannel(
            code="recorded",
            name="Recorded",
            kind=ChannelKind.FEED,
            adapter="feed",
            settings={"url": f"{site.address}/feed"},
        )
        await Channels(town.engine).put(channel, by="record")
        handle = await town.juanchi.temporal.start_workflow(
            ChannelWatch.run,
            Reading(channel=channel.code),
            id=f"watch-{town.mark}",
            task_queue=town.bulk_queue.removesuffix("bulk") + "watch",
        )
        await handle.result()
    return handle


async def record(folder: Path) -> None:
    """Play every life and keep its history."""
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o755)
        settings = Settings(home=Path(home), temporal_ui=False)
        async with Embedded.start(settings) as servers, await start_time_skipping() as skipping:
            engine = await founded(servers.database_url, read_pack(TINYTOWN))
            client = skipping.client
            async with town_at_work(settings, client, client, engine) as town:
                with skipping.with_time_skipping_disabled():
                    for name, life in LIVES.items():
                        await keep(town, await life.play(town), folder, name)
                    await keep(town, await duty_change(town), folder, "duty_change")
                    await keep_run(await channel_watch(town), folder, "channel_watch")
                    await keep_run(await admission(town), folder, "admission")
                await keep(town, await escalated(town, skipping), folder, "escalated")
                stage = RealStage(town, skipping)
                await Months(stage).live()
                await keep(town, stage.ticket, folder, "months")
            await engine.dispose()


def main() -> int:
    """Record the version named on the command line."""
    if len(sys.argv) != 2:
        _say("usage: python -m tests.histories.record VERSION")
        return 2
    folder = HERE / sys.argv[1]
    if folder.exists() and any(folder.iterdir()):
        _say(f"{folder} is already recorded; released histories stay")
        return 1
    folder.mkdir(exist_ok=True)
    asyncio.run(record(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
