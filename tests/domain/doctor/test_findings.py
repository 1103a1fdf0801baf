"""Each kind of finding, on lists made for it; and what must not be found."""

from datetime import date, timedelta

import pytest

from juanchi.domain.doctor import Kind, Severity, examine
from juanchi.domain.lists import Handling, Item
from juanchi.domain.policy import Policy
from juanchi.packs import read_pack, shipped
from tests.domain.doctor.lists import (
    LAMP,
    REGIONS,
    ROAD,
    TODAY,
    UNITS,
    brief,
    duty,
    found,
    item,
    lists,
    region,
    unit,
)
from tests.pure import TINYTOWN

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def test_a_gap_is_told_by_district() -> None:
    pack = lists(duty("road"), duty("lamp", "quay"))
    assert brief(found(pack, Kind.GAP)) == [("gap", "error", ("lamp",), ("pier", "hill"), ())]
    pack = lists(duty("road"), duty("lamp", "hill"))
    assert brief(found(pack, Kind.GAP)) == [("gap", "error", ("lamp",), ("east",), ())]
    pack = lists(duty("road"))
    assert brief(found(pack, Kind.GAP)) == [("gap", "error", ("lamp",), ("town",), ())]


def test_a_row_for_any_item_leaves_no_gap() -> None:
    assert found(lists(duty("road"), duty("*")), Kind.GAP) == []
    assert found(lists(duty("road"), duty("lamp", "east"), duty("*", "west")), Kind.GAP) == []


def test_a_gap_that_a_backstop_catches_is_a_warning() -> None:
    pack = lists(duty("road"), backstop="@office")
    assert brief(found(pack, Kind.GAP)) == [
        ("gap_backstop", "warning", ("lamp",), ("town",), ("@office",))
    ]
    [alone] = found(lists(duty("road"), backstop="@guard"), Kind.GAP)
    assert alone.severity is Severity.ERROR


def test_a_gap_since_its_rows_are_over() -> None:
    [gap] = found(lists(duty("road"), duty("lamp", valid_to=YESTERDAY)), Kind.GAP)
    assert gap.facts == {"ended": str(YESTERDAY)}
    assert found(lists(duty("road"), duty("lamp", valid_to=TODAY)), Kind.GAP) == []
    [gap] = found(lists(duty("road"), duty("lamp", valid_from=TOMORROW)), Kind.GAP)
    assert gap.facts == {}


def test_a_district_without_streets_is_a_place_of_its_own() -> None:
    more = (*REGIONS, region("isle", "town", "district"))
    pack = lists(duty("road"), duty("lamp", "east"), duty("lamp", "west"), regions=more)
    assert brief(found(pack, Kind.GAP)) == [("gap", "error", ("lamp",), ("isle",), ())]


def test_a_role_that_nobody_staffs_there() -> None:
    pack = lists(duty("road", lead="@guard"), duty("lamp", lead="@guard", assisting=("@office",)))
    assert brief(found(pack, Kind.UNSTAFFED)) == [
        ("no_lead", "error", ("road", "lamp"), ("pier", "hill"), ("@guard",))
    ]
    pack = lists(duty("road", assisting=("@guard",)), duty("road", "east", "@works"), duty("lamp"))
    # In the east the row for everywhere decides nothing, so nobody misses its guard there.
    assert brief(found(pack, Kind.UNSTAFFED)) == [
        ("no_assistant", "warning", ("road",), ("hill",), ("@guard",))
    ]


def test_names_that_mean_nothing() -> None:
    pack = lists(
        duty("road", lead="nobody", assisting=("@ghosts",)),
        duty("lamp", "atlantis"),
        duty("moon"),
        handlings=(Handling(unit="nobody", item="road"), Handling(unit="*", item="sun")),
        units=(*UNITS, unit("lost", "x", "mars")),
    )
    assert {(f.told, f.items, f.units, f.facts["name"]) for f in found(pack, Kind.UNKNOWN)} == {
        ("unknown_unit", ("road",), ("nobody",), "nobody"),
        ("unknown_role", ("road",), ("@ghosts",), "@ghosts"),
        ("unknown_region", ("lamp",), (), "atlantis"),
        ("unknown_region", (), (), "mars"),
        ("unknown_item", ("moon",), (), "moon"),
        ("unknown_item", ("sun",), (), "sun"),
    }


def test_two_leads_on_the_same_day() -> None:
    both = lists(duty("road", "east"), duty("road", "east", "quay-office"), duty("*"))
    assert brief(found(both, Kind.OVERLAP)) == [
        ("two_leads", "error", ("road",), ("east",), ("works", "quay-office"))
    ]
    later = lists(duty("*"), duty("*", lead="east-works", valid_from=TOMORROW))
    assert brief(found(later, Kind.OVERLAP)) == [
        ("two_leads_later", "warning", ("*",), ("*",), ("works", "east-works"))
    ]


@pytest.mark.parametrize(
    ("to", "since", "lead"),
    [
        (YESTERDAY, TODAY, "@office"),  # one after the other
        (YESTERDAY, date(2025, 2, 2), "@office"),  # they did overlap, but that is over
        (None, TODAY, "works"),  # the same lead
    ],
)
def test_no_overlap(to: date | None, since: date, lead: str) -> None:
    pack = lists(duty("*", valid_to=to), duty("*", lead=lead, valid_from=since))
    assert found(pack, Kind.OVERLAP) == []


def test_a_row_that_lasts_overlaps_also_the_one_after_the_next() -> None:
    pack = lists(
        duty("*"),
        duty("*", lead="a", valid_from=TODAY, valid_to=TODAY),
        duty("*", lead="b", valid_from=TOMORROW),
    )
    assert [f.units for f in found(pack, Kind.OVERLAP)] == [("works", "a"), ("works", "b")]


def test_work_pushed_down_to_a_street() -> None:
    pack = lists(duty("*"), duty("road"), duty("road", "quay", "@office", basis=" "))
    assert brief(found(pack, Kind.LEVEL)) == [
        ("pushed_down", "error", ("road",), ("quay",), ("@office", "works"))
    ]
    # The street has it everywhere: no department is relieved, but nothing says why it is theirs.
    pack = lists(duty("*"), duty("road", lead="@office", basis=""))
    assert brief(found(pack, Kind.LEVEL)) == [
        ("no_basis", "warning", ("road",), ("*",), ("@office",))
    ]
    pack = lists(duty("*"), duty("road"), duty("road", "quay", "@office", basis="Act 2"))
    assert found(pack, Kind.LEVEL) == []
    pack = lists(duty("*"), duty("road", "east", "east-works", basis=""))
    assert found(pack, Kind.LEVEL) == []


def test_a_unit_that_leads_where_it_is_not_competent() -> None:
    pack = lists(duty("*"), duty("road", "east", "quay-office"))
    assert brief(found(pack, Kind.LEVEL)) == [
        ("outside", "error", ("road",), ("pier",), ("quay-office",))
    ]
    pack = lists(duty("*", lead="east-works"))
    assert [f.regions for f in found(pack, Kind.LEVEL)] == [("hill",)]
    pack = lists(duty("*"), duty("road", "quay", "east-works"), duty("lamp", "west", "works"))
    assert found(pack, Kind.LEVEL) == []


def test_rows_that_never_decide() -> None:
    def told(*rows: object) -> list[tuple[object, ...]]:
        pack = lists(*rows, items=(ROAD,))  # type: ignore[arg-type]
        return [(f.told, f.items, f.regions, f.units) for f in found(pack, Kind.SHADOWED)]

    old = duty("road", lead="old")
    assert told(old, duty("road", valid_from=TODAY)) == [
        ("shadowed", ("road",), ("*",), ("old", "works"))
    ]
    # Until tomorrow it still decides; or again when the other is over.
    assert told(old, duty("road", valid_from=TOMORROW)) == []
    assert told(old, duty("road", valid_from=TODAY, valid_to=TOMORROW)) == []
    # One after the other they leave it no day.
    after = duty("road", valid_from=TODAY + timedelta(days=2))
    assert told(old, duty("road", valid_from=TODAY, valid_to=TOMORROW), after) != []
    # A row for the city comes before one for everywhere; those for all its districts do not:
    # a place may be known no better than the city.
    assert told(old, duty("road", "town")) == [("shadowed", ("road",), ("*",), ("old", "works"))]
    assert told(old, duty("road", "east"), duty("road", "west")) == []
    backwards = duty("road", valid_from=TODAY, valid_to=YESTERDAY)
    assert told(old, backwards) == [("backwards", ("road",), ("*",), ("works",))]
    # Of two from the same day the first decides.
    assert told(old, duty("road", lead="copy"))[0][3] == ("copy", "old")


def test_a_row_for_any_item_decides_nothing_when_each_has_its_own() -> None:
    anything = duty("*", lead="@office")
    [shadow] = found(lists(duty("road"), duty("lamp"), anything), Kind.SHADOWED)
    assert (shadow.told, shadow.items, shadow.units) == ("shadowed_by_items", ("*",), ("@office",))
    assert found(lists(duty("road"), duty("lamp", "east"), anything), Kind.SHADOWED) == []
    ends = duty("lamp", valid_to=TOMORROW)
    assert found(lists(duty("road"), ends, anything), Kind.SHADOWED) == []
    local = duty("*", "quay", "@office")
    [shadow] = found(lists(duty("road"), duty("lamp", "east"), local), Kind.SHADOWED)
    assert shadow.regions == ("quay",)


def test_rows_that_end_soon() -> None:
    soon = TODAY + timedelta(days=30)
    row = duty("road", "east", valid_to=soon)
    assert brief(found(lists(row, duty("lamp")), Kind.ENDING)) == [
        ("ending_gap", "warning", ("road",), ("east",), ("works",))
    ]
    assert brief(found(lists(row, duty("*", lead="@office")), Kind.ENDING)) == [
        ("ending", "warning", ("road",), ("east",), ("works", "@office"))
    ]
    heir = duty("road", "east", valid_from=soon + timedelta(days=1))
    assert found(lists(row, heir, duty("*")), Kind.ENDING) == []
    late = duty("road", "east", valid_to=soon + timedelta(days=1))
    assert found(lists(late, duty("*")), Kind.ENDING) == []
    assert examine(lists(late, duty("*")), TODAY, soon=31).of(Kind.ENDING) != ()
    for_ever = duty("road", "east", valid_to=date.max)
    assert examine(lists(for_ever, duty("*")), date.max).of(Kind.ENDING) == ()


def test_units_that_nothing_leads_to() -> None:
    def dead(**changes: object) -> set[str]:
        pack = lists(duty("*"), duty("road", "east", "@works"), **changes)
        return {f.units[0] for f in found(pack, Kind.DEAD_UNIT)}

    assert dead() == {"quay-guard"}
    assert dead(backstop="@guard") == set()
    # The role is asked for in the west only, where the town's own unit staffs it.
    pack = lists(duty("*"), duty("road", "west", "@works"))
    assert {f.units[0] for f in found(pack, Kind.DEAD_UNIT)} == {"east-works", "quay-guard"}
    old = lists(duty("*"), duty("road", lead="@guard", valid_to=YESTERDAY))
    assert {f.units[0] for f in found(old, Kind.DEAD_UNIT)} == {"east-works", "quay-guard"}


def test_a_unit_that_only_a_policy_names_is_not_dead() -> None:
    pack = lists(duty("*"), duty("road", "east", "@works"))
    rung = {"kind": "overdue", "at": "due", "tell": ["quay-guard/head"]}
    policy = Policy.model_validate(
        {**pack.policy.model_dump(mode="json"), "rungs": {"default": [rung]}}
    )
    assert found(pack.model_copy(update={"policy": policy}), Kind.DEAD_UNIT) == []


def unreachable(*items: Item) -> list[tuple[str, str, tuple[str, ...]]]:
    pack = lists(duty("*"), items=items)
    return [(f.told, f.severity.value, f.items) for f in found(pack, Kind.UNREACHABLE)]


def test_items_that_no_text_leads_to() -> None:
    bare = Item(code="bare", category="c", name="…")
    assert unreachable(bare, ROAD) == [("no_words", "error", ("bare",))]
    inside = Item(code="inside", category="c", name="Pothole")
    wide = Item(code="wide", category="c", name="Road", keywords=("POTHOLE", "crack"))
    assert unreachable(inside, wide) == [("hidden", "warning", ("inside", "wide"))]
    twin = Item(code="twin", category="c", name="pothole")
    assert unreachable(inside, twin) == [("hidden", "warning", ("inside", "twin"))]
    # Inside a longer word of another it is still found where the longer word is not.
    longer = Item(code="longer", category="c", name="pothole on a bridge")
    assert unreachable(inside, longer) == []


def test_items_whose_rows_are_over() -> None:
    pack = lists(duty("*"), duty("lamp", valid_to=YESTERDAY))
    assert [(f.told, f.items) for f in found(pack, Kind.UNREACHABLE)] == [("ended", ("lamp",))]


def test_items_nearly_the_same() -> None:
    def told(*items: Item) -> list[tuple[str, tuple[str, ...]]]:
        return [(f.told, f.items) for f in found(lists(duty("*"), items=items), Kind.ALIKE)]

    assert told(ROAD, LAMP) == []
    same = item("a", name="Street lamp out"), item("b", name="street lamp: out!")
    assert told(*same) == [("same_name", ("a", "b"))]
    near = item("a", name="Street lamp is out"), item("b", name="Street lamps out")
    assert told(*near) == [("names_alike", ("b", "a"))]
    words = item("a", "x1", "x2", "x3", name="one"), item("b", "x1", "x2", "x3", "x4", name="two")
    assert told(*words) == [("words_alike", ("a", "b"))]
    single = item("a", "x1", name="one"), item("b", "x1", name="two")
    assert told(*single) == []


def test_what_lies_in_the_shipped_lists() -> None:
    shenzhen = examine(read_pack(shipped("shenzhen")), TODAY).findings
    assert [f for f in shenzhen if f.severity is Severity.ERROR] == []
    assert {f.kind for f in shenzhen} == {Kind.GAP, Kind.DEAD_UNIT}
    assert examine(read_pack(TINYTOWN), TODAY).findings == ()


def test_the_worst_come_first_within_their_kind() -> None:
    pack = lists(duty("road", "east", "ghost"), duty("lamp", "quay", lead="@ghosts"))
    findings = examine(pack, TODAY).findings
    order = [(list(Kind).index(f.kind), list(Severity).index(f.severity)) for f in findings]
    assert order == sorted(order)
    assert examine(pack, TODAY).errors == sum(f.severity is Severity.ERROR for f in findings)
