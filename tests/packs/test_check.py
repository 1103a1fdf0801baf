"""Cross-checks of a pack: each mistake is found where it stands, and told once."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.packs.conftest import Town


ORDER = "rungs.handle.3.order.leader"


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "column", "message"),
    [
        # codes
        (
            "items.csv",
            "lamp,S",
            "lamp,A,,B,,,,\nlamp,S",
            4,
            "code",
            "'lamp' is already used on line 3",
        ),
        ("channels.csv", "wall,", "web,", 4, "code", "'web' is already used on line 3"),
        # regions
        ("regions.csv", "mill,north", "mill,moon", 5, "parent", "there is no region 'moon'"),
        ("regions.csv", "mill,north", "mill,", 5, "parent", "needs the code of the region above"),
        ("regions.csv", "mill,north", "mill,harbour", 5, "parent", "cannot lie in a street"),
        ("regions.csv", "TT,,city", "TT,mill,city", 2, "parent", "a city has no region above"),
        (
            "regions.csv",
            "north,TT,district",
            "north,,city",
            3,
            "level",
            "line 2 is the city already",
        ),
        (
            "regions.csv",
            "millbrook,mill",
            "millbrook,north",
            8,
            "parent",
            "a community lies in a street, not in a district",
        ),
        # places
        ("places.csv", "mill|harbour", "mill|moon", 2, "regions", "there is no region moon"),
        ("places.csv", "Ropewalk", "R", 6, "name", "would be found in every other text"),
        ("places.csv", "road,mill|harbour,,,", "road,mill,,1,1", 2, "lon", "a road is no point"),
        ("places.csv", "-8.61,41.15", "-8.61,", 4, "", "give both lon and lat"),
        ("places.csv", ",crossing,mill", ",bridge,mill", 5, "kind", "'bridge' is not one of"),
        ("places.toml", "spaced = true", "spaces = true", 2, "spaces", "is not known here"),
        (
            "places.toml",
            "spaced = true",
            'spaced = true\ncrossing_form = "{} at {x}"',
            3,
            "crossing_form",
            "must have {} twice",
        ),
        # units
        ("units.csv", "roads,TT", "roads,moon", 3, "region", "there is no region 'moon'"),
        ("units.csv", "Roads,\n", "Roads,ftp://x\n", 3, "webhook", "begin it with https://"),
        # pack.toml
        ("pack.toml", "Europe/Lisbon", "Mars/Base", 6, "timezone", "not a time zone"),
        ("pack.toml", "Europe/Lisbon", "../etc/passwd", 6, "timezone", "not a time zone"),
        ("pack.toml", '"town-desk"', '"desk"', 8, "centre", "there is no unit 'desk'"),
        ("pack.toml", '"warden"', '"guard"', 9, "street_team_role", "no unit has the role 'guard'"),
        ("pack.toml", "{serial:05d}", "{date}", 7, "number_pattern", "it has no {serial}"),
        ("pack.toml", "{serial:05d}", "{serial", 7, "number_pattern", "cannot be filled in"),
        ("pack.toml", "{serial:05d}", "{ward}{serial}", 7, "number_pattern", "{ward} is not known"),
        ("pack.toml", "{serial:05d}", "{serial.real}", 7, "number_pattern", "is not known"),
        ("pack.toml", "{serial:05d}", "{serial:09999d}", 7, "number_pattern", "number's form"),
        ("pack.toml", "TT-", "T" * 64, 7, "number_pattern", "longer than 64"),
        # duties
        ("duties.csv", "lamp,*", "lump,*", 3, "item", "there is no item 'lump'"),
        ("duties.csv", "fly-tip,harbour", "fly-tip,port", 8, "region", "there is no region 'port'"),
        ("duties.csv", "rescue|", "rescuers|", 5, "assisting", "there is no unit 'rescuers'"),
        ("duties.csv", "lamp,*,@roads", "lamp,*,@lights", 3, "lead", "has the role 'lights'"),
        ("duties.csv", "lamp,*,@roads", "lamp,*,roadz", 3, "lead", "a role is written @role"),
        ("duties.csv", "s.9,2025-01-01,", "s.9,2025-01-01,2024-12-31", 3, "valid_to", "before"),
        ("duties.csv", "fly-tip,harbour", "fly-tip,*", 8, "item", "from the same day on line 7"),
        # handlings
        ("handlings.csv", "@roads,road-hole", "@roads,hole", 2, "item", "there is no item 'hole'"),
        ("handlings.csv", "@roads,road", "@rods,road", 2, "unit", "has the role 'rods'"),
        ("handlings.csv", "warden-harbour", "dock", 4, "unit", "there is no unit 'dock'"),
        ("handlings.csv", "wire-down", "road-hole", 3, "unit", "on line 2 already"),
        # those whom a policy names
        ("policy.toml", '"lead/head" } }', '"crew/head" } }', 90, ORDER, "there is no unit 'crew'"),
        ("policy.toml", '"lead/head" } }', '"@crew/head" } }', 90, ORDER, "the role 'crew'"),
        ("policy.toml", '"lead/head" } }', '"lead" } }', 90, ORDER, "'lead' names nobody"),
        ("policy.toml", '"yellow_card"', '"overdue"', 90, "rungs.handle.3.kind", "each kind once"),
        # screening
        ("screening.toml", '"rescue"', '"brigade"', 13, "referrals.0.unit", "no unit 'brigade'"),
        ("screening.toml", 'unit = "rescue"\n', "", 10, "referrals.0.unit", "name the unit"),
        ("screening.toml", '"county-bus"', '"fire"', 18, "referrals.1.code", "each code once"),
        ("screening.toml", '["county bus"]', "[]", 20, "referrals.1.words", "never applies"),
        # calendars
        ("calendars/2026.csv", "2026-12-25", "2025-12-25", 6, "day", "is not in 2026"),
        ("calendars/2026.csv", "2026-04-03", "2026-01-01", 3, "day", "already on line 2"),
    ],
)
def test_a_mistake_is_told_once_where_it_stands(
    town: "Town", file: str, old: str, new: str, line: int, column: str, message: str
) -> None:
    town.change(file, old, new)
    problem = town.only()
    assert (problem.file, problem.line, problem.column) == (file, line, column)
    assert message in problem.message


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "column", "message"),
    [
        (
            "duties.csv",
            "bin-full,*,@bins,,",
            "bin-full,*,@bins,@bins,",
            6,
            "assisting",
            "leads already",
        ),
        (
            "duties.csv",
            "*,*,town",
            "*,south,town",
            0,
            "item",
            "responsible for 'opening-hours' in mill",
        ),
        ("units.csv", "bins,TT", "bins,south", 0, "", ""),
        ("units.csv", "rescue,TT", "roads,TT", 6, "role", "mean that one"),
        (
            "handlings.csv",
            "*,*,,,site_after\n",
            "",
            0,
            "evidence",
            "evidence of road-hole, lamp, sign-down and 4 more",
        ),
        ("units.csv", "bins,Bins", "lead,Bins", 0, "", ""),
        ("policy.toml", '"elapsed"', '"overdue"', 93, "rungs.hold", "nobody owes anything"),
        (
            "calendars/2026.csv",
            "2026-12-25,rest",
            "2026-12-25,work",
            6,
            "kind",
            "2026-12-25 is a Friday",
        ),
        ("places.toml", '["Tiny"]', '["Tinny"]', 11, "common_words", "is called Tinny"),
        (
            "places.csv",
            "Ropewalk,",
            "Ropewalk,community,harbour,,,\nRopewalk,",
            7,
            "name",
            "line 6",
        ),
        ("calendars/sources.toml", "2026 =", '2025 = "Old"\n2026 =', 0, "2025", "no table"),
    ],
)
def test_what_works_but_may_not_be_meant_is_a_warning(
    town: "Town", file: str, old: str, new: str, line: int, column: str, message: str
) -> None:
    town.change(file, old, new)
    found = town.problems()
    assert found
    assert all(problem.warning for problem in found)
    if message:
        assert [(p.file, p.line, p.column) for p in found] == [(file, line, column)]
        assert message in found[0].message


def test_a_circle_of_regions(town: "Town") -> None:
    town.change("regions.csv", "north,TT,district", "north,mill,district")
    found = [p for p in town.problems() if "lead back to it" in p.message]
    assert [(p.line, p.column) for p in found] == [(3, "parent"), (5, "parent")]
    assert "north > mill > north" in found[0].message


def test_a_role_filled_only_in_part_of_the_town(town: "Town") -> None:
    town.change("units.csv", "bins,TT", "bins,south")
    told = {(p.line, p.column, p.message) for p in town.problems()}
    assert (6, "lead", "no unit has the role 'bins' in mill (and on 2 more rows)") in told


def test_a_role_filled_nowhere_that_the_duty_holds(town: "Town") -> None:
    town.change("units.csv", "bins,TT", "bins,north")
    errors = [p for p in town.problems() if not p.warning]
    assert [(p.file, p.line, p.column) for p in errors] == [("duties.csv", 8, "assisting")]
    assert "anywhere in 'harbour'" in errors[0].message


def test_a_street_without_its_team(town: "Town") -> None:
    town.change("units.csv", "warden-market,Wardens of Market,warden,market,,\n", "")
    errors = [p for p in town.problems() if not p.warning]
    assert [(p.file, p.line) for p in errors] == [("pack.toml", 9)]
    assert "no unit has the role 'warden' in market" in errors[0].message


def test_a_newer_row_wins_with_a_warning(town: "Town") -> None:
    town.append("duties.csv", "lamp,*,@bins,,Roads Act s.9a,2026-07-01,\n")
    problem = town.only(warning=True)
    assert (problem.line, problem.column) == (11, "valid_from")
    assert "on line 3 still in force" in problem.message
    town.change("duties.csv", "s.9,2025-01-01,", "s.9,2025-01-01,2026-06-30")
    assert town.problems() == []


def test_calendars_that_leave_out_a_year(town: "Town") -> None:
    (town.folder / "calendars/2028.csv").write_text("day,kind,name\n")
    problem = town.only(warning=True)
    assert problem.message.startswith("the tables leap from 2026 to 2028")


def test_no_calendar_at_all(town: "Town") -> None:
    for path in (town.folder / "calendars").iterdir():
        path.unlink()
    assert "every deadline is provisional" in town.only(warning=True).message


def test_no_city(town: "Town") -> None:
    town.change("regions.csv", "TT,,city", "TT,,district")
    assert any("there is no city" in p.message for p in town.problems() if p.file == "regions.csv")
