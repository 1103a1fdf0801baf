"""A shift of the admission, on a real ledger: killed, refused, shut out, and what is left then."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import ActivityEnvironment

from activities.admitting import AdmittingActivities
from activities.city import CityDesk
from juanchi.domain.channels import ArrivalState
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.ticket import Clue
from juanchi.ledger.admission import AdmissionQueue, queue, set_aside
from juanchi.ledger.arrivals import Arrivals
from juanchi.ledger.channel_tables import ArrivalRow, ChannelStateRow
from juanchi.ledger.channels import Channels, RegistryReader
from juanchi.ledger.city import CityReader
from juanchi.packs import read_pack
from tests.ledger.brought import clue, registered, row
from tests.pure import TINYTOWN
from tests.town import founded


class Desk:
    """Where clues are handed in; it notes them, and fails as it is told to."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.urgent: list[str] = []
        self.troubles: dict[str, BaseException] = {}
        self.away: BaseException | None = None

    async def report(self, clue: Clue, *, urgent: bool = False) -> object:
        if trouble := self.away or self.troubles.get(clue.external_id):
            raise trouble
        self.taken.append(clue.external_id)
        self.urgent += [clue.external_id] * urgent
        return None


def away(status: RPCStatusCode = RPCStatusCode.UNAVAILABLE) -> RPCError:
    return RPCError("no", status, b"")


@pytest.fixture(scope="module")
async def founded_town(database_url: str) -> AsyncIterator[AsyncEngine]:
    made = await founded(database_url, read_pack(TINYTOWN))
    yield made
    await made.dispose()


@pytest.fixture
async def engine(founded_town: AsyncEngine) -> AsyncEngine:
    """Tinytown's ledger without arrivals."""
    async with founded_town.begin() as connection:
        for table in (ArrivalRow, ChannelStateRow):
            await connection.execute(delete(table))
    return founded_town


async def brought(engine: AsyncEngine, *ids: str, urgent: tuple[str, ...] = ()) -> None:
    now = datetime.now(UTC)
    clues = [clue(id_) for id_ in ids]
    await Arrivals(engine).keep("wall", clues, cursor="c", read_at=now, urgent=urgent)


def admitting(engine: AsyncEngine, desk: Desk, most: int = 100) -> AdmittingActivities:
    return AdmittingActivities(AdmissionQueue(engine), desk, most)


async def shift(activities: AdmittingActivities) -> tuple[int, int, int, bool]:
    done = await ActivityEnvironment().run(activities.admit)
    return done.admitted, done.refused, done.set_aside, done.more


async def test_all_that_wait_are_let_in_the_urgent_first(engine: AsyncEngine) -> None:
    await brought(engine, *map(str, range(60)), "u", urgent=("u",))
    desk = Desk()
    assert await shift(admitting(engine, desk)) == (61, 0, 0, False)
    assert desk.taken == ["u", *map(str, range(60))]
    assert desk.urgent == ["u"]


async def test_killed_between_start_and_note_it_starts_them_again_and_loses_none(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await brought(engine, "1", "2")
    desk = Desk()

    async def dies(*_: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(AdmissionQueue, "admitted", dies)
        with pytest.raises(asyncio.CancelledError):
            await shift(admitting(engine, desk))
    assert (await queue(engine)).waiting == 2
    assert await shift(admitting(engine, desk)) == (2, 0, 0, False)
    assert desk.taken == ["1", "2"] * 2, "the same id, which the engine starts once"


async def test_one_that_is_refused_is_set_aside_after_three_tries_and_the_rest_goes_on(
    engine: AsyncEngine,
) -> None:
    await brought(engine, "bad", "1", "2")
    desk = Desk()
    desk.troubles["bad"] = Refused(Code.TIME_IN_FUTURE, at="2999")
    assert await shift(admitting(engine, desk)) == (2, 3, 1, False)
    assert desk.taken == ["1", "2"]
    [line] = await set_aside(engine)
    assert (line.external_id, line.problem) == ("bad", "time_in_future: at=2999")


async def test_a_clue_that_cannot_be_read_any_more_is_one_of_them(engine: AsyncEngine) -> None:
    await brought(engine, "torn", "1")
    async with engine.begin() as connection:
        await connection.execute(
            text("UPDATE arrivals SET clue = clue - 'text' WHERE external_id = 'torn'")
        )
    assert await shift(admitting(engine, Desk())) == (1, 3, 1, False)
    [line] = await set_aside(engine)
    assert line.problem == "text: Field required"


async def test_while_temporal_is_away_nobody_is_to_blame(engine: AsyncEngine) -> None:
    await brought(engine, "1", "2", "3")
    desk = Desk()
    for trouble in (away(), away(RPCStatusCode.INTERNAL), OSError("no route")):
        desk.away = trouble
        with pytest.raises(type(trouble)):
            await shift(admitting(engine, desk))
    assert (await row(engine, "1")).tries == 0
    # It went in the middle: those before got in, the others wait without a mark.
    desk.away, desk.troubles = None, {"2": away(), "3": away()}
    with pytest.raises(RPCError):
        await shift(admitting(engine, desk))
    assert (await row(engine, "1")).state == ArrivalState.ADMITTED
    assert [(await row(engine, id_)).tries for id_ in "23"] == [0, 0]
    desk.troubles = {}
    assert await shift(admitting(engine, desk)) == (2, 0, 0, False)


async def test_a_flood_waits_in_the_ledger_and_an_urgent_one_passes(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("activities.admitting.SHIFT", timedelta(seconds=0.5))
    await brought(engine, *map(str, range(30)))
    desk = Desk()
    assert await shift(admitting(engine, desk, most=10)) == (10, 0, 0, True)
    stands = await queue(engine)
    assert (stands.waiting, stands.under_way) == (20, 10)
    await brought(engine, "u", urgent=("u",))
    assert await shift(admitting(engine, desk, most=10)) == (1, 0, 0, True)
    assert desk.taken[-1] == "u"


async def test_what_temporal_has_lost_is_started_again(engine: AsyncEngine) -> None:
    await brought(engine, "1")
    desk = Desk()
    await shift(admitting(engine, desk))
    await shift(admitting(engine, desk))
    assert desk.taken == ["1"]
    async with engine.begin() as connection:
        await connection.execute(
            text("UPDATE arrivals SET tried_at = now() - interval '3 minutes'")
        )
    await shift(admitting(engine, desk))
    assert desk.taken == ["1", "1"]


async def test_a_registered_channel_is_known_to_the_screener_without_a_new_pack(
    engine: AsyncEngine,
) -> None:
    channels = Channels(engine)
    desk = CityDesk(CityReader(engine), registry=RegistryReader(engine, fresh_for=0))
    before = await desk.tools()
    told = clue("1", "square", text="A deep pothole in Mill Parish")
    assert before.screener.screen(told).rule == "unknown_channel"
    await channels.put(registered("square", verify=False), by="op")
    after = await desk.tools()
    screened = after.screener.screen(told)
    assert (screened.rule, screened.verify) == ("default", False)
    assert await desk.tools() is after
    await channels.put(registered("square", verify=True), by="op")
    assert (await desk.tools()).screener.screen(told).verify
    # The registry's word goes before the lists', which stay as they are.
    await channels.put(registered("wall", verify=False), by="op")
    assert not (await desk.tools()).screener.screen(clue("2")).verify
    assert after.version == before.version == (await desk.tools()).version
