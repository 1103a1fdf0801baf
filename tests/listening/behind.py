"""What lies behind the door, and what an answer says."""

import httpx
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.ledger.channel_tables import ArrivalRow
from juanchi.listening.declining import STATUS, Why


async def arrivals(engine: AsyncEngine) -> dict[str, ArrivalRow]:
    """What the ledger holds, by external id."""
    async with engine.connect() as connection:
        rows = (await connection.execute(select(*ArrivalRow.__table__.columns))).all()
    return {row.external_id: row for row in rows}  # type: ignore[misc]


def code(answer: httpx.Response) -> str:
    """The stable code of a refusal, whose sentence must be one."""
    error = answer.json()["error"]
    assert error["message"].endswith(".")
    assert "{" not in error["message"]
    assert answer.status_code == STATUS[Why(error["code"])]
    return str(error["code"])


def told(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(one["external_id"], one["status"]) for one in answer.json()["items"]]
