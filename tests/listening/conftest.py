"""The door on a real socket, over a real ledger in which one channel is registered."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.channels import RegisteredChannel
from juanchi.intake.channels.clues import Sealing
from juanchi.ledger.channels import Channels
from juanchi.listening.app import listening_app
from juanchi.listening.bell import Bell
from juanchi.listening.door import Door, Keys
from juanchi.packs import read_pack
from juanchi.runtime.contacts import contacts_from
from juanchi.runtime.encryption import new_key
from juanchi.runtime.settings import Settings
from tests.listening.sender import SECRET, Sender
from tests.pure import TINYTOWN
from tests.served import served
from tests.town import founded

KEPT = ("arrivals", "channel_states", "channel_hours")


@pytest.fixture(scope="module")
async def ledger(database_url: str) -> AsyncIterator[AsyncEngine]:
    """The ledger of Tinytown."""
    engine = await founded(database_url, read_pack(TINYTOWN))
    yield engine
    await engine.dispose()


def wall(**more: object) -> RegisteredChannel:
    """The channel that is written to."""
    told = {"name": "The wall", "kind": "comment", "settings": {"secret": "wall"}, **more}
    return RegisteredChannel.model_validate({"code": "wall", **told})


@dataclass
class Rung:
    """How often the admission was told, and what happens when it is."""

    times: int = 0
    fails: bool = False

    async def ring(self) -> None:
        """Ring."""
        self.times += 1
        if self.fails:
            raise RuntimeError("Temporal is away")


@dataclass
class House:
    """The door and what is behind it."""

    address: str
    ledger: AsyncEngine
    rung: Rung
    secrets: dict[str, str]
    seal: Sealing


@pytest.fixture(scope="module")
async def door(ledger: AsyncEngine) -> AsyncIterator[House]:
    """A door that looks at the registry at every message."""
    rung, secrets = Rung(), {"wall": SECRET}
    seal = contacts_from(Settings(reporter_key=SecretStr(new_key())))
    keys = Keys(secrets.__getitem__, seal)
    bell = Bell(rung.ring, pause=0.01)
    app = listening_app(Door(ledger, keys, bell, fresh_for=0), bell)
    async with served(app) as address:
        yield House(address, ledger, rung, secrets, seal)


@pytest.fixture
async def house(door: House) -> House:
    """The door with nothing behind it yet but the channel."""
    async with door.ledger.begin() as connection:
        for table in KEPT:
            await connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608
    await Channels(door.ledger).put(wall(), by="tests")
    door.rung.times, door.rung.fails = 0, False
    door.secrets["wall"] = SECRET
    return door


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=20) as client:
        yield client


@pytest.fixture
def sender(house: House, http: httpx.AsyncClient) -> Sender:
    """Who has the channel's secret."""
    return Sender(http, house.address)
