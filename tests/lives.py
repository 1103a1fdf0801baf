"""The lives a ticket can have, played by the town's people: one for every way through the stages.

Tests play them and look at the journal; their histories are recorded and replayed for ever.
"""

import pytest

from juanchi.domain.refusal import Code, Refused
from juanchi.domain.terms import EvidenceKind, Role
from juanchi.domain.ticket import Phase
from tests.life import CLOSED, DISPATCHED, OPENING, REVIEWED, VERIFIED, Life
from tests.merged_lives import MERGED_LIVES
from tests.supervised_lives import SUPERVISED_LIVES
from tests.town import Town, evidence

FULL_BIN = "The bin in Mill Parish is overflowing"


async def straight(town: Town) -> str:
    ticket = await town.handled("straight")
    await town.review(ticket)
    await town.rate(ticket)
    return ticket


async def discarded(town: Town) -> str:
    return await town.report("noise", "special offer: discount on everything")


async def emergency(town: Town) -> str:
    return await town.report("fire", "the mill is on fire, flames everywhere")


async def suggestion(town: Town) -> str:
    ticket = await town.report("suggestion", "I suggest a new lamp in Mill Parish")
    await town.sign(ticket)
    await town.reply(ticket, outcome="partly_adopted", reason="one lamp, not two")
    await town.review(ticket)
    await town.rate(ticket, 5)
    return ticket


async def unfounded(town: Town) -> str:
    ticket = await town.report("unfounded")
    await town.verify(ticket, "unfounded")
    return ticket


async def not_settled(town: Town) -> str:
    """Nobody can tell on site; a dispatcher decides that it goes on."""
    ticket = await town.report("unverifiable")
    await town.verify(ticket, "unverifiable")
    await town.act(
        ticket, "triage", Role.DISPATCHER, None, verdict="actionable", reason="known problem"
    )
    return ticket


async def merged(town: Town) -> str:
    survivor = await town.report("survivor")
    ticket = await town.report("voice")
    await town.verify(ticket, "already_handled", into=survivor)
    return ticket


async def survivor_gone(town: Town) -> str:
    """What a dispatcher merges it into is not there; nobody may say so on site."""
    ticket = await town.report("orphan")
    gone = "ticket/wall/never-was"
    with pytest.raises(Refused) as told:
        await town.verify(ticket, "already_handled", into=gone)
    assert told.value.code is Code.UNKNOWN_SURVIVOR
    await town.act(ticket, "merge", Role.DISPATCHER, None, into=gone, reason="the same hole")
    return ticket


async def by_dispatcher(town: Town) -> str:
    """The router is not sure; a dispatcher names item and units."""
    ticket = await town.report("unsure", "the lamp by the tree", channel="web")
    await town.act(
        ticket, "dispatch", Role.DISPATCHER, None, item="fly-tip", lead="bins", assisting=["roads"]
    )
    await town.act(ticket, "progress", Role.UNIT, "roads", note="van ordered")
    return ticket


async def bad_rating(town: Town) -> str:
    """A bad rating, reviewed and sent back; done again, and well."""
    ticket = await town.handled("bad-rating")
    await town.review(ticket)
    await town.rate(ticket, 1)
    await town.review(ticket, accepted=False, note="the reporter is right")
    await town.reply(ticket)
    await town.review(ticket)
    await town.rate(ticket, 4)
    return ticket


async def bad_rating_stands(town: Town) -> str:
    ticket = await town.handled("bad-rating-stands")
    await town.review(ticket)
    await town.rate(ticket, 2)
    await town.review(ticket, note="nothing more can be done")
    return ticket


async def rechecked(town: Town) -> str:
    """Nobody to call: the wardens look again, find it broken, and look once more."""
    ticket = await town.handled("recheck", reporter=None, text=FULL_BIN, unit="bins")
    await town.review(ticket)
    proof = evidence(EvidenceKind.SITE_AFTER)
    for fixed in (False, True):
        await town.act(
            ticket, "recheck", Role.STREET_TEAM, "warden-mill", fixed=fixed, evidence=proof
        )
        if not fixed:
            await town.reply(ticket, "bins")
            await town.review(ticket)
    return ticket


async def not_reached(town: Town) -> str:
    ticket = await town.handled("not-reached")
    await town.review(ticket)
    for _ in range(2):
        await town.act(ticket, "call", Role.CHECKER, "town-desk", result="not_reached")
    return ticket


async def declined(town: Town) -> str:
    ticket = await town.handled("declined")
    await town.review(ticket)
    await town.act(ticket, "call", Role.CHECKER, "town-desk", result="declined")
    return ticket


async def reopened(town: Town) -> str:
    ticket = await town.handled("reopened")
    await town.review(ticket)
    await town.rate(ticket)
    await town.act(ticket, "reopen", Role.REPORTER, None, reason="it is broken again")
    return ticket


async def withdrawn(town: Town) -> str:
    ticket = await town.report("withdrawn")
    await town.verify(ticket)
    await town.act(ticket, "withdraw", Role.REPORTER, None, reason="mended by a neighbour")
    return ticket


async def pressed(town: Town) -> str:
    ticket = await town.report("pressed")
    await town.verify(ticket)
    await town.act(ticket, "press", Role.SUPERVISOR, None, requirement="sign today")
    return ticket


REWORKED = ["sent_back", "planned", "replied", "planned", "reviewed", "planned"]

LIVES: dict[str, Life] = {
    "straight": Life(straight, CLOSED, Phase.CLOSED, "closed"),
    "discarded": Life(discarded, ["received", "screened", "ended"], Phase.ENDED, "discarded"),
    "emergency": Life(emergency, ["received", "screened", "ended"], Phase.ENDED, "redirected"),
    "suggestion": Life(
        suggestion,
        [
            *(*OPENING, *DISPATCHED, "signed", "replied", "planned"),
            *("reviewed", "closed", "planned", "rated"),
        ],
        Phase.CLOSED,
        "closed",
    ),
    "unfounded": Life(
        unfounded, [*OPENING, "planned", "verified", "ended"], Phase.ENDED, "unfounded"
    ),
    "not_settled": Life(
        not_settled,
        [*OPENING, "planned", "verified", "planned", "screened", "located", *DISPATCHED],
        Phase.UNSIGNED,
    ),
    "merged": Life(
        merged, [*OPENING, "planned", "verified", "merge_asked", "ended"], Phase.ENDED, "merged"
    ),
    "survivor_gone": Life(
        survivor_gone,
        [*OPENING, "planned", "merge_asked", "merge_failed", "planned"],
        Phase.TRIAGE,
    ),
    "by_dispatcher": Life(
        by_dispatcher,
        [*OPENING, "filed", "planned", "dispatched", "planned", "progressed"],
        Phase.UNSIGNED,
    ),
    "bad_rating": Life(
        bad_rating,
        [*REVIEWED, "rated", "planned", *REWORKED, "rated", "closed", "planned"],
        Phase.CLOSED,
        "closed",
    ),
    "bad_rating_stands": Life(
        bad_rating_stands,
        [*REVIEWED, "rated", "planned", "reviewed", "closed", "planned"],
        Phase.CLOSED,
        "closed",
    ),
    "rechecked": Life(
        rechecked,
        [*REVIEWED, "rechecked", *REWORKED, "rechecked", "closed", "planned"],
        Phase.CLOSED,
        "closed",
    ),
    "not_reached": Life(
        not_reached,
        [*REVIEWED, "called", "called", "closed", "planned"],
        Phase.CLOSED,
        "closed",
    ),
    "declined": Life(declined, [*REVIEWED, "called", "closed", "planned"], Phase.CLOSED, "closed"),
    "reopened": Life(reopened, [*CLOSED, "reopened", "planned"], Phase.HANDLING),
    "withdrawn": Life(withdrawn, [*VERIFIED, "ended"], Phase.ENDED, "withdrawn"),
    "pressed": Life(pressed, [*VERIFIED, "pressed"], Phase.UNSIGNED),
    **SUPERVISED_LIVES,
    **MERGED_LIVES,
}
