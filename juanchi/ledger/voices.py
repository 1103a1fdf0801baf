"""Who a ticket speaks for, by the ledger's word: a ticket itself knows only the newest by name."""

from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.messages import Facts, VoiceAt
from juanchi.domain.notices import NoticeKind
from juanchi.domain.terms import Role
from juanchi.domain.voices import AnswerVoices, AnswerVoicesResult
from juanchi.ledger.errors import LedgerUnavailable
from juanchi.ledger.failures import told

PAGE: Final = 500
"""So many voices are told at a time, with all that they brought along."""

CHAIN: Final = 16
"""So many merges in a row are followed."""

_KNOWN: Final = text(
    f"""
WITH RECURSIVE chain(id, hop) AS (
    SELECT m.into_id, 1 FROM merges m WHERE m.ticket_id = :voice
    UNION ALL
    SELECT m.into_id, hop + 1 FROM chain JOIN merges m ON m.ticket_id = chain.id WHERE hop < {CHAIN}
)
SELECT EXISTS (SELECT FROM chain WHERE id = :of) AS speaks,
    coalesce((
        SELECT j.kind = 'voice_added' FROM journal j
        WHERE j.ticket_id = :of AND j.kind IN ('voice_added', 'voice_removed')
            AND j.event ->> 'voice' = :voice
        ORDER BY j.seq DESC LIMIT 1
    ), false) AS heard,
    EXISTS (
        SELECT FROM journal j
        WHERE j.ticket_id = :of AND j.seq > :since AND j.kind = 'voice_rated'
            AND j.event ->> 'voice' = :voice
    ) AS rated
"""  # noqa: S608 - a number of our own
)

# A voice that has itself been merged brings along those it speaks for; one that has left since it
# was heard speaks for itself.
_TELL: Final = text(
    """
WITH RECURSIVE page AS MATERIALIZED (
    SELECT j.seq, j.event ->> 'voice' AS voice, j.at FROM journal j
    WHERE j.ticket_id = :of AND j.seq > :after AND j.seq <= :upto AND j.kind = 'voice_added'
    ORDER BY j.seq LIMIT :page
), heard AS (
    SELECT voice, at FROM page
    UNION
    SELECT j.event ->> 'voice', j.at FROM heard
    JOIN journal j ON j.ticket_id = heard.voice AND j.kind = 'voice_added'
), gone AS (
    SELECT j.event ->> 'voice' AS voice, max(j.at) AS at FROM journal j
    WHERE j.kind = 'voice_removed' AND j.ticket_id IN (SELECT :of UNION SELECT voice FROM heard)
    GROUP BY 1
), told AS (
    SELECT DISTINCT heard.voice FROM heard LEFT JOIN gone USING (voice)
    WHERE heard.voice <> :of AND (gone.at IS NULL OR gone.at < heard.at)
), noted AS (
    INSERT INTO notices (key, ticket_id, "to", kind, at, webhook)
    SELECT :key || voice, voice, :to, :kind, :at, false FROM told
    ON CONFLICT (key) DO NOTHING
)
SELECT (SELECT count(*) FROM told) AS told, count(*) AS page, max(seq) AS last FROM page
"""
)

_MERGED_INTO: Final = text("SELECT merged_into FROM tickets WHERE id = :id")


async def known(engine: AsyncEngine, asked: VoiceAt) -> Facts:
    """What the ledger knows of a voice. Raises ``LedgerUnavailable`` (ask again)."""
    given = {"of": asked.of, "voice": asked.voice, "since": asked.since or 0}
    try:
        async with engine.connect() as connection:
            row = (await connection.execute(_KNOWN, given)).one()
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        raise LedgerUnavailable(told(error)) from error
    return Facts(heard=row.heard, stranger=not (row.speaks or row.heard), rated=row.rated)


async def tell_voices(
    engine: AsyncEngine, ticket_id: str, step: AnswerVoices, at: datetime, page: int = PAGE
) -> AnswerVoicesResult:
    """Tell the next page of a ticket's voices that its reply stands; each once, also repeated."""
    given = {
        "of": ticket_id,
        "after": step.after,
        "upto": step.upto,
        "page": page,
        "key": f"{ticket_id}#{step.round}>",
        "to": Role.REPORTER.value,
        "kind": NoticeKind.ANSWERED.value,
        "at": at,
    }
    try:
        async with engine.begin() as connection:
            row = (await connection.execute(_TELL, given)).one()
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        raise LedgerUnavailable(told(error)) from error
    after = row.last if row.page == page else step.upto
    return AnswerVoicesResult(after=after, told=row.told)


async def merged_into(engine: AsyncEngine, ticket_id: str) -> str | None:
    """The ticket that speaks for this one now; None when it speaks for itself, or is not known."""
    try:
        async with engine.connect() as connection:
            found: str | None = await connection.scalar(_MERGED_INTO, {"id": ticket_id})
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        raise LedgerUnavailable(told(error)) from error
    return found
