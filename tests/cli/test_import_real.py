"""The first rows of a real district's stream, where somebody has them."""

import uuid
from pathlib import Path

import pytest
from temporalio.client import Client

from juanchi.cli.import_run import Options
from juanchi.cli.importing import import_file
from juanchi.cli.keeping import prove
from juanchi.packs import read_pack, shipped
from juanchi.runtime.settings import Settings
from tests.town import founded
from worker import working

ROWS = 40


@pytest.mark.slow
async def test_forty_rows_of_pingshan(
    settings: Settings, temporal_client: Client, database_url: str, tmp_path: Path
) -> None:
    if settings.data is None or not (events := settings.data / "pingshan" / "events.csv").exists():
        pytest.skip("set JUANCHI_DATA to the folder that has pingshan/events.csv")
    folder = shipped("shenzhen")
    engine = await founded(database_url, read_pack(folder, "policy-replay.toml"))
    own = settings.model_copy(
        update={
            "queue_prefix": f"real-{uuid.uuid4().hex[:8]}",
            "home": tmp_path,
            "database_url": database_url,
            "temporal_address": temporal_client.service_client.config.target_host,
        }
    )
    own = Settings.model_validate(own.model_dump())
    options = Options(events, folder / "mappings" / "pingshan.toml", replay=True, limit=ROWS)
    async with working(own, temporal_client, engine):
        assert await import_file(options, own) == 0
        proved = await prove(engine, None)
    await engine.dispose()
    assert proved.report.ok, proved.report.problems
    assert proved.report.tickets == ROWS
