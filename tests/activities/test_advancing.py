"""Tickets on a real ledger, turn by turn: what one ticket's life means for the next one's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.advancing import LedgerActivities
from activities.city import CityDesk
from activities.notifying import NotifyingActivities
from juanchi.domain import machine
from juanchi.domain.actions import parse_action
from juanchi.domain.clocks import earliest
from juanchi.domain.clue import Received
from juanchi.domain.lists import Pack
from juanchi.domain.messages import Event, Facts
from juanchi.domain.notices import Notice, NoticeKind, Notify
from juanchi.domain.refusal import Refused
from juanchi.domain.situation import Incident
from juanchi.domain.terms import ClockName, Urgency
from juanchi.domain.ticket import Clue, Phase, Ticket
from juanchi.domain.turn import Turn
from juanchi.intake.tools import Tools
from juanchi.ledger.audit import audit
from juanchi.ledger.city import CityReader
from juanchi.ledger.fresh import FRESH_FOR
from juanchi.ledger.incidents import begin_incident
from juanchi.packs import read_pack
from tests.chaos.receiver import Mood, Receiver
from tests.pure import MONDAY, TINYTOWN
from tests.town import founded

HOLE = "A deep pothole in Mill Parish, please mend it"
PACK = read_pack(TINYTOWN)
ROADS = {"role": "unit", "unit": "roads"}
CENTRE = {"role": "dispatcher", "unit": "town-desk"}
PHOTOS = [
    {"kind": kind, "ref": kind, "at": MONDAY.isoformat()} for kind in ("site_before", "site_after")
]


def listening(url: str) -> Pack:
    """Tinytown, where Roads and Lights have a system of their own at this URL."""
    units = tuple(
        unit.model_copy(update={"webhook": url}) if unit.code == "roads" else unit
        for unit in PACK.units
    )
    return PACK.model_copy(update={"units": units})


class Life:
    """One ticket, as its workflow would live it."""

    def __init__(self, ledger: LedgerActivities, clue: Clue, now: datetime) -> None:
        self.ledger = ledger
        self.now = now
        self.ticket, self._received = machine.begin(clue, now)
        self.happened: list[Event] = []
        self.post: list[Notice] = []

    async def begin(self) -> Life:
        await self._turn([self._received])
        return self

    async def act(self, kind: str, actor: dict[str, Any], **more: Any) -> None:
        action = parse_action(
            {"kind": kind, "id": f"{kind}-{len(self.happened)}", "actor": actor, "at": self.now}
            | more
        )
        names = action.names(self.ticket)
        facts = await self.ledger.look_up(names) if names else Facts()
        await self._turn(machine.decide(self.ticket, action, self.now, facts))

    async def wait(self) -> None:
        """Until the next due time; then everything that is due rings."""
        self.now = max(self.now, earliest(self.ticket) or self.now)
        ticket, rang = self.ticket, list[Event]()
        while more := machine.ring_due(ticket, self.now):
            rang += more
            ticket = machine.fold(ticket, more)
        await self._turn(rang)

    async def _turn(self, events: Sequence[Event]) -> None:
        advanced = await self.ledger.advance(Turn.of(self.ticket, events, self.now))
        assert advanced.stands
        assert advanced.whole
        told = [line.event for line in advanced.entries]
        happened = [*(one for one in events if isinstance(one, Received)), *told]
        self.ticket = machine.fold(self.ticket, happened)
        self.happened += happened
        self.post += advanced.post

    def kinds(self) -> list[str]:
        return [str(one.__dict__["kind"]) for one in self.happened]


@pytest.fixture(scope="module")
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """Tinytown's ledger; Roads and Lights have a system of their own."""
    made = await founded(database_url, listening("http://127.0.0.1:9/x"))
    yield made
    await made.dispose()


@pytest.fixture
def ledger(engine: AsyncEngine) -> LedgerActivities:
    return LedgerActivities(engine, CityDesk(CityReader(engine)))


async def begun(
    ledger: LedgerActivities, name: str, text: str = HOLE, now: datetime = MONDAY
) -> Life:
    clue = Clue.model_validate(
        {"channel": "phone", "external_id": name, "text": text, "reported_at": now}
    )
    return await Life(ledger, clue, now).begin()


async def test_a_ruling_is_a_precedent_for_the_next_ticket(
    engine: AsyncEngine, ledger: LedgerActivities
) -> None:
    one = await begun(ledger, "ruled", "A lamp is out in Mill Parish")
    assert one.ticket.lead == "roads"
    for _ in range(2):
        await one.act("request_return", ROADS, reason="not ours", basis="Roads Act s.9", to="bins")
        await one.act("answer_return", CENTRE, agreed=False, note="it is")
    assert one.ticket.dispute is not None
    await one.act(
        "rule", {"role": "arbiter"}, lead="bins", assisting=["roads"], basis="Parks Rules 9"
    )
    (ruling,) = one.ticket.rulings
    assert one.ticket.lead == "bins"
    await asyncio.sleep(FRESH_FOR + 0.1)
    later = MONDAY + timedelta(hours=1)
    next_ = await begun(ledger, "after", "The street lamp is dark in Mill Parish", later)
    assert (next_.ticket.lead, next_.ticket.assisting) == ("bins", ("roads",))
    sent = next_.happened[next_.kinds().index("dispatched")]
    assert sent.__dict__["ruling"] == ruling.number
    elsewhere = await begun(ledger, "elsewhere", "A lamp is out in Market Parish", later)
    assert elsewhere.ticket.lead == "south-roads"


async def test_the_same_place_again_is_told(engine: AsyncEngine, ledger: LedgerActivities) -> None:
    text = "A traffic sign is missing in Mill Parish"
    one = await begun(ledger, "first", text)
    assert "recurrence_seen" not in one.kinds()
    await one.act("sign", ROADS)
    await one.act("reply", ROADS, outcome="solved", public="done", evidence=PHOTOS)
    await one.act("review", {"role": "checker", "unit": "town-desk"}, accepted=True)
    await one.act(
        "recheck", {"role": "street_team", "unit": "warden-mill"}, fixed=True, evidence=PHOTOS
    )
    assert one.ticket.phase is Phase.CLOSED
    again = await begun(ledger, "again", text, MONDAY + timedelta(hours=71))
    (seen,) = again.ticket.recurs
    assert (seen.ticket_id, str(seen.strength)) == (one.ticket.id, "strong")
    assert "repeated" in again.ticket.supervised
    far = await begun(ledger, "far", "A traffic sign is missing in Market Parish")
    assert far.ticket.recurs == ()
    assert not (await audit(engine, now=MONDAY)).problems


async def test_the_ledger_is_asked_for_recurrences_once(
    engine: AsyncEngine, ledger: LedgerActivities
) -> None:
    """When a unit gets the ticket; not when its clock begins again for work sent back."""
    asked: list[str] = []

    def note(*args: Any) -> None:
        asked.extend(["recurs"] if "AS asked(id, item, region" in args[2] else [])

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        life = await begun(ledger, "reworked", "A traffic sign is missing at The Docks")
        assert asked == ["recurs"]
        unit = {"role": "unit", "unit": life.ticket.lead}
        await life.act("sign", unit)
        await life.act("reply", unit, outcome="solved", public="done", evidence=PHOTOS)
        checker = {"role": "checker", "unit": "town-desk"}
        await life.act("review", checker, accepted=False, note="not there")
        assert life.ticket.reworks == 1
        assert asked == ["recurs"]
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)


async def test_in_a_storm_new_tickets_are_urgent(
    engine: AsyncEngine, ledger: LedgerActivities
) -> None:
    calm = await begun(ledger, "calm", "A sofa dumped in Harbour Parish")
    assert calm.ticket.urgency is Urgency.GENERAL
    storm = Incident(code="storm", items=("Waste",), region="south", reason="gale", begins=MONDAY)
    await begin_incident(engine, storm, "Ada")
    await asyncio.sleep(FRESH_FOR + 0.1)
    raised = await begun(ledger, "raised", "A sofa dumped in Harbour Parish")
    assert (raised.ticket.urgency, raised.ticket.raised_by) == (Urgency.URGENT, "storm")
    assert raised.ticket.urgency_why == "incident storm: gale"
    assert ClockName.ON_SITE in raised.ticket.deadlines


async def test_work_is_not_pushed_down(ledger: LedgerActivities) -> None:
    life = await begun(ledger, "unclear", "the lamp by the tree in Mill Parish")
    assert life.ticket.phase is Phase.DISPATCHING
    with pytest.raises(Refused, match="no_such_duty: names=warden-mill"):
        await life.act("dispatch", CENTRE, item="lamp", lead="warden-mill")
    await life.act("dispatch", CENTRE, item="lamp", lead="roads")
    with pytest.raises(Refused, match="not_a_street: names=roads"):
        await life.act("whistle", ROADS, units=["bins"], requirement="come")


async def test_a_leader_is_told_where_the_unit_is(ledger: LedgerActivities) -> None:
    """A card's order goes to a post; the unit's own system hears of it, with what it must know."""
    life = await begun(ledger, "carded", "A deep crater in Mill Parish")
    await life.act("sign", ROADS)
    while not life.ticket.orders:
        await life.wait()
    posted = {notice.to: notice for notice in life.post if notice.at == life.now}
    assert posted["roads/head"].kind is NoticeKind.ORDER
    (order,) = life.ticket.orders
    async with Receiver([Mood.WELL]).listening() as system, httpx.AsyncClient() as http:
        done = await notified(system, http, life.ticket, posted["roads/head"])
        assert done == ""
        await notified(system, http, life.ticket, posted["roads"])
    to_head, to_unit = (arrival.told for arrival in system.arrivals)
    assert (to_head["unit"], to_head["what"]) == ("roads/head", "order")
    due = datetime.fromisoformat(to_head["order"].pop("feedback_due"))
    assert due == order.feedback_due
    assert to_head["order"] == {"number": order.number, "level": "yellow_card", "requirement": ""}
    assert to_unit["unit"] == "roads"


async def notified(
    system: Receiver, http: httpx.AsyncClient, ticket: Ticket, notice: Notice
) -> str:
    """Post one notice to a system of Roads and Lights; the error, if any."""
    step = Notify(key=notice.key, to=notice.to, what=notice.kind, attempt=1)
    result = await NotifyingActivities(DeskOf(listening(system.url)), http).notify(ticket, step)
    return result.error


class DeskOf(CityDesk):
    """The desk of one pack."""

    def __init__(self, pack: Pack) -> None:
        self._made = Tools(pack, "t@1")

    async def tools(self) -> Tools:
        return self._made


async def test_a_plain_notice_says_nothing_of_orders(ledger: LedgerActivities) -> None:
    life = await begun(ledger, "plain", "A deep hole in Mill Parish")
    async with Receiver([Mood.WELL]).listening() as system, httpx.AsyncClient() as http:
        await notified(system, http, life.ticket, life.post[0])
    (arrival,) = system.arrivals
    assert "order" not in arrival.told
    assert arrival.told["ticket"] == life.ticket.id
