"""Policies: limits, rungs and terms; who is named in them; which version holds on a day."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from juanchi.domain.duties import Directory
from juanchi.domain.holders import parse, post_of, resolve, unit_of
from juanchi.domain.lists import CalendarYear, Pack, Unit, with_calendar, with_policy
from juanchi.domain.policy import DEFAULT_LIMITS, OrderSpec, Policy, RungSpec, Terms
from juanchi.domain.terms import ClockName, Nature, RungKind, Trigger, Urgency
from juanchi.packs import read_pack

TINYTOWN = Path(__file__).parents[1] / "packs/tinytown"
GENERAL, URGENT = Urgency.GENERAL, Urgency.URGENT

# As the first release wrote it: no terms, no orders, nine clocks.
OLD: dict[str, Any] = {
    "code": "old",
    "version": "1",
    "valid_from": "2025-01-01",
    "service_hours": [{"opens": "10:00:00", "closes": "13:00:00"}],
    "limits": {
        name: {"default": {"kind": "working_days", "amount": 2.0, "cutoff": None, "else_at": None}}
        for name in (
            *("triage", "verify", "dispatch", "sign", "handle"),
            *("review", "callback", "reopen", "watch"),
        )
    },
    "rungs": {
        "default": [
            {"kind": "reminder", "at": "50%"},
            {"kind": "reminder", "at": "75%"},
            {"kind": "overdue", "at": "due"},
        ],
        "reopen": [{"kind": "elapsed", "at": "due"}],
        "watch": [{"kind": "pressed", "at": "due"}],
    },
    "rework": {"share": 0.5, "least": {"kind": "working_days", "amount": 1.0}},
    "item_limits": True,
    "callback_tries": 3,
    "callback_days": 2,
}
ORDER = {"leader": "lead/head", "requirement": "mend it", "copies": ["centre/mayor"]}


def policy(**changes: Any) -> Policy:
    return Policy.model_validate(OLD | changes)


def with_rungs(**ladders: Any) -> Policy:
    return policy(rungs={"default": [{"kind": "overdue", "at": "due"}], **ladders})


def version(name: str, valid_from: str) -> Policy:
    return policy(version=name, valid_from=valid_from)


# ------------------------------------------------------------ limits


def test_a_policy_of_the_first_release_still_holds() -> None:
    old = policy()
    assert Policy.model_validate_json(old.model_dump_json()) == old
    assert old.terms == Terms()
    for clock in ClockName:
        assert old.limit(clock, None, GENERAL).amount > 0
        assert old.rungs_of(clock) or clock is ClockName.RETURN_WINDOW


@pytest.mark.parametrize(
    ("clock", "urgency", "limit"),
    [
        (ClockName.ON_SITE, URGENT, "1d"),
        (ClockName.RETURN_WINDOW, GENERAL, "1wd"),
        (ClockName.RETURN_WINDOW, URGENT, "2h"),
        (ClockName.RETURN, GENERAL, "4wh"),
        (ClockName.EXTENSION, GENERAL, "4wh"),
        (ClockName.HOLD_REQUEST, URGENT, "30m"),
        (ClockName.HOLD, GENERAL, "30d"),
        (ClockName.ASSIST, GENERAL, "5wd"),
        (ClockName.WHISTLE, URGENT, "1h"),
        (ClockName.ARBITRATION, GENERAL, "1wd"),
        (ClockName.APPEAL, GENERAL, "1wd"),
        (ClockName.ORDER, GENERAL, "2wd"),
        (ClockName.RATING_APPEAL, GENERAL, "1wd"),
    ],
)
def test_clocks_that_a_policy_does_not_name_have_built_in_limits(
    clock: ClockName, urgency: Urgency, limit: str
) -> None:
    old = policy()
    assert str(old.limit(clock, Nature.REQUEST, urgency)) == limit
    key = old.limit_key(clock, None, urgency)
    assert old.rule(clock, key) == f"built-in limits.{clock.value}.{key}"


def test_a_clock_that_a_policy_names_has_no_built_in_limit_left() -> None:
    own = policy(limits={**OLD["limits"], "arbitration": {"default": "6s"}})
    assert dict(own.limits_of(ClockName.ARBITRATION)).keys() == {"default"}
    assert own.rule(ClockName.ARBITRATION, "default") == "policy old@1 limits.arbitration.default"
    assert str(DEFAULT_LIMITS[ClockName.ARBITRATION]["joint"]) == "3wd"


def test_only_an_arbitration_can_be_joint() -> None:
    limits = OLD["limits"]
    joint = policy(limits={**limits, "arbitration": {"default": "1wd", "joint": "4wd"}})
    assert str(joint.limits_of(ClockName.ARBITRATION)["joint"]) == "4wd"
    with pytest.raises(ValidationError, match=r"limits.sign: unknown key 'joint'"):
        policy(limits={**limits, "sign": {"default": "1wd", "joint": "4wd"}})


# ------------------------------------------------------------ rungs


def test_an_urgent_ticket_has_rungs_of_its_own_where_the_policy_gives_it_some() -> None:
    ruled = with_rungs(
        sign=[{"kind": "reminder", "at": "50%"}],
        **{"sign.urgent": [{"kind": "escalated", "at": "due", "tell": ["centre/duty_leader"]}]},
    )
    assert [rung.kind for rung in ruled.rungs_of(ClockName.SIGN)] == [RungKind.REMINDER]
    (urgent,) = ruled.rungs_of(ClockName.SIGN, URGENT)
    assert (urgent.kind, urgent.tell) == (RungKind.ESCALATED, ("centre/duty_leader",))
    assert ruled.rungs_of(ClockName.HANDLE, URGENT) == ruled.rungs["default"]


def test_what_rings_on_clocks_that_nobody_named() -> None:
    ruled = with_rungs()
    assert ruled.rungs_of(ClockName.RETURN_WINDOW) == ()
    assert ruled.rungs_of(ClockName.HOLD) == (RungSpec(kind=RungKind.ELAPSED, at="due"),)
    assert ruled.rungs_of(ClockName.ASSIST) == ruled.rungs["default"]
    own = with_rungs(hold=[{"kind": "reminder", "at": "90%"}, {"kind": "elapsed", "at": "due"}])
    assert [rung.kind for rung in own.rungs_of(ClockName.HOLD)] == ["reminder", "elapsed"]


@pytest.mark.parametrize(
    "at", ["1%", "due", "due+1wd", "due-1wd", "due-90m", "80%|due-1wd", "due-2h|due-1wd|50%"]
)
def test_moments_on_a_clock(at: str) -> None:
    spec = RungSpec(kind=RungKind.REMINDER, at=at)
    assert RungSpec.model_validate_json(spec.model_dump_json()) == spec
    assert len(spec.marks) == at.count("|") + 1


@pytest.mark.parametrize(
    "at", ["100%", "due-", "due -1wd", "80%|", "|due", "80% | due", "due-1.5h", "due*2", ""]
)
def test_what_is_no_moment_on_a_clock(at: str) -> None:
    with pytest.raises(ValidationError, match="pattern"):
        RungSpec(kind=RungKind.REMINDER, at=at)


def test_a_rung_years_away_is_a_typing_error() -> None:
    for at in ("due-99999wd", "80%|due+99999d"):
        with pytest.raises(ValidationError, match="at most ten years"):
            RungSpec(kind=RungKind.REMINDER, at=at)


@pytest.mark.parametrize(
    ("one", "other", "fine"),
    [
        ("80%|due-1wd", "due", True),
        ("50%", "80%|due-1wd", True),
        ("due-1wd", "due", True),
        ("99%", "due-1h", True),
        ("due-1h", "80%", False),
        ("due", "80%|due-1wd", False),
        ("due+1wd", "due", False),
        ("due", "due-1h", False),
    ],
)
def test_rungs_are_written_in_the_order_of_pressure(one: str, other: str, fine: bool) -> None:
    ladder = [{"kind": "reminder", "at": one}, {"kind": "overdue", "at": other}]
    if fine:
        assert len(with_rungs(handle=ladder).rungs_of(ClockName.HANDLE)) == 2
        return
    with pytest.raises(ValidationError, match="is listed after"):
        with_rungs(handle=ladder)


@pytest.mark.parametrize("clock", ["return_window", "default.urgent", "sign.general", "lunch"])
def test_clocks_that_never_ring(clock: str) -> None:
    with pytest.raises(ValidationError, match="unknown clocks"):
        with_rungs(**{clock: []})


# ------------------------------------------------------------ terms


def test_terms_and_the_orders_that_triggers_bring() -> None:
    ruled = policy(
        terms={"holds": 0, "triggers": {"refusing": {"level": "yellow_card", "order": ORDER}}}
    )
    assert (ruled.terms.holds, ruled.terms.reworks) == (0, 3)
    assert ruled.terms.triggers[Trigger.REFUSING].order == OrderSpec(
        leader="lead/head", requirement="mend it", copies=("centre/mayor",)
    )
    assert Policy.model_validate_json(ruled.model_dump_json()) == ruled


@pytest.mark.parametrize(
    "terms",
    [
        {"refused_returns": 0},
        {"extension_days": 0},
        {"extensions": -1},
        {"hold_days": 367},
        {"reworks": 0},
        {"voices": 0},
        {"strong_hours": -1},
        {"triggers": {"boredom": {"level": "yellow_card", "order": ORDER}}},
        {"triggers": {"reworks": {"level": "elapsed", "order": ORDER}}},
        {"patience": 3},
    ],
)
def test_terms_that_make_no_sense(terms: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        policy(terms=terms)


# ------------------------------------------------------------ who is named


@pytest.mark.parametrize(
    ("text", "holder"),
    [
        ("lead/head", "lead/head"),
        ("centre/duty_leader", "town-desk/duty_leader"),
        ("@roads/head", "south-roads/head"),
        ("@warden/head", "warden-harbour/head"),
        ("@nobody/leader", "town-desk/leader"),
        ("rescue/chief", "rescue/chief"),
        ("supervisor", "supervisor"),
    ],
)
def test_expressions_find_their_holders(text: str, holder: str) -> None:
    directory = Directory.of(read_pack(TINYTOWN))
    assert resolve(text, directory, "town-desk", "harbour") == holder
    assert resolve("@roads/head", directory, "town-desk", "mill") == "roads/head"
    assert resolve("@warden/head", directory, "town-desk", None) == "town-desk/head"


@pytest.mark.parametrize(
    "text",
    ["lead", "roads", "reporter", "unit", "/head", "lead/", "lead/Head", "lead/head/deputy",
     "@/head", "le ad/head", "@roads", "lead/head\n", ""],
)  # fmt: skip
def test_expressions_that_name_nobody(text: str) -> None:
    with pytest.raises(ValueError, match="names nobody"):
        parse(text)
    with pytest.raises(ValidationError, match="names nobody"):
        with_rungs(handle=[{"kind": "yellow_card", "at": "due", "order": {"leader": text}}])
    with pytest.raises(ValidationError, match="names nobody"):
        with_rungs(handle=[{"kind": "yellow_card", "at": "due", "tell": [text]}])


def test_the_parts_of_a_holder() -> None:
    assert (unit_of("roads/head"), post_of("roads/head")) == ("roads", "head")
    assert (unit_of("roads"), post_of("roads")) == ("roads", "")
    assert (unit_of("supervisor"), post_of("supervisor")) == ("", "")


def test_orders_and_terms_are_addressed_as_a_whole() -> None:
    def find(text: str) -> str:
        return text.replace("centre/", "desk/")

    order = OrderSpec.model_validate(ORDER)
    assert order.resolved(find).copies == ("desk/mayor",)
    terms = Terms.model_validate({"triggers": {"reworks": {"level": "reported", "order": ORDER}}})
    resolved = terms.resolved(find)
    assert resolved.triggers[Trigger.REWORKS].order.copies == ("desk/mayor",)
    assert resolved.triggers[Trigger.REWORKS].level is RungKind.REPORTED


def test_the_leaders_of_a_unit() -> None:
    unit = Unit(
        code="roads", name="Roads", role="roads", region="TT",
        leaders=("deputy_head=Grace", "head = Ada Byron"),
    )  # fmt: skip
    assert unit.leader("head") == "Ada Byron"
    assert unit.leader("deputy_head") == "Grace"
    assert unit.leader("mayor") == ""


# ------------------------------------------------------------ which version holds


@pytest.fixture(scope="module")
def pack() -> Pack:
    return read_pack(TINYTOWN)


def test_a_pack_of_the_first_release_still_loads(pack: Pack) -> None:
    stored = pack.model_dump(mode="json")
    del stored["policies"], stored["backstop"], stored["policy"]["terms"]
    for row in stored["duties"]:
        del row["mandatory"]
    for row in stored["units"]:
        del row["leaders"]
    stored["policy"] |= {"rungs": OLD["rungs"], "limits": OLD["limits"]}
    old = Pack.model_validate(stored)
    assert old.policy_on(date(2020, 1, 1)) == old.policy_on(date(2030, 1, 1)) == old.policy


@pytest.mark.parametrize(
    ("day", "holds"),
    [
        ("2020-01-01", "a"),  # before all of them: the earliest
        ("2025-12-31", "a"),
        ("2026-01-01", "c"),
        ("2026-06-30", "c"),
        ("2026-07-01", "d"),  # two from one day: the one added later
        ("2030-01-01", "d"),
    ],
)
def test_the_policy_on_a_day(pack: Pack, day: str, holds: str) -> None:
    versions = [version("b", "2026-07-01"), version("c", "2026-01-01"), version("d", "2026-07-01")]
    grown = pack.model_copy(update={"policy": version("a", "2025-01-01")})
    for further in versions:
        grown = with_policy(grown, further)
    assert grown.policy_on(date.fromisoformat(day)).version == holds
    assert Pack.model_validate(grown.model_dump()) == grown


def test_the_same_version_is_replaced_where_it_stands(pack: Pack) -> None:
    further = version("2", "2026-01-01")
    grown = with_policy(with_policy(pack, further), version("3", "2026-02-01"))
    changed = with_policy(grown, further.model_copy(update={"callback_tries": 9}))
    assert [one.version for one in changed.policies] == ["2", "3"]
    assert changed.policies[0].callback_tries == 9
    first = pack.policy.model_copy(update={"callback_tries": 9})
    assert with_policy(grown, first).policy.callback_tries == 9
    assert with_policy(grown, first).policies == grown.policies


def test_no_version_twice(pack: Pack) -> None:
    twice = {**pack.model_dump(), "policies": [pack.policy.model_dump()]}
    with pytest.raises(ValidationError, match="policy tinytown@1 is there twice"):
        Pack.model_validate(twice)


def test_a_further_calendar(pack: Pack) -> None:
    one, other = CalendarYear(year=2027, days=()), CalendarYear(year=2025, days=())
    grown = with_calendar(with_calendar(pack, one), other)
    assert [table.year for table in grown.calendars] == [2025, 2026, 2027]
    again = with_calendar(grown, CalendarYear(year=2027, source="decree", days=()))
    assert [table.source for table in again.calendars if table.year == 2027] == ["decree"]
