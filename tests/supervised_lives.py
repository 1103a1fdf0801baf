"""Lives with requests, disputes, orders and what else lies over the stages."""

from datetime import UTC, datetime, timedelta

from juanchi.domain.actor import Actor
from juanchi.domain.terms import Role
from juanchi.domain.ticket import Phase
from tests.life import OPENING, RETURNED, REVIEWED, SIGNED, VERIFIED, Life
from tests.town import Town


async def returned(town: Town, name: str = "returned") -> str:
    """The lead returns it, the centre agrees: another unit has it."""
    ticket = await town.report(name)
    await town.verify(ticket)
    await ask_return(town, ticket)
    await town.act(ticket, "answer_return", Role.DISPATCHER, None, agreed=True, note="true")
    return ticket


async def ask_return(town: Town, ticket: str, unit: str = "roads", to: str = "bins") -> None:
    """A unit says that it is another's."""
    why = {"reason": "it lies in a park", "basis": "Parks Act s.2", "to": to}
    await town.act(ticket, "request_return", Role.UNIT, unit, **why)


async def arbitrated(town: Town) -> str:
    """A second unit returns it: an arbitration, a ruling with a gap, an appeal, a final ruling."""
    ticket = await returned(town, "arbitrated")
    await ask_return(town, ticket, "bins", "roads")
    ruling = {"lead": "roads", "assisting": ["bins"], "basis": "it is a road", "gap": True}
    await town.act(ticket, "consult", Role.ARBITER, "town-desk", units=["roads", "bins"])
    await town.act(ticket, "rule", Role.ARBITER, "town-desk", **ruling)
    await town.act(ticket, "appeal", Role.UNIT, "roads", reason="it is a path")
    await town.act(ticket, "rule", Role.ARBITER, "town-desk", lead="roads", basis="paths too")
    return ticket


async def extended(town: Town) -> str:
    """More time, twice; the second time a supervisor answers, first no and then yes."""
    ticket = await town.report("extended")
    await town.verify(ticket)
    await town.sign(ticket)
    more = {"reason": "rain", "days": 2}
    await town.act(ticket, "request_extension", Role.UNIT, "roads", **more)
    await town.act(ticket, "answer_extension", Role.DISPATCHER, None, granted=True)
    for granted in (False, True):
        await town.act(ticket, "request_extension", Role.UNIT, "roads", **more)
        await town.act(
            ticket, "answer_extension", Role.SUPERVISOR, None, granted=granted, note="once more"
        )
    return ticket


async def held(town: Town) -> str:
    """On hold, and going on before the review date; then on hold again, and replied to."""
    ticket = await town.report("held")
    await town.verify(ticket)
    await town.sign(ticket)
    day = (datetime.now(UTC) + timedelta(days=10)).date().isoformat()
    asked = {"reason": "frost", "review_on": day, "phase_reply": "After the frost."}
    for _ in range(2):
        await town.act(ticket, "request_hold", Role.UNIT, "roads", **asked)
        await town.act(ticket, "answer_hold", Role.DISPATCHER, None, granted=True)
        if not (await town.state(ticket)).holds > 1:
            await town.act(ticket, "end_hold", Role.UNIT, "roads", reason="it has thawed")
    await town.reply(ticket)
    return ticket


async def assisted(town: Town) -> str:
    """Units beside the lead: added, done, released, and called by a whistle."""
    ticket = await town.report("assisted")
    await town.verify(ticket)
    added = {"units": ["bins", "rescue"], "mandatory": ["bins"], "requirement": "clear it"}
    await town.act(ticket, "add_assisting", Role.DISPATCHER, None, **added)
    await town.act(ticket, "assist_reply", Role.UNIT, "bins", note="cleared")
    gone = {"units": ["rescue"], "reason": "nobody is in danger"}
    await town.act(ticket, "release_assisting", Role.DISPATCHER, None, **gone)
    whistle = {"units": ["bins"], "requirement": "come to the kerb"}
    await town.act(ticket, "whistle", Role.UNIT, "warden-mill", **whistle)
    await town.act(ticket, "arrive", Role.UNIT, "bins", note="here")
    return ticket


async def ordered(town: Town) -> str:
    """Two orders: the second takes the place of the first, is answered and released."""
    ticket = await town.report("ordered")
    await town.verify(ticket)
    for level in ("yellow_card", "red_card"):
        order = {"level": level, "leader": "lead/head", "requirement": "today"}
        await town.act(ticket, "order", Role.SUPERVISOR, None, **order)
    await town.act(ticket, "feed_back", Role.UNIT, "roads", note="the crew is there")
    await town.act(ticket, "release_order", Role.SUPERVISOR, None, outcome="seen")
    return ticket


async def urgent(town: Town) -> str:
    """Raised to urgent, put back; raised again, and the unit is on site."""
    ticket = await town.report("urgent")
    await town.verify(ticket)
    for urgency in ("urgent", "general", "urgent"):
        told = {"urgency": urgency, "reason": "children play there"}
        await town.act(ticket, "set_urgency", Role.SUPERVISOR, None, **told)
    await town.act(ticket, "arrive", Role.UNIT, "roads", note="fenced off")
    return ticket


async def rating_appealed(town: Town) -> str:
    """A bad rating, appealed; the appeal is upheld, and the ticket closed."""
    ticket = await town.handled("rating-appealed")
    await town.review(ticket)
    await town.rate(ticket, 1)
    await town.act(ticket, "appeal_rating", Role.UNIT, "roads", reason="another hole was meant")
    answer = {"upheld": True, "note": "so it was"}
    await town.act(ticket, "answer_rating_appeal", Role.CHECKER, "town-desk", **answer)
    await town.review(ticket, note="mended")
    return ticket


async def replanned(town: Town) -> str:
    """All running clocks are planned anew."""
    ticket = await town.report("replanned")
    await town.verify(ticket)
    await town.act(ticket, "replan", Role.SUPERVISOR, None, reason="a new calendar")
    return ticket


async def refused(town: Town) -> str:
    """A signal that comes too early: the ticket looks into the ledger, and journals the refusal."""
    ticket = await town.report("refused")
    action = {
        "kind": "sign",
        "id": "too-early",
        "actor": Actor(role=Role.UNIT, unit="roads"),
        "at": datetime.now(UTC),
    }
    await town.juanchi.tell(ticket, action)
    await town.verify(ticket)
    return ticket


SUPERVISED_LIVES: dict[str, Life] = {
    "returned": Life(returned, RETURNED, Phase.UNSIGNED),
    "arbitrated": Life(
        arbitrated,
        [
            *RETURNED,
            *("return_requested", "arbitration_opened", "supervised", "order_issued", "planned"),
            *("consultation_called", "planned"),
            *("ruling_given", "duty_change_proposed", "order_released", "dispatched", "planned"),
            *("appeal_lodged", "planned", "ruling_given"),
        ],
        Phase.UNSIGNED,
    ),
    "extended": Life(
        extended,
        [
            *SIGNED,
            *("extension_requested", "planned", "extension_granted", "planned"),
            *("extension_requested", "planned", "extension_refused"),
            *("extension_requested", "planned", "extension_granted", "planned"),
        ],
        Phase.HANDLING,
    ),
    "held": Life(
        held,
        [
            *SIGNED,
            *("hold_requested", "planned", "hold_granted", "planned", "hold_ended", "planned"),
            *("hold_requested", "planned", "hold_granted", "planned"),
            *("hold_ended", "replied", "planned"),
        ],
        Phase.REVIEW,
    ),
    "assisted": Life(
        assisted,
        [
            *VERIFIED,
            *("assistants_added", "planned", "assist_replied", "assistant_released"),
            *("whistled", "planned", "arrived"),
        ],
        Phase.UNSIGNED,
    ),
    "ordered": Life(
        ordered,
        [
            *VERIFIED,
            *("order_issued", "planned", "order_issued", "planned"),
            *("order_fed_back", "planned", "order_released"),
        ],
        Phase.UNSIGNED,
    ),
    "urgent": Life(urgent, [*VERIFIED, *["urgency_set", "planned"] * 3, "arrived"], Phase.UNSIGNED),
    "rating_appealed": Life(
        rating_appealed,
        [
            *REVIEWED,
            *("rated", "planned", "rating_appealed", "planned", "rating_appeal_answered"),
            *("reviewed", "closed", "planned"),
        ],
        Phase.CLOSED,
        "closed",
    ),
    "replanned": Life(replanned, [*VERIFIED, "replan_asked", "planned"], Phase.UNSIGNED),
    "refused": Life(
        refused,
        [*OPENING, "planned", "action_refused", *VERIFIED[len(OPENING) + 1 :]],
        Phase.UNSIGNED,
    ),
}
