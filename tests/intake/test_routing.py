"""Who gets a ticket: by a ruling, by the list, by nobody's taking it; and how urgent it is."""

from datetime import date, timedelta
from typing import Any

import pytest

from activities import hands
from juanchi.domain import machine
from juanchi.domain.duties import Directory
from juanchi.domain.filing import Dispatched, Filed
from juanchi.domain.lists import Duty, Pack
from juanchi.domain.place import Place
from juanchi.domain.situation import CALM, Incident, Precedent, Situation
from juanchi.domain.terms import ClockName, Source, Urgency
from juanchi.domain.ticket import Classified, Clue, Phase, Ticket
from juanchi.intake.learning.dispatch import DispatchModel
from juanchi.intake.routing import Router
from juanchi.intake.tools import Tools
from juanchi.packs import read_pack
from tests.intake.learning.lamps import matter, past, trained
from tests.pure import MONDAY, TINYTOWN, PureEngine

PACK = read_pack(TINYTOWN)
TOWN = Tools(PACK, "tinytown@1")
POTHOLE = "a deep pothole"


def town(*, without: str = "", **changes: Any) -> Tools:
    """Tinytown with some things changed; ``without`` the duties for an item and for all."""
    duties = tuple(duty for duty in PACK.duties if not without or duty.item not in (without, "*"))
    return Tools(PACK.model_copy(update={"duties": duties, **changes}), "changed@1")


def ticket(text: str = POTHOLE, region: str | None = "mill", **more: Any) -> Ticket:
    clue = Clue.model_validate(
        {"channel": "phone", "external_id": "1", "text": text, "reported_at": MONDAY, **more}
    )
    place = Place(region=region) if region else None
    return Ticket(id=clue.ticket_id, clue=clue, received_at=MONDAY, since=MONDAY, place=place)


def ruled(**changes: Any) -> Situation:
    """One ruling on potholes in Mill."""
    facts = {"ruling": "TT-7-A1", "item": "road-hole", "region": "mill", "lead": "bins"}
    since = MONDAY - timedelta(days=3)
    made = Precedent.model_validate({"since": since, "assisting": ("roads", "gone"), **facts})
    return Situation(precedents=(made.model_copy(update=changes),))


def test_a_ruling_comes_before_the_list() -> None:
    found = TOWN.router.route(ticket(), MONDAY, ruled())
    assert (found.sure, found.problem, found.ruling) == (True, "", "TT-7-A1")
    best, by_list = found.candidates
    assert (best.item, best.lead, best.assisting) == ("road-hole", "bins", ("roads",))
    assert best.reason == "ruling TT-7-A1"
    assert by_list.lead == "roads"
    assert "Roads Act" in by_list.reason
    calm = TOWN.router.route(ticket(), MONDAY)
    assert (calm.candidates, calm.ruling) == ((by_list,), "")


@pytest.mark.parametrize(
    ("ruling", "matter", "holds"),
    [
        ("millbrook", "millbrook", True),
        ("millbrook", "mill", True),
        ("mill", "millbrook", True),
        ("north", "millbrook", True),
        ("quayside", "millbrook", False),
        ("millbrook", "north", False),
    ],
)
def test_a_ruling_in_a_community_holds_in_its_street(ruling: str, matter: str, holds: bool) -> None:
    found = TOWN.router.route(ticket(region=matter), MONDAY, ruled(region=ruling))
    assert bool(found.ruling) is holds


@pytest.mark.parametrize(
    "change",
    [
        {"region": "harbour"},
        {"item": "lamp"},
        {"until": date(2026, 11, 15)},
        {"lead": "abolished"},
        {"since": MONDAY - timedelta(days=3000)},
    ],
)
def test_a_ruling_that_does_not_hold_here(change: dict[str, Any]) -> None:
    assert TOWN.router.route(ticket(), MONDAY, ruled(**change)) == TOWN.router.route(
        ticket(), MONDAY
    )


def test_a_ruling_fills_a_gap_and_is_sure_without_a_place() -> None:
    gap = town(without="road-hole")
    assert gap.router.route(ticket(), MONDAY).problem == "no_duty"
    found = gap.router.route(ticket(), MONDAY, ruled())
    assert (found.sure, found.candidates[0].lead) == (True, "bins")
    everywhere = ruled(region=None, lead="south-roads")
    assert gap.router.route(ticket(region=None), MONDAY, everywhere).sure


def test_a_ruling_that_names_the_list_s_own_unit_is_told_once() -> None:
    found = TOWN.router.route(ticket(), MONDAY, ruled(lead="roads"))
    assert [candidate.reason for candidate in found.candidates] == ["ruling TT-7-A1"]


def test_what_a_channel_has_classified_is_not_ruled_anew() -> None:
    given = ticket(classified=Classified(item="road-hole", lead="rescue"))
    found = TOWN.router.route(given, MONDAY, ruled())
    assert (found.candidates[0].lead, found.ruling) == ("rescue", "")


def test_mandatory_units_are_those_that_assist_there() -> None:
    must = Duty(
        item="road-hole",
        lead="@roads",
        assisting=("@warden", "bins", "@nobody"),
        mandatory=("@warden", "rescue"),
        valid_from=date(2026, 1, 1),
    )
    (found,) = town(duties=(must,)).router.route(ticket(), MONDAY).candidates
    assert found.assisting == ("warden-mill", "bins")
    assert found.mandatory == ("warden-mill",)


@pytest.mark.parametrize("backstop", ["town-desk", "@desk"])
def test_a_backstop_comes_last_and_is_never_sure(backstop: str) -> None:
    tools = town(backstop=backstop)
    assert not any(c.backstop for c in tools.router.route(ticket(), MONDAY).candidates)
    found = tools.router.route(ticket("the lamp by the tree"), MONDAY)
    assert (found.sure, found.problem) == (False, "several_items")
    assert [c.backstop for c in found.candidates] == [False, False, True]
    last = found.candidates[-1]
    assert (last.lead, last.item, last.reason) == (
        "town-desk",
        found.candidates[0].item,
        f"backstop: {backstop}",
    )


def test_a_backstop_alone_is_still_a_gap() -> None:
    tools = town(without="road-hole", backstop="town-desk")
    found = tools.router.route(ticket(), MONDAY)
    assert (found.sure, found.problem) == (False, "no_duty")
    assert [(c.lead, c.backstop) for c in found.candidates] == [("town-desk", True)]
    unknown = tools.router.route(ticket("nothing that anybody knows"), MONDAY)
    assert (unknown.problem, unknown.candidates) == ("no_item", ())
    assert (
        town(backstop="@nobody", without="road-hole").router.route(ticket(), MONDAY).candidates
        == ()
    )


def test_the_backstop_takes_what_nobody_has_dispatched() -> None:
    """From the clue to the last rung of the dispatcher's clock, on the real lists."""
    tools = town(without="road-hole", backstop="town-desk")
    engine = PureEngine(tools, ticket(f"{POTHOLE} in Mill Parish").clue)
    assert (engine.ticket.phase, engine.ticket.stuck) == (Phase.DISPATCHING, "no_duty")
    ladder = engine.ticket.deadlines[ClockName.DISPATCH].rungs
    engine.pass_time(ladder[-1].at - engine.now - timedelta(seconds=1))
    assert engine.ticket.phase is Phase.DISPATCHING
    engine.pass_time(timedelta(seconds=2))
    assert (engine.ticket.phase, engine.ticket.lead) == (Phase.UNSIGNED, "town-desk")
    sent = [entry.event for entry in engine.entries if isinstance(entry.event, Dispatched)]
    assert [(one.backstop, one.reason) for one in sent] == [(True, "backstop: town-desk")]


def test_without_a_backstop_it_waits_for_a_person() -> None:
    engine = PureEngine(town(without="road-hole"), ticket(f"{POTHOLE} in Mill Parish").clue)
    engine.pass_time(timedelta(days=30))
    assert engine.ticket.phase is Phase.DISPATCHING


STORM = Incident(code="storm-1", items=("Streets",), region="north", reason="gale", begins=MONDAY)
RAGING = Situation(incidents=(STORM,))


@pytest.mark.parametrize(
    ("text", "said", "situation", "told"),
    [
        (POTHOLE, Urgency.GENERAL, CALM, (Urgency.GENERAL, "", "")),
        (POTHOLE, Urgency.GENERAL, RAGING, (Urgency.URGENT, "incident storm-1: gale", "storm-1")),
        ("a sofa dumped", Urgency.GENERAL, RAGING, (Urgency.GENERAL, "", "")),
        ("a cable", Urgency.GENERAL, RAGING, (Urgency.URGENT, "item wire-down", "")),
        (POTHOLE, Urgency.URGENT, RAGING, (Urgency.URGENT, "", "")),
        ("nothing known", Urgency.GENERAL, RAGING, (Urgency.GENERAL, "", "")),
    ],
)
def test_how_urgent_and_why(
    text: str, said: Urgency, situation: Situation, told: tuple[Urgency, str, str]
) -> None:
    screened = ticket(text).having(urgency=said)
    found = TOWN.router.route(screened, MONDAY, situation)
    assert (found.urgency, found.urgency_why, found.incident) == told


def test_what_the_router_found_is_filed_and_dispatched() -> None:
    situation = Situation(precedents=ruled().precedents, incidents=RAGING.incidents)
    result = hands.file(TOWN, ticket(), MONDAY, "TT-00001", situation)
    engine = PureEngine(TOWN, ticket(f"{POTHOLE} in Mill Parish").clue)
    routing = engine.ticket.having(phase=Phase.ROUTING, urgency=Urgency.GENERAL, number=None)
    filed, sent = machine.complete(routing, result, MONDAY)
    assert isinstance(filed, Filed)
    assert isinstance(sent, Dispatched)
    assert (filed.urgency, filed.incident) == (Urgency.URGENT, "storm-1")
    assert (sent.lead, sent.ruling, sent.urgency) == ("bins", "TT-7-A1", Urgency.URGENT)


def test_a_router_that_fails_hands_the_ticket_to_a_person() -> None:
    broken = Tools(PACK, "broken@1")
    broken.router.__dict__["_local_day"] = None
    found = hands.file(broken, ticket(), MONDAY, "TT-00001")
    assert (found.sure, found.problem) == (False, "routing_failed: TypeError")


def learned(model: DispatchModel, pack: Pack = PACK) -> Tools:
    """Tinytown with a model of past dispatches."""
    tools = Tools(pack, "learned@1")
    tools.router = Router(pack, tools.directory, tools.recogniser, tools.local_day, model)
    return tools


LAMP, SIGN = ticket("the street lamp out here"), ticket("the traffic sign missing")


def gone_elsewhere(number: int) -> tuple[str, str]:
    """Lamps go to Bins, against the list."""
    return ("lamp", "bins") if number % 3 else ("sign-down", "roads")


def to_wardens(number: int) -> tuple[str, str]:
    """Lamps were pushed down to a street."""
    return ("lamp", "warden-mill") if number % 3 else ("sign-down", "roads")


def test_the_list_s_unit_is_sure_when_history_agrees() -> None:
    found = learned(trained()).router.route(LAMP, MONDAY)
    best = found.candidates[0]
    assert (found.sure, best.lead, best.source) == (True, "roads", Source.LIST)
    assert "Roads Act" in best.reason
    threshold = trained().card.threshold
    assert best.probability is not None
    assert threshold is not None
    assert best.probability >= threshold


def test_a_row_that_history_often_found_wrong_is_not_sure() -> None:
    assert TOWN.router.route(SIGN, MONDAY).sure
    found = learned(trained()).router.route(SIGN, MONDAY)
    assert (found.sure, found.problem) == (False, "list_doubted")
    shown = {one.lead: one for one in found.candidates}
    assert (shown["roads"].source, shown["bins"].source) == (Source.LIST, Source.HISTORY)
    assert shown["bins"].reason.startswith("history: ")
    chances = [one.probability or 0 for one in found.candidates]
    assert chances == sorted(chances, reverse=True)
    assert len(found.candidates) <= 3


def test_history_does_not_dispatch_against_the_list() -> None:
    found = learned(trained(600, gone_elsewhere)).router.route(LAMP, MONDAY)
    assert (found.sure, found.problem) == (False, "list_doubted")
    assert [one.lead for one in found.candidates[:2]] == ["bins", "roads"]
    assert (found.candidates[0].probability or 0) > 0.98


def test_the_list_s_unit_is_shown_however_unlikely_it_is() -> None:
    def never_by_list(number: int) -> tuple[str, str]:
        return "sign-down", ("bins", "bins", "rescue", "town-desk")[number * 7 % 11 % 4]

    model = DispatchModel.train(past(300, never_by_list), TOWN.directory)
    assert "roads" not in dict(model.ranked(matter("sign-down"), "roads"))
    found = learned(model).router.route(SIGN, MONDAY)
    assert (found.sure, found.problem) == (False, "list_doubted")
    assert [one.source for one in found.candidates] == [
        Source.HISTORY,
        Source.HISTORY,
        Source.LIST,
    ]


def test_history_fills_a_gap_of_the_list_when_it_is_sure() -> None:
    gap = PACK.model_copy(update={"duties": ()})
    model = DispatchModel.train(past(600, gone_elsewhere), Directory.of(gap))
    found = learned(model, gap).router.route(LAMP, MONDAY)
    assert (found.sure, found.candidates[0].lead) == (True, "bins")
    assert (found.candidates[0].source, found.ruling) == (Source.HISTORY, "")
    torn = DispatchModel.train(past(600), Directory.of(gap))
    unsure = learned(torn, gap).router.route(SIGN, MONDAY)
    assert (unsure.sure, unsure.problem, len(unsure.candidates)) == (False, "no_duty", 2)


def test_history_pushes_no_work_down_to_a_street_without_the_duty() -> None:
    gap = PACK.model_copy(update={"duties": ()})
    model = DispatchModel.train(past(600, to_wardens), Directory.of(gap))
    found = learned(model, gap).router.route(LAMP, MONDAY)
    assert not found.sure
    assert "warden-mill" not in [one.lead for one in found.candidates]


def test_history_names_no_unit_that_is_gone() -> None:
    fewer = PACK.model_copy(update={"units": tuple(u for u in PACK.units if u.code != "bins")})
    found = learned(trained(), fewer).router.route(SIGN, MONDAY)
    assert [one.lead for one in found.candidates] == ["roads"]


def test_a_row_changed_since_the_training_holds_as_it_stands() -> None:
    changed = Duty(item="sign-down", lead="rescue", valid_from=date(2025, 1, 1))
    found = learned(trained(), town(duties=(changed,)).pack).router.route(SIGN, MONDAY)
    assert (found.sure, [one.lead for one in found.candidates]) == (True, ["rescue"])
    assert found.candidates[0].probability is None


def test_an_item_that_history_never_saw_is_the_list_s() -> None:
    assert learned(trained()).router.route(ticket(), MONDAY) == TOWN.router.route(ticket(), MONDAY)


def test_a_ruling_is_sure_whatever_history_says() -> None:
    ruling = ruled(item="sign-down", lead="rescue")
    found = learned(trained()).router.route(SIGN, MONDAY, ruling)
    assert (found.sure, found.ruling, found.candidates[0].lead) == (True, "TT-7-A1", "rescue")
    assert found.candidates[0].source is Source.RULING
    assert found.candidates[0].probability is None


def test_a_channel_s_own_word_is_not_weighed() -> None:
    given = ticket(classified=Classified(item="sign-down", lead="rescue"))
    found = learned(trained()).router.route(given, MONDAY)
    assert (found.sure, found.candidates[0].source) == (True, Source.CHANNEL)


def test_a_young_model_doubts_the_list_only_for_a_likelier_unit() -> None:
    young = trained(120)
    assert young.card.threshold is None
    assert learned(young).router.route(LAMP, MONDAY).sure
    against = trained(120, gone_elsewhere)
    assert against.card.threshold is None
    found = learned(against).router.route(LAMP, MONDAY)
    assert (found.problem, found.candidates[0].lead) == ("list_doubted", "bins")
    gap = PACK.model_copy(update={"duties": ()})
    alone = DispatchModel.train(past(120, gone_elsewhere), Directory.of(gap))
    assert learned(alone, gap).router.route(LAMP, MONDAY).problem == "no_duty"


def test_history_does_not_help_where_the_item_is_not_sure() -> None:
    both = ticket("the lamp by the sign")
    assert learned(trained()).router.route(both, MONDAY) == TOWN.router.route(both, MONDAY)
