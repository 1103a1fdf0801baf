"""Lives that end and go on: a discard overturned, a merge taken back; and one in many voices."""

from juanchi.domain.terms import Role
from juanchi.domain.ticket import Phase
from tests.life import DISPATCHED, OPENING, RATED, REVIEW, Life
from tests.town import Town


async def _over(town: Town, ticket: str) -> None:
    await town.juanchi.temporal.get_workflow_handle(ticket).result()


async def _merged(town: Town, ticket: str, into: str) -> None:
    await town.act(ticket, "merge", Role.DISPATCHER, None, into=into, reason="the same hole")
    await _over(town, ticket)


async def overturned(town: Town) -> str:
    """What was discarded is a real matter after all; on site it is not."""
    ticket = await town.report("overturned", "special offer: discount on everything, Mill Parish")
    await _over(town, ticket)
    await town.act(
        ticket, "overturn", Role.SUPERVISOR, None, reason="a real shop in the way", verify=True
    )
    await town.verify(ticket, "unfounded")
    return ticket


async def unmerged(town: Town) -> str:
    """Merged by hand, and taken back when its workflow is over."""
    survivor = await town.report("spoke-for-two")
    ticket = await town.report("unmerged")
    await _merged(town, ticket, survivor)
    await town.act(ticket, "unmerge", Role.DISPATCHER, None, reason="another hole")
    await town.verify(ticket)
    return ticket


async def voiced(town: Town) -> str:
    """Two say the same, one before the reply and one after it; one rates it badly."""
    ticket = await town.report("voiced")
    early, late = await town.report("voice-early"), await town.report("voice-late")
    await _merged(town, early, ticket)
    await town.verify(ticket)
    await town.sign(ticket)
    await town.reply(ticket)
    await town.review(ticket)
    await _merged(town, late, ticket)
    await town.rate(early, 2)
    await town.review(ticket, note="nothing more can be done")
    await town.rate(ticket, 4)
    return ticket


MERGED_LIVES = {
    "overturned": Life(
        overturned,
        [
            *("received", "screened", "ended", "overturned", "screened", "located", "planned"),
            *("verified", "ended"),
        ],
        Phase.ENDED,
        "unfounded",
    ),
    "unmerged": Life(
        unmerged,
        [
            *(*OPENING, "planned", "merge_asked", "ended", "unmerged", "survivor_left"),
            *("planned", "verified", *DISPATCHED),
        ],
        Phase.UNSIGNED,
    ),
    "voiced": Life(
        voiced,
        [
            *(*OPENING, "planned", "voice_added", "verified", *DISPATCHED, "signed", "replied"),
            *("planned", "reviewed", "voices_owed", "planned", "voices_told"),
            *("voice_added", "voices_told", "voice_rated", "planned", *REVIEW, *RATED),
        ],
        Phase.CLOSED,
        "closed",
    ),
}
