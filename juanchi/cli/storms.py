"""``incident begin``, ``end`` and ``show``: a storm makes classes of items urgent, and back."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from pydantic import ValidationError

from juanchi.bulk import Bulk
from juanchi.cli.changing import OPERATOR, b
from juanchi.cli.display import line, out
from juanchi.cli.session import open_ledger, refused_value, run, teller
from juanchi.cli.tables import facts_table
from juanchi.domain.situation import Incident
from juanchi.ledger.city import current_pack
from juanchi.runtime.settings import Settings
from juanchi.runtime.temporal import connect

_Code = Annotated[str, typer.Argument(help=b("help.code"))]


def begin(
    code: _Code,
    *,
    item: Annotated[list[str], typer.Option(help=b("help.item"))],
    reason: Annotated[str, typer.Option(help=b("help.reason"))],
    region: Annotated[str | None, typer.Option(help=b("help.region"))] = None,
    hours: Annotated[float | None, typer.Option(min=0, help=b("help.hours"))] = None,
) -> None:
    async def work(settings: Settings) -> None:
        now = datetime.now(UTC)
        try:
            incident = Incident(
                code=code,
                name=code,
                region=region,
                items=tuple(item),
                reason=reason,
                begins=now,
                ends=None if hours is None else now + timedelta(hours=hours),
            )
        except ValidationError as error:
            raise refused_value(error, "incident") from None
        async with open_ledger(settings) as engine:
            pack, _ = await current_pack(engine)
        bulk = await _bulk(settings)
        await bulk.declare(incident, OPERATOR, pack)
        line(b("incident_begun", code=code), "green")

    run(work)


def end(code: _Code, *, reason: Annotated[str, typer.Option(help=b("help.reason"))]) -> None:
    async def work(settings: Settings) -> None:
        bulk = await _bulk(settings)
        await bulk.end_incident(code, reason)
        line(b("incident_ending", code=code), "green")

    run(work)


def show(code: _Code) -> None:
    async def work(settings: Settings) -> None:
        bulk = await _bulk(settings)
        stands = await bulk.incident(code)
        incident = stands.incident
        async with open_ledger(settings) as engine:
            pack, _ = await current_pack(engine)
        tells = teller(pack)
        facts: dict[str, object] = {
            b("region"): tells.names.region(incident.region) if incident.region else b("anywhere"),
            b("items"): len(stands.items),
            b("begun"): tells.moment(incident.begins),
            b("ends"): tells.moment(incident.ends) if incident.ends else b("by_hand"),
            b("raised"): stands.raised,
            b("put_back"): stands.put_back,
            b("state"): b("over" if stands.over else "lasts"),
        }
        out().print(facts_table(facts))

    run(work)


async def _bulk(settings: Settings) -> Bulk:
    return Bulk(await connect(settings), settings.queue("bulk"))
