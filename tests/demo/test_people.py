"""The people of the demo, on real servers, through the doors that everybody uses."""

import hashlib
import io
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC

import pytest
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from juanchi.cli.keeping import prove
from juanchi.client import Juanchi
from juanchi.demo.pace import Pace
from juanchi.demo.plain import PlainView
from juanchi.demo.play import Play, Played
from juanchi.demo.sample import Sample
from juanchi.demo.stories import stories
from juanchi.domain.lists import Pack
from juanchi.ledger.city import load_pack
from juanchi.ledger.migrate import migrate
from juanchi.packs import read_pack, shipped
from juanchi.runtime.database import make_engine
from juanchi.runtime.settings import Settings
from juanchi.words.naming import Names
from juanchi.words.telling import Teller
from tests.demo.stand import a_clue
from worker import working

LAMP = "罗湖区翠竹街道水贝二路路灯坏了"
STILL_DARK = "罗湖区翠竹街道的水贝二路，好几盏灯晚上还是不亮"
CALLER = {"name": "Chen", "contact": "13800000001"}

SAMPLE = Sample(
    [
        a_clue("spam", "noise", channel="comment", text="哈哈哈哈哈哈哈哈"),
        a_clue("fire", "emergency", text="宝安区沙井街道出租屋着火了！"),
        a_clue("lamp", "plain", channel="comment", text=LAMP),
        a_clue("lamp-2", "already_handled:lamp", channel="comment", text=STILL_DARK),
        a_clue("rumour", "unfounded", channel="comment", text="福田区华强北街道振华路路灯坏了"),
        a_clue("again", "bad_rating", text="南山区桃源街道龙珠大道路灯坏了", reporter=CALLER),
        a_clue("away", "not_reached", text="龙岗区布吉街道老街路灯坏了", reporter=CALLER),
        a_clue("never-mind", "withdrawn", text="坪山区坑梓街道人民路路灯坏了", reporter=CALLER),
        a_clue(
            "idea", "suggestion_not_adopted", text="建议盐田区梅沙街道多装路灯", reporter=CALLER
        ),
    ]
)


class FakeSeal:
    def seal(self, text: str) -> str:
        return f"sealed:{len(text)}"

    def pseudonym(self, text: str) -> str:
        return f"r-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


@pytest.fixture(scope="module")
def pack() -> Pack:
    return read_pack(shipped("shenzhen"), "policy-demo.toml")


@pytest.fixture(scope="module")
async def engine(database_url: str, pack: Pack) -> AsyncIterator[AsyncEngine]:
    await migrate(database_url)
    engine = make_engine(database_url)
    await load_pack(engine, pack, by="tests")
    yield engine
    await engine.dispose()


async def performed(
    juanchi: Juanchi, engine: AsyncEngine, pack: Pack, within: float
) -> tuple[Played, str]:
    file = io.StringIO()
    view = PlainView(Console(file=file, width=120), "en")
    teller = Teller(Names(pack, "en"), UTC)
    play = Play(juanchi, engine, SAMPLE, stories(SAMPLE), pack, teller, Pace(factor=0.15))
    return await play.perform(view, within), file.getvalue()


async def test_everybody_arrives_where_the_script_says(
    settings: Settings, temporal_client: Client, engine: AsyncEngine, pack: Pack
) -> None:
    settings = settings.model_copy(update={"queue_prefix": "demo-test"})
    juanchi = Juanchi(temporal_client, seal=FakeSeal(), queue=settings.tickets_queue)
    async with working(settings, temporal_client, engine):
        # Cut off in the middle: everybody is sent home, and has forgotten what they did.
        for _ in range(10):
            cut, _ = await performed(juanchi, engine, pack, within=1.0)
            if any(one.key == "open" for one in cut.wrong):
                break
        played, shown = await performed(juanchi, engine, pack, within=60)
        proved = await prove(engine, None)

    assert played.wrong == []
    assert played.rows == played.journal
    assert played.rows.clues == len(SAMPLE)
    assert (played.rows.closed, played.rows.reworked) == (4, 1)
    assert proved.report.problems == ()
    causes = Counter(
        (ticket, entry.event.cause, entry.event.kind)
        for ticket, life in played.watch.lives.items()
        for entry in life
        if entry.event.cause is not None
    )
    assert set(causes.values()) == {1}
    assert "lamp-2" in shown
    assert "\x1b" not in shown
