"""Who makes suggestions: counted by pseudonym, honoured once for each number, forgotten on demand.

The counts follow from tickets and clues and can be had again; what a person has chosen, and which
honours have been told, is only here. All changes of one contributor are one after the other: each
begins by taking the contributor's row.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from juanchi.domain.lines import ContributorLine, SuggestionTotals
from juanchi.domain.notices import NoticeKind
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.terms import Role

# A merged suggestion has the outcome of the ticket that speaks for it.
SUGGESTIONS: Final = """
FROM clues c JOIN tickets t ON t.id = c.ticket_id LEFT JOIN tickets s ON s.id = t.merged_into
WHERE t.nature = 'suggestion' AND (t.dispatched_at IS NOT NULL OR t.end_kind = 'merged')
"""
FIGURES: Final = """
count(*) FILTER (WHERE t.end_kind IS DISTINCT FROM 'withdrawn') AS made,
    count(*) FILTER (WHERE coalesce(t.outcome, s.outcome) = 'adopted') AS adopted,
    count(*) FILTER (WHERE coalesce(t.outcome, s.outcome) = 'partly_adopted') AS partly_adopted,
    count(*) FILTER (WHERE coalesce(t.outcome, s.outcome) = 'not_adopted') AS not_adopted
"""
COUNTS: Final = ("made", "adopted", "partly_adopted", "not_adopted")
_SET: Final = ", ".join(f"{name} = n.{name}" for name in COUNTS)
NONE: Final = ", ".join(f"{name} = 0" for name in COUNTS)

_TAKEN: Final = text(
    "INSERT INTO contributors (id) VALUES (:id) ON CONFLICT (id) DO UPDATE SET id = EXCLUDED.id "
    "RETURNING opted_out, erased, honoured"
)
_COUNTED: Final = text(
    f"UPDATE contributors k SET {_SET} "  # noqa: S608 - our own words
    f"FROM (SELECT {FIGURES} {SUGGESTIONS} AND c.reporter_id = :id) n "
    "WHERE k.id = :id RETURNING k.made"
)
_CONCERNED: Final = text(
    """
SELECT c.reporter_id, c.ticket_id FROM clues c
WHERE c.reporter_id IS NOT NULL AND (c.ticket_id = :id
    OR c.ticket_id IN (SELECT m.ticket_id FROM merges m WHERE m.into_id = :id))
ORDER BY c.reporter_id, c.ticket_id
"""
)
_TOLD: Final = text(
    'INSERT INTO notices (key, ticket_id, "to", kind, at, webhook) '
    "VALUES (:key, :ticket_id, :to, :kind, :at, false) ON CONFLICT (key) DO NOTHING"
)
_KNOWN: Final = text(
    "SELECT EXISTS (SELECT FROM clues WHERE reporter_id = :id) "
    "OR EXISTS (SELECT FROM contributors WHERE id = :id) "
    "OR EXISTS (SELECT FROM reporters WHERE id = :id)"
)


async def count(
    engine: AsyncEngine, ticket_id: str, honours: Sequence[int], at: datetime
) -> tuple[int, ...]:
    """Count those anew whom a suggestion concerns: its reporter, and those merged into it.

    Tells each number of ``honours`` that somebody has reached by it, once for ever; returns the
    numbers told. Harmless when it is done again.
    """
    told: list[int] = []
    async with engine.begin() as connection:
        for contributor, own in (await connection.execute(_CONCERNED, {"id": ticket_id})).all():
            told += await _counted(connection, contributor, own, honours, at)
    return tuple(told)


async def _counted(
    connection: AsyncConnection, contributor: str, own: str, honours: Sequence[int], at: datetime
) -> list[int]:
    who = {"id": contributor}
    # With the row taken, the count sees every suggestion that was counted before.
    taken = (await connection.execute(_TAKEN, who)).one()
    if taken.opted_out or taken.erased:
        return []
    made = (await connection.execute(_COUNTED, who)).scalar_one()
    reached = [number for number in honours if taken.honoured < number <= made]
    if not reached:
        return []
    await connection.execute(
        text("UPDATE contributors SET honoured = :n WHERE id = :id"), {**who, "n": reached[-1]}
    )
    for number in reached:
        await connection.execute(_TOLD, _honour(own, number, at))
    return reached


def _honour(ticket_id: str, number: int, at: datetime) -> dict[str, Any]:
    """The notice of an honour. It names the suggestion that reached the number, not the person."""
    return {
        "key": f"{ticket_id}#honour-{number}>{Role.REPORTER.value}",
        "ticket_id": ticket_id,
        "to": Role.REPORTER.value,
        "kind": NoticeKind.HONOURED.value,
        "at": at,
    }


async def opt_out(engine: AsyncEngine, contributor: str, *, out: bool = True) -> None:
    """Count somebody no longer, or (``out`` False) again; honours are told with the next one made.

    Refused: not_found.
    """
    who = {"id": contributor}
    async with engine.begin() as connection:
        await _known(connection, contributor)
        await connection.execute(_TAKEN, who)
        await connection.execute(
            text(f"UPDATE contributors SET opted_out = :out, {NONE} WHERE id = :id"),  # noqa: S608
            {**who, "out": out},
        )
        if not out:
            await connection.execute(_COUNTED, who)


async def erase(engine: AsyncEngine, contributor: str) -> None:
    """Forget a person: the contact, and who made which suggestion. Tickets and totals stay.

    What is left of the pseudonym here says that it is not to be counted again. Refused: not_found.
    """
    who = {"id": contributor}
    async with engine.begin() as connection:
        await _known(connection, contributor)
        await connection.execute(_TAKEN, who)
        for statement in (
            "DELETE FROM reporters WHERE id = :id",
            "UPDATE clues SET reporter_id = NULL WHERE reporter_id = :id",
            f"UPDATE contributors SET erased = true, honoured = 0, {NONE} WHERE id = :id",  # noqa: S608
        ):
            await connection.execute(text(statement), who)


async def _known(connection: AsyncConnection, contributor: str) -> None:
    if "\0" in contributor or not await connection.scalar(_KNOWN, {"id": contributor}):
        raise Refused(Code.NOT_FOUND, ticket=contributor[:60].replace("\0", ""))


async def top(engine: AsyncEngine, limit: int) -> list[ContributorLine]:
    """Those who made the most suggestions; nobody who has opted out or was erased."""
    query = text(
        "SELECT id, made, adopted, partly_adopted, not_adopted, honoured FROM contributors "
        "WHERE made > 0 AND NOT opted_out AND NOT erased ORDER BY made DESC, id DESC LIMIT :limit"
    )
    async with engine.connect() as connection:
        rows = (await connection.execute(query, {"limit": limit})).mappings()
        return [ContributorLine.model_validate(dict(row)) for row in rows]


async def totals(engine: AsyncEngine) -> SuggestionTotals:
    """All suggestions together, also of those who are not named; and how many were honoured."""
    async with engine.connect() as connection:
        counted = (await connection.execute(text(f"SELECT {FIGURES} {SUGGESTIONS}"))).mappings()
        people = (
            await connection.execute(
                text(
                    "SELECT count(*) FILTER (WHERE made > 0) AS contributors, "
                    "count(*) FILTER (WHERE honoured > 0) AS honoured FROM contributors"
                )
            )
        ).mappings()
        return SuggestionTotals.model_validate({**counted.one(), **people.one()})


async def reporter_of(engine: AsyncEngine, ticket_id: str) -> str | None:
    """The pseudonym of who reported a ticket; None if nobody did, or who did was erased."""
    query = text("SELECT reporter_id FROM clues WHERE ticket_id = :id")
    async with engine.connect() as connection:
        found: str | None = await connection.scalar(query, {"id": ticket_id})
        return found
