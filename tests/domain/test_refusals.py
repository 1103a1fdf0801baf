"""Every refusal: a stable code, and nothing has changed."""

from datetime import timedelta
from typing import Any

import pytest

from juanchi.domain import machine
from juanchi.domain.actions import KINDS, parse_action
from juanchi.domain.messages import Facts
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.terms import EvidenceKind, Role
from juanchi.domain.ticket import Clue, Phase, Reporter
from tests.pure import MONDAY, PureEngine, proof, tinytown

TOOLS = tinytown()


def life(until: Phase = Phase.VERIFYING, **more: Any) -> PureEngine:
    """A pothole in Mill Parish that has come as far as this phase."""
    clue = {
        "channel": "wall",
        "external_id": "1",
        "text": "a deep pothole in Mill Parish",
        "reported_at": MONDAY,
        "reporter": Reporter(id="r-1"),
        **more,
    }
    engine = PureEngine(TOOLS, Clue.model_validate(clue))
    way: list[tuple[Phase, dict[str, Any]]] = [
        (Phase.VERIFYING, asks("verify", "warden-mill", verdict="confirmed", evidence=PROOF)),
        (Phase.UNSIGNED, asks("sign", "roads")),
        (
            Phase.HANDLING,
            asks("reply", "roads", outcome="solved", public="mended", evidence=PROOF),
        ),
        (Phase.REVIEW, asks("review", "town-desk", accepted=True)),
        (Phase.CALLBACK, asks("rate", None, rating={"overall": 5})),
    ]
    for phase, data in way:
        if engine.ticket.phase is until:
            break
        assert engine.ticket.phase is phase
        engine.act(parse_action(data))
    assert engine.ticket.phase is until
    return engine


PROOF = [proof(kind).model_dump() for kind in EvidenceKind]
DOES = {
    "verify": Role.STREET_TEAM,
    "sign": Role.UNIT,
    "reply": Role.UNIT,
    "progress": Role.UNIT,
    "review": Role.CHECKER,
    "rate": Role.REPORTER,
    "press": Role.SUPERVISOR,
    "merge": Role.DISPATCHER,
    "dispatch": Role.DISPATCHER,
    "withdraw": Role.REPORTER,
    "reopen": Role.REPORTER,
}


def asks(kind: str, unit: str | None = None, **more: Any) -> dict[str, Any]:
    """An action by the role that may do it."""
    role = more.pop("role", DOES[kind])
    return {
        "kind": kind,
        "id": kind,
        "actor": {"role": role, "unit": unit},
        "at": MONDAY,
        **more,
    }


def refused(engine: PureEngine, data: Any, facts: Facts | None = None) -> Code:
    """The code with which a ticket refuses; and that it has not moved."""
    before = engine.ticket
    with pytest.raises(Refused) as told:
        machine.decide(engine.ticket, parse_action(data), engine.now, facts or Facts())
    assert engine.ticket == before
    return told.value.code


VERIFIES = asks("verify", "warden-mill", verdict="confirmed", evidence=PROOF)
REPLIES = asks("reply", "roads", outcome="solved", public="mended", evidence=PROOF)
REVIEWS = asks("review", "town-desk", accepted=True)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (asks("sign", "roads"), Code.WRONG_PHASE),
        ({**VERIFIES, "actor": {"role": "unit"}}, Code.WRONG_ROLE),
        ({**VERIFIES, "actor": {"role": "street_team", "unit": "x"}}, Code.WRONG_UNIT),
        ({**VERIFIES, "evidence": []}, Code.MISSING_EVIDENCE),
        ({**VERIFIES, "verdict": "already_handled"}, Code.MISSING_SURVIVOR),
        (asks("merge", into="ticket/wall/1", reason="same"), Code.MERGE_INTO_ITSELF),
    ],
)
def test_while_verifying(data: dict[str, Any], code: Code) -> None:
    assert refused(life(Phase.VERIFYING), {**data, "id": "now"}) is code


@pytest.mark.parametrize(
    ("until", "data", "code"),
    [
        (Phase.UNSIGNED, asks("sign", "bins"), Code.WRONG_UNIT),
        (Phase.UNSIGNED, asks("progress", "bins", note="ours?"), Code.WRONG_UNIT),
        (Phase.UNSIGNED, REPLIES, Code.WRONG_PHASE),
        (Phase.HANDLING, {**REPLIES, "evidence": []}, Code.MISSING_EVIDENCE),
        (Phase.HANDLING, {**REPLIES, "outcome": "adopted"}, Code.OUTCOME_NOT_FOR_NATURE),
        (Phase.REVIEW, asks("review", "roads", accepted=True), Code.CHECKER_HANDLED_IT),
        (Phase.REVIEW, {**REVIEWS, "accepted": False}, Code.MISSING_REASON),
        (Phase.CLOSED, asks("rate", None, rating={"overall": 1}), Code.WRONG_PHASE),
        (Phase.CLOSED, asks("withdraw", reason="late"), Code.WRONG_PHASE),
    ],
)
def test_while_handling_and_closing(until: Phase, data: dict[str, Any], code: Code) -> None:
    # Another id than any on the way here: the same id would be the same action.
    assert refused(life(until), {**data, "id": "now"}) is code


def test_a_stale_version_is_refused() -> None:
    engine = life(Phase.UNSIGNED)
    stale = engine.ticket.version - 1
    assert refused(engine, asks("sign", "roads", expected_version=stale)) is Code.STALE_VERSION
    engine.act(parse_action(asks("sign", "roads", expected_version=engine.ticket.version)))


def test_a_time_in_the_future_is_refused() -> None:
    engine = life(Phase.UNSIGNED)
    tomorrow = MONDAY + timedelta(days=1)
    assert refused(engine, {**asks("sign", "roads"), "at": tomorrow}) is Code.TIME_IN_FUTURE
    later = [proof(EvidenceKind.SITE_AFTER, tomorrow).model_dump()]
    tells = asks("progress", "roads", note="x", evidence=later)
    assert refused(engine, tells) is Code.TIME_IN_FUTURE


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (Facts(unknown_units=("nobody",)), Code.UNKNOWN_UNIT),
        (Facts(unknown_items=("nothing",)), Code.UNKNOWN_ITEM),
        (Facts(unknown_regions=("nowhere",)), Code.UNKNOWN_REGION),
        (Facts(outside=("0,0",)), Code.PLACE_OUTSIDE),
    ],
)
def test_names_that_the_lists_do_not_know(facts: Facts, code: Code) -> None:
    engine = life(Phase.DISPATCHING, text="the lamp by the tree", channel="web")
    assert refused(engine, asks("dispatch", item="lamp", lead="roads"), facts) is code


def test_an_ended_ticket_says_so() -> None:
    engine = life()
    engine.act(parse_action(asks("withdraw", reason="gone")))
    assert refused(engine, asks("sign", "roads")) is Code.ENDED


@pytest.mark.parametrize(
    ("data", "code", "where"),
    [
        ("sign", Code.BAD_INPUT, "action"),
        (None, Code.BAD_INPUT, "action"),
        ({"kind": "explode"}, Code.UNKNOWN_ACTION, ""),
        ({}, Code.UNKNOWN_ACTION, ""),
        (asks("sign", "roads", surprise=1), Code.BAD_INPUT, "surprise"),
        ({**asks("sign"), "id": ""}, Code.BAD_INPUT, "id"),
        ({**asks("sign"), "at": "yesterday"}, Code.BAD_INPUT, "at"),
        ({**asks("sign"), "at": "2026-11-16T10:00:00"}, Code.BAD_INPUT, "at"),
        ({**asks("sign"), "actor": {"role": "king"}}, Code.BAD_INPUT, "actor.role"),
        (asks("progress", "roads", note="x" * 1_000_000), Code.BAD_INPUT, "note"),
        (asks("progress", "roads", note="a\0b"), Code.BAD_INPUT, "note"),
        (asks("progress", "roads", note="\x1b[31mred"), Code.BAD_INPUT, "note"),
        (asks("progress", "roads", note="\ud800"), Code.BAD_INPUT, "note"),
        (asks("rate", None, rating={"overall": 6}), Code.BAD_INPUT, "rating.overall"),
    ],
)
def test_bad_input_says_where(data: Any, code: Code, where: str) -> None:
    with pytest.raises(Refused) as told:
        parse_action(data)
    assert told.value.code is code
    assert told.value.facts.get("where", "") == where


def test_emoji_are_welcome() -> None:
    engine = life(Phase.UNSIGNED)
    engine.act(parse_action(asks("progress", "roads", note="队伍已到场 🚧👷‍♀️\n明早完工")))


def test_every_action_has_a_rule_and_a_role() -> None:
    assert set(machine.rights()) == set(KINDS.values())
    assert all(rule.roles and rule.phases for rule in machine.rights().values())
