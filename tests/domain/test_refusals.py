"""Every refusal: a stable code, its facts, and nothing has changed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from juanchi.domain import machine
from juanchi.domain.actions import KINDS, parse_action
from juanchi.domain.messages import Facts, Listed, Survivor
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.terms import EvidenceKind
from juanchi.domain.ticket import Phase, Ticket
from tests.domain.duty_people import OF_CHANGES
from tests.domain.people import (
    DAY,
    HOUR,
    LAMP,
    PROOF,
    UNCLEAR,
    WIRE,
    Life,
    alive,
    handling,
    suggestion,
    unsigned,
)
from tests.pure import MONDAY, proof

Does = tuple[str, str, dict[str, Any]]


def after(life: Life, *deeds: Does) -> Life:
    """The life after some deeds."""
    for who, kind, fields in deeds:
        life.does(who, kind, **fields)
    return life


def at(phase: Phase) -> Life:
    return alive(channel="web" if phase is Phase.DISPATCHING else "wall").goes_on(phase)


def dispatching() -> Life:
    return alive(UNCLEAR, channel="web").goes_on(Phase.DISPATCHING)


def decided(ticket: Ticket, data: dict[str, Any], facts: Facts) -> Code:
    """The code with which a ticket refuses, given what the lists say."""
    with pytest.raises(Refused) as told:
        machine.decide(ticket, parse_action(data), MONDAY, facts)
    return told.value.code


def by_facts(**facts: Any) -> Code:
    life = dispatching()
    return decided(life.ticket, life.asks("dispatcher", "dispatch"), Facts(**facts))


def nobody_listed() -> Code:
    life = unsigned()
    asked = life.asks("dispatcher", "move_to_list", reason="the list says so")
    return decided(life.ticket, asked, Facts(listed=Listed()))


def already_handled(survivor: Survivor) -> Code:
    life = alive()
    asked = life.asks("street_team", "verify", verdict="already_handled", into="ticket/web/other")
    return decided(life.ticket, asked, Facts(survivor=survivor))


def template_reply() -> Code:
    life = suggestion(Phase.REVIEW)
    return decided(life.ticket.having(same_replies=2), life.asks("checker", "review"), Facts())


def unreadable(data: Any) -> Code:
    with pytest.raises(Refused) as told:
        parse_action(data)
    return told.value.code


def while_merging() -> Code:
    ticket = at(Phase.VERIFYING).ticket.having(merging_into="ticket/web/other")
    data = Life().asks("system", "absorb", voice="ticket/web/third")
    return decided(ticket, data, Facts())


def stale() -> Code:
    life = unsigned()
    return life.refuses("lead", "sign", expected_version=life.ticket.version - 1)


def late(life: Life, by: timedelta) -> Life:
    life.now += by
    return life


AGREED = {"agreed": True}
VOICE_RATES = {"voice": "ticket/web/third", "rating": {"overall": 4}}
TO_BINS = {**AGREED, "lead": "bins"}
OPEN: Does = ("supervisor", "open_arbitration", {"reason": "whose?"})
HELD: tuple[Does, ...] = (
    ("lead", "request_hold", {"review_on": (MONDAY + 9 * DAY).date()}),
    ("dispatcher", "answer_hold", {"granted": True}),
)
THAWED: Does = ("lead", "end_hold", {"reason": "thaw"})
EXTENDED: tuple[tuple[Does, ...], ...] = tuple(
    (("lead", "request_extension", {}), (by, "answer_extension", {"granted": True}))
    for by in ("dispatcher", "supervisor")
)

REFUSED: dict[Code, Callable[[], Code]] = {
    Code.BAD_INPUT: lambda: unreadable({"kind": "sign"}),
    Code.UNKNOWN_ACTION: lambda: unreadable({"kind": "explode"}),
    Code.ENDED: lambda: after(
        at(Phase.UNSIGNED), ("reporter", "withdraw", {"reason": "x"})
    ).refuses("lead", "sign"),
    Code.TIME_IN_FUTURE: lambda: unsigned().refuses("lead", "sign", at=MONDAY + DAY),
    Code.STALE_VERSION: stale,
    Code.WRONG_ROLE: lambda: unsigned().refuses("reporter", "sign"),
    Code.WRONG_UNIT: lambda: unsigned().refuses("bins", "sign"),
    Code.WRONG_PHASE: lambda: unsigned().refuses("lead", "reply"),
    Code.UNKNOWN_UNIT: lambda: dispatching().refuses("dispatcher", "dispatch", lead="nobody"),
    Code.UNKNOWN_ITEM: lambda: dispatching().refuses("dispatcher", "dispatch", item="ufo"),
    Code.UNKNOWN_REGION: lambda: dispatching().refuses(
        "dispatcher", "dispatch", place={"region": "atlantis"}
    ),
    Code.PLACE_OUTSIDE: lambda: by_facts(outside=("0,0",)),
    Code.MISSING_EVIDENCE: lambda: handling().refuses("lead", "reply", evidence=[]),
    Code.MISSING_REASON: lambda: at(Phase.REVIEW).refuses("checker", "review", accepted=False),
    Code.MISSING_SURVIVOR: lambda: alive().refuses(
        "street_team", "verify", verdict="already_handled"
    ),
    Code.UNKNOWN_SURVIVOR: lambda: already_handled(Survivor(known=False)),
    Code.SURVIVOR_ENDED: lambda: already_handled(Survivor(ended="closed")),
    Code.TEMPLATE_REPLY: template_reply,
    Code.MERGE_INTO_ITSELF: lambda: alive().refuses(
        "dispatcher", "merge", into="ticket/wall/1", reason="same"
    ),
    Code.MERGING: while_merging,
    Code.NOT_MERGED: lambda: after(
        at(Phase.UNSIGNED), ("reporter", "withdraw", {"reason": "x"})
    ).refuses("dispatcher", "unmerge", reason="x"),
    Code.HEARD_ALREADY: lambda: after(
        unsigned(), ("system", "absorb", {"voice": "ticket/web/third"})
    ).refuses("system", "absorb", voice="ticket/web/third"),
    Code.NOT_A_VOICE: lambda: unsigned().refuses("system", "let_go", voice="ticket/web/third"),
    Code.NOTHING_PROPOSED: lambda: unsigned().refuses("dispatcher", "not_same", reason="x"),
    Code.RATED_ALREADY: lambda: (
        after(unsigned(), ("system", "absorb", {"voice": "ticket/web/third"}))
        .goes_on(Phase.CALLBACK)
        .refuses_again("reporter", "rate_voice", **VOICE_RATES)
    ),
    Code.OUTCOME_NOT_FOR_NATURE: lambda: handling().refuses("lead", "reply", outcome="adopted"),
    Code.CHECKER_HANDLED_IT: lambda: at(Phase.REVIEW).refuses("checker", "review", unit_of="roads"),
    Code.UNIT_REQUIRED: lambda: at(Phase.REVIEW).refuses("checker", "review", unit_of=None),
    Code.MISSING_UNIT: lambda: after(unsigned(), ("lead", "request_return", {})).refuses(
        "dispatcher", "answer_return", **AGREED
    ),
    Code.SAME_UNIT: lambda: unsigned().refuses("lead", "request_return", to="roads"),
    Code.NOT_A_STREET: lambda: unsigned().refuses(
        "lead", "whistle", units=["bins"], requirement="come"
    ),
    Code.NO_SUCH_DUTY: lambda: dispatching().refuses("dispatcher", "dispatch", lead="warden-mill"),
    Code.REQUEST_PENDING: lambda: after(unsigned(), ("lead", "request_return", {})).refuses(
        "lead", "request_return"
    ),
    Code.NO_REQUEST: lambda: unsigned().refuses("dispatcher", "answer_return", **AGREED),
    Code.RETURN_TOO_LATE: lambda: late(unsigned(WIRE), 2 * HOUR).refuses("lead", "request_return"),
    Code.RULED_MAY_NOT_RETURN: lambda: after(unsigned(), OPEN, ("arbiter", "rule", {})).refuses(
        "lead", "request_return"
    ),
    Code.DISPUTE_OPEN: lambda: after(unsigned(), OPEN).refuses("lead", "request_return"),
    Code.NO_DISPUTE: lambda: unsigned().refuses("arbiter", "rule"),
    Code.NO_RULING: lambda: unsigned().refuses("lead", "appeal", reason="early"),
    Code.RULED_FINALLY: lambda: after(
        unsigned(),
        OPEN,
        ("arbiter", "rule", {}),
        ("lead", "appeal", {"reason": "no"}),
        ("arbiter", "rule", {}),
    ).refuses("lead", "appeal", reason="no"),
    Code.CONSULTED_ALREADY: lambda: after(
        unsigned(), OPEN, ("arbiter", "consult", {"units": ["bins"]})
    ).refuses("arbiter", "consult", units=["bins"]),
    Code.ARBITER_IS_PARTY: lambda: after(unsigned(), OPEN).refuses(
        "arbiter", "rule", unit_of="roads"
    ),
    Code.URGENT_NOT_EXTENDED: lambda: handling(WIRE).refuses("lead", "request_extension", days=1),
    Code.OVERDUE_ALREADY: lambda: late(handling(), 30 * DAY).refuses("lead", "request_extension"),
    Code.EXTENDED_ENOUGH: lambda: after(handling(), *EXTENDED[0], *EXTENDED[1]).refuses(
        "lead", "request_extension"
    ),
    Code.TOO_LONG: lambda: handling().refuses("lead", "request_extension", days=100),
    Code.DATE_PAST: lambda: handling().refuses(
        "lead", "request_hold", review_on=(MONDAY - DAY).date()
    ),
    Code.ON_HOLD: lambda: after(handling(), *HELD).refuses("lead", "request_extension"),
    Code.NOT_ON_HOLD: lambda: handling().refuses("lead", "end_hold", reason="thaw"),
    Code.HELD_ENOUGH: lambda: after(handling(), *HELD, THAWED, *HELD, THAWED).refuses(
        "lead", "request_hold", review_on=(MONDAY + 9 * DAY).date()
    ),
    Code.MANDATORY_OPEN: lambda: after(
        handling(),
        ("dispatcher", "add_assisting", {"units": ["bins"], "mandatory": ["bins"]}),
    ).refuses("lead", "reply"),
    Code.ASSISTING_ALREADY: lambda: unsigned().refuses(
        "dispatcher", "add_assisting", units=["warden-mill"]
    ),
    Code.NOT_ASSISTING: lambda: unsigned().refuses("bins", "assist_reply", note="done"),
    Code.ARRIVED_ALREADY: lambda: after(unsigned(), ("lead", "arrive", {})).refuses(
        "lead", "arrive"
    ),
    Code.NO_ORDER: lambda: unsigned().refuses("lead", "feed_back", note="which?"),
    Code.NOT_A_LEVEL: lambda: unsigned().refuses("supervisor", "order", level="reminder"),
    Code.FED_BACK_ALREADY: lambda: after(
        unsigned(), ("supervisor", "order", {}), ("lead", "feed_back", {"note": "done"})
    ).refuses("lead", "feed_back", note="done"),
    Code.ALREADY_SO: lambda: unsigned(WIRE).refuses("supervisor", "set_urgency"),
    Code.NOTHING_TO_PLAN: lambda: unsigned().refuses(
        "supervisor", "replan", reason="a new table", years=[2031]
    ),
    Code.NOT_DISCARDED: lambda: after(
        at(Phase.UNSIGNED), ("reporter", "withdraw", {"reason": "x"})
    ).refuses("dispatcher", "overturn", reason="x"),
    Code.OVERTURNED_TO_NOTHING: lambda: alive("special offer: discount").refuses(
        "dispatcher", "overturn", reason="x", verdict="noise"
    ),
    Code.NOT_RAISED_BY_IT: lambda: unsigned(WIRE).refuses(
        "system", "set_urgency", urgency="general", incident="storm-1"
    ),
    Code.NO_BAD_RATING: lambda: at(Phase.CLOSED).refuses("lead", "appeal_rating", reason="x"),
    Code.RULED_STAYS: lambda: after(unsigned(), OPEN, ("arbiter", "rule", {})).refuses(
        "dispatcher", "move_to_list", reason="the list says so"
    ),
    Code.RETURNED_BEFORE: lambda: after(
        unsigned(), ("lead", "request_return", {}), ("dispatcher", "answer_return", TO_BINS)
    ).refuses("dispatcher", "move_to_list", reason="back to the list"),
    Code.NOT_IN_LISTS: nobody_listed,
    Code.APPEALED_ALREADY: lambda: after(
        at(Phase.CALLBACK),
        ("reporter", "rate", {"rating": {"overall": 1}}),
        ("lead", "appeal_rating", {"reason": "rain"}),
    ).refuses("lead", "appeal_rating", reason="rain"),
}
"""Every code, and how it comes about."""

OF_CHANNELS = {Code.NO_SUCH_CHANNEL, Code.NO_SUCH_ARRIVAL, Code.NOT_SET_ASIDE}

ELSEWHERE = {Code.NOT_FOUND, *OF_CHANGES, *OF_CHANNELS}
"""What no ticket can say of itself: see ``tests/workflows/test_doors``, ``test_duty_refusals``,
``tests/cli/test_channels``."""


@pytest.mark.parametrize("code", REFUSED)
def test_every_refusal_can_be_met(code: Code) -> None:
    assert REFUSED[code]() is code


def test_no_code_is_missing_here() -> None:
    assert set(REFUSED) | ELSEWHERE == set(Code)


# ---------------------------------------------------------------- more than one way to be refused


@pytest.mark.parametrize(
    ("who", "kind", "fields", "code"),
    [
        ("lead", "sign", {}, Code.WRONG_PHASE),
        ("roads", "verify", {}, Code.WRONG_ROLE),
        ("street_team", "verify", {"unit_of": "warden-harbour"}, Code.WRONG_UNIT),
        ("street_team", "verify", {"evidence": []}, Code.MISSING_EVIDENCE),
    ],
)
def test_while_verifying(who: str, kind: str, fields: dict[str, Any], code: Code) -> None:
    assert alive().refuses(who, kind, **fields) is code


@pytest.mark.parametrize(
    ("phase", "who", "kind", "fields", "code"),
    [
        (Phase.UNSIGNED, "bins", "progress", {"note": "ours?"}, Code.WRONG_UNIT),
        (Phase.HANDLING, "bins", "reply", {}, Code.WRONG_UNIT),
        (Phase.REVIEW, "checker", "rate", {}, Code.WRONG_PHASE),
        (Phase.CALLBACK, "checker", "rate", {"unit_of": "roads"}, Code.CHECKER_HANDLED_IT),
        (Phase.CALLBACK, "checker", "call", {"unit_of": None, "result": "declined"},
         Code.UNIT_REQUIRED),
        (Phase.CLOSED, "reporter", "rate", {}, Code.WRONG_PHASE),
        (Phase.CLOSED, "reporter", "withdraw", {"reason": "late"}, Code.WRONG_PHASE),
    ],
)  # fmt: skip
def test_while_handling_and_closing(
    phase: Phase, who: str, kind: str, fields: dict[str, Any], code: Code
) -> None:
    assert at(phase).refuses(who, kind, **fields) is code


def test_a_recheck_needs_a_picture() -> None:
    life = alive(LAMP, reporter=None)
    while life.ticket.phase is not Phase.RECHECK:
        life.goes_on(Phase.REVIEW).does("checker", "review")
    assert life.refuses("street_team", "recheck", fixed=True) is Code.MISSING_EVIDENCE
    nobody = {"fixed": True, "evidence": PROOF, "unit_of": None}
    assert life.refuses("street_team", "recheck", **nobody) is Code.UNIT_REQUIRED
    other = {"fixed": True, "evidence": PROOF, "unit_of": "warden-harbour"}
    assert life.refuses("street_team", "recheck", **other) is Code.WRONG_UNIT


def test_the_right_version_is_taken() -> None:
    life = unsigned()
    life.does("lead", "sign", expected_version=life.ticket.version)


def test_proof_from_the_future_is_refused() -> None:
    tomorrow = [proof(EvidenceKind.SITE_AFTER, MONDAY + DAY).model_dump()]
    told = {"note": "x", "evidence": tomorrow}
    assert unsigned().refuses("lead", "progress", **told) is Code.TIME_IN_FUTURE


def test_a_clock_that_is_a_little_wrong_is_forgiven() -> None:
    unsigned().does("lead", "sign", at=MONDAY + timedelta(minutes=4))


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"unknown_units": ("nobody",)}, Code.UNKNOWN_UNIT),
        ({"unknown_items": ("nothing",)}, Code.UNKNOWN_ITEM),
        ({"unknown_regions": ("nowhere",)}, Code.UNKNOWN_REGION),
        ({"not_streets": ("roads",)}, Code.NOT_A_STREET),
        ({"pushed_down": ("warden-mill",)}, Code.NO_SUCH_DUTY),
    ],
)
def test_names_that_the_lists_do_not_know_or_allow(
    facts: dict[str, tuple[str, ...]], code: Code
) -> None:
    assert by_facts(**facts) is code


def sign(**more: Any) -> dict[str, Any]:
    actor = {"role": "unit", "unit": "roads"}
    return {"kind": "sign", "id": "1", "actor": actor, "at": MONDAY, **more}


def note(text: str) -> dict[str, Any]:
    return sign(kind="progress", note=text)


@pytest.mark.parametrize(
    ("data", "code", "where"),
    [
        ("sign", Code.BAD_INPUT, "action"),
        (None, Code.BAD_INPUT, "action"),
        ({"kind": "explode"}, Code.UNKNOWN_ACTION, ""),
        ({}, Code.UNKNOWN_ACTION, ""),
        (sign(surprise=1), Code.BAD_INPUT, "surprise"),
        (sign(id=""), Code.BAD_INPUT, "id"),
        (sign(at="yesterday"), Code.BAD_INPUT, "at"),
        (sign(at="2026-11-16T10:00:00"), Code.BAD_INPUT, "at"),
        (sign(actor={"role": "king"}), Code.BAD_INPUT, "actor.role"),
        (note("x" * 1_000_000), Code.BAD_INPUT, "note"),
        (note("a\0b"), Code.BAD_INPUT, "note"),
        (note("\x1b[31mred"), Code.BAD_INPUT, "note"),
        (note("\ud800"), Code.BAD_INPUT, "note"),
        (sign(kind="rate", rating={"overall": 6}), Code.BAD_INPUT, "rating.overall"),
        (sign(kind="order", requirement="x", leader="the mayor"), Code.BAD_INPUT, "leader"),
        (sign(kind="request_extension", reason="x", days=0), Code.BAD_INPUT, "days"),
        (sign(kind="whistle", units=[], requirement="x"), Code.BAD_INPUT, "units"),
    ],
)
def test_bad_input_says_where(data: Any, code: Code, where: str) -> None:
    with pytest.raises(Refused) as told:
        parse_action(data)
    assert told.value.code is code
    assert told.value.facts.get("where", "") == where


def test_emoji_are_welcome() -> None:
    unsigned().does("lead", "progress", note="队伍已到场 🚧👷‍♀️\n明早完工")


def test_every_action_has_a_rule_and_a_role() -> None:
    assert set(machine.rights()) == set(KINDS.values())
    assert all(rule.roles and rule.phases for rule in machine.rights().values())
