"""Record the history of every life: ``make histories VERSION=0.1.0``.

A released version's histories are never recorded again: a change that breaks their replay is a
defect of the change.
"""

import asyncio
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from temporalio.testing import WorkflowEnvironment

from juanchi.domain.ticket import Phase
from juanchi.packs import read_pack
from juanchi.runtime.embedded import Embedded
from juanchi.runtime.settings import Settings
from tests.lives import LIVES
from tests.pure import TINYTOWN
from tests.timeskip import start_time_skipping
from tests.town import Town, founded, town_at_work

HERE = Path(__file__).parent


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


async def keep(town: Town, ticket: str, folder: Path, name: str) -> None:
    """Write a ticket's history, as it stands, into a file."""
    handle = town.juanchi.temporal.get_workflow_handle(ticket)
    if name not in LIVES or LIVES[name].phase is Phase.ENDED:
        await handle.result()
    history = await handle.fetch_history()
    (folder / f"{name}.json").write_text(history.to_json() + "\n")
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
                await keep(town, await escalated(town, skipping), folder, "escalated")
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
