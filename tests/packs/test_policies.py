"""Further versions of a policy, single files, and what else a pack may say about its people."""

import csv
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from juanchi.domain.policy import OrderSpec
from juanchi.domain.terms import ClockName, RungKind, Trigger, Urgency
from juanchi.packs import (
    PackErrors,
    Problem,
    examine,
    examine_calendar_file,
    examine_policy_file,
    read_calendar_file,
    read_pack,
    read_policy_file,
    shipped,
)

if TYPE_CHECKING:
    from tests.packs.conftest import Town

TINYTOWN = Path(__file__).parent / "tinytown"


def further(town: "Town", name: str = "2027.toml", **changes: str) -> None:
    """A further version of the town's policy, with some text changed."""
    text = (town.folder / "policy.toml").read_text(encoding="utf-8")
    given = {'version = "1"': 'version = "2"', "2025-01-01": "2027-01-01", **changes}
    for old, new in given.items():
        assert old in text
        text = text.replace(old, new, 1)
    (town.folder / "policies").mkdir(exist_ok=True)
    (town.folder / "policies" / name).write_text(text, encoding="utf-8")


def add_column(town: "Town", file: str, column: str, cells: dict[int, str]) -> None:
    """A further column, its cells by line."""
    path = town.folder / file
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        for line, row in enumerate(rows, start=1):
            writer.writerow([*row, column if line == 1 else cells.get(line, "")])


def where(problems: list[Problem]) -> list[tuple[str, int, str, bool]]:
    return [(one.file, one.line, one.column, one.warning) for one in problems]


# ------------------------------------------------------------ policies/*.toml


def test_further_versions_are_read_in_the_order_of_their_files(town: "Town") -> None:
    further(town, "b.toml", **{'version = "1"': 'version = "3"'})
    further(town, "a.toml")
    pack = read_pack(town.folder)
    assert [policy.version for policy in pack.policies] == ["2", "3"]
    assert pack.policy_on(date(2026, 12, 31)).version == "1"
    assert pack.policy_on(date(2027, 1, 1)).version == "3"


def test_another_policy_than_the_usual_stands_alone(town: "Town") -> None:
    further(town)
    (town.folder / "fast.toml").write_bytes((town.folder / "policy.toml").read_bytes())
    assert read_pack(town.folder, "fast.toml").policies == ()
    assert len(read_pack(town.folder).policies) == 1


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "message"),
    [
        ('default = "7wd"', 'default = "soon"', 24, "limits.handle.default", "is not a limit"),
        ("lead/head", "crew/head", 90, "rungs.handle.3.order.leader", "no unit 'crew'"),
        ('"reported"', '"overdue"', 91, "rungs.handle.4.kind", "each kind once"),
        ("2027-01-01", "nix", 3, "", "is not TOML"),
    ],
)
def test_further_versions_are_checked_like_the_first(
    town: "Town", old: str, new: str, line: int, column: str, message: str
) -> None:
    further(town)
    town.change("policies/2027.toml", old, new)
    problem = town.only()
    assert where([problem]) == [("policies/2027.toml", line, column, False)]
    assert message in problem.message


def test_a_version_is_there_once(town: "Town") -> None:
    further(town, **{'version = "2"': 'version = "1"'})
    problem = town.only()
    assert where([problem]) == [("policies/2027.toml", 2, "version", False)]
    assert problem.message == "tinytown@1 is in policy.toml already; each once"


def test_lines_of_arrays_of_tables_and_of_quoted_keys(town: "Town") -> None:
    town.append(
        "policy.toml",
        """
[[rungs."sign.urgent"]]
kind = "reminder"
at = "50%"

[[rungs."sign.urgent"]]
kind = "escalated"
at = "due"

[rungs."sign.urgent".order]
leader = "nobody"
""",
    )
    assert where(town.problems()) == [
        ("policy.toml", 130, "rungs.sign.urgent.1.order.leader", False)
    ]
    town.change("policy.toml", 'leader = "nobody"', 'leader = "lead/head"')
    urgent = read_pack(town.folder).policy.rungs_of(ClockName.SIGN, Urgency.URGENT)
    assert urgent[1].order == OrderSpec(leader="lead/head")


def test_triggers_are_checked_where_they_stand(town: "Town") -> None:
    order = '[terms.triggers.repeated]\nlevel = "reported"\norder = { leader = "crew/head" }\n'
    town.append("policy.toml", order)
    assert where(town.problems()) == [
        ("policy.toml", 122, "terms.triggers.repeated.order.leader", False)
    ]


def test_a_role_that_is_not_everywhere(town: "Town") -> None:
    town.change("units.csv", "Depot,roads", "Depot,depot")
    town.change("policy.toml", "centre/mayor", "@depot/head")
    problem = town.only(warning=True)
    assert (problem.line, problem.column) == (91, "rungs.handle.4.order.leader")
    assert problem.message == "no unit has the role 'depot' in mill; the centre stands in there"


def test_two_units_with_a_role_that_a_policy_asks_for(town: "Town") -> None:
    town.append("units.csv", "rescue-2,Second Fire Brigade,rescue,TT,,\n")
    assert town.problems() == []
    town.change("policy.toml", "centre/mayor", "@rescue/chief")
    assert "mean that one" in town.only(warning=True).message


# ------------------------------------------------------------ people, backstop, mandatory helpers


def test_the_leaders_of_units(town: "Town") -> None:
    add_column(town, "units.csv", "leaders", {3: "deputy_head=Grace|head=Ada Byron"})
    roads = next(unit for unit in read_pack(town.folder).units if unit.code == "roads")
    assert (roads.leader("head"), roads.leader("deputy_head")) == ("Ada Byron", "Grace")


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("Ada Byron", "'Ada Byron' is not a post and a name"),
        ("Head=Ada", "'Head=Ada' is not a post and a name"),
        ("head=", "'head=' is not a post and a name"),
        ("head=Ada|head=Grace", "the post 'head' is there twice"),
    ],
)
def test_leaders_that_cannot_be_read(town: "Town", cell: str, message: str) -> None:
    add_column(town, "units.csv", "leaders", {3: cell})
    problem = town.only()
    assert where([problem]) == [("units.csv", 3, "leaders", False)]
    assert message in problem.message


def test_mandatory_helpers(town: "Town") -> None:
    add_column(town, "duties.csv", "mandatory", {2: "@warden", 5: "rescue"})
    duties = read_pack(town.folder).duties
    assert [duty.mandatory for duty in duties[:4]] == [("@warden",), (), (), ("rescue",)]


def test_a_mandatory_helper_helps(town: "Town") -> None:
    add_column(town, "duties.csv", "mandatory", {2: "@bins"})
    problem = town.only()
    assert where([problem]) == [("duties.csv", 2, "mandatory", False)]
    assert "'@bins' does not assist" in problem.message


def test_the_backstop(town: "Town") -> None:
    assert read_pack(town.folder).backstop == ""
    town.append("pack.toml", 'backstop = "town-desk"\n')
    assert read_pack(town.folder).backstop == "town-desk"
    town.change("pack.toml", 'backstop = "town-desk"', 'backstop = "@warden"')
    assert read_pack(town.folder).backstop == "@warden"


@pytest.mark.parametrize(
    ("who", "message"),
    [("desk", "there is no unit 'desk'"), ("@mayor", "has the role 'mayor'")],
)
def test_a_backstop_that_is_not_there(town: "Town", who: str, message: str) -> None:
    town.append("pack.toml", f'backstop = "{who}"\n')
    problem = town.only()
    assert where([problem]) == [("pack.toml", 10, "backstop", False)]
    assert message in problem.message


def test_a_backstop_that_is_not_everywhere(town: "Town") -> None:
    town.change("units.csv", "Depot,roads", "Depot,depot")
    town.append("pack.toml", 'backstop = "@depot"\n')
    assert "no unit has the role 'depot' in mill" in town.only(warning=True).message


# ------------------------------------------------------------ single files


def test_a_policy_by_itself(town: "Town") -> None:
    pack = read_pack(town.folder)
    path = town.folder / "policy.toml"
    assert read_policy_file(path) == read_policy_file(path, pack) == pack.policy
    town.change("policy.toml", "centre/mayor", "crew/head")
    assert read_policy_file(path).code == "tinytown", "whom it names is known with a pack only"
    with pytest.raises(PackErrors, match=r"policy.toml:91: .*there is no unit 'crew'"):
        read_policy_file(path, pack)
    town.change("policy.toml", 'default = "7wd"', 'default = "soon"')
    policy, problems = examine_policy_file(path)
    assert policy is None
    assert where(list(problems)) == [("policy.toml", 24, "limits.handle.default", False)]


def test_a_calendar_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "2027.csv"
    path.write_text("day,kind,name\n2027-01-01,rest,New Year\n2027-01-03,work,swap\n")
    table = read_calendar_file(path)
    assert (table.year, len(table.days), table.source) == (2027, 2, "")
    other = path.rename(tmp_path / "decree.csv")
    assert read_calendar_file(other, 2027) == table


@pytest.mark.parametrize(
    ("name", "rows", "line", "message"),
    [
        ("2027.csv", "2027-01-01,rest,a\n2026-12-31,rest,b\n", 3, "move it to the table of 2026"),
        ("2027.csv", "2027-01-01,rest,a\n2027-01-01,rest,b\n", 3, "already on line 2"),
        ("2027.csv", "2027-01-01,off,a\n", 2, "is not one of"),
        ("2027.csv", "1 January,rest,a\n", 2, "is not a date"),
        ("next.csv", "2027-01-01,rest,a\n", 0, "is named after its year"),
        ("1887.csv", "1887-01-01,rest,a\n", 0, "is named after its year"),
    ],
)
def test_a_calendar_that_cannot_be_read(
    tmp_path: Path, name: str, rows: str, line: int, message: str
) -> None:
    path = tmp_path / name
    path.write_text("day,kind,name\n" + rows)
    with pytest.raises(PackErrors) as caught:
        read_calendar_file(path)
    (problem,) = caught.value.problems
    assert (problem.file, problem.line) == (name, line)
    assert message in problem.message


def test_a_warning_does_not_stop_a_calendar(tmp_path: Path) -> None:
    path = tmp_path / "2027.csv"
    path.write_text("day,kind,name\n2027-01-04,work,Monday\n")
    assert len(read_calendar_file(path).days) == 1
    table, problems = examine_calendar_file(path)
    assert table is not None
    assert where(list(problems)) == [("2027.csv", 2, "kind", True)]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for read in (read_policy_file, read_calendar_file):
        with pytest.raises(PackErrors, match="there is no such file"):
            read(tmp_path / "2027.csv")


# ------------------------------------------------------------ what ships


@pytest.mark.parametrize("file", ["policy.toml", "policy-demo.toml", "policy-replay.toml"])
def test_every_clock_of_a_shipped_policy_has_a_limit_of_its_own(file: str) -> None:
    policy = read_pack(shipped("shenzhen"), file).policy
    assert set(policy.limits) == set(ClockName)


@pytest.mark.parametrize("file", ["policy-demo.toml", "policy-replay.toml"])
def test_a_quick_policy_counts_no_days(file: str) -> None:
    policy = read_pack(shipped("shenzhen"), file).policy
    assert all(
        limit.elapsed.total_seconds() <= 60 and limit.kind == "elapsed"
        for by_key in policy.limits.values()
        for limit in by_key.values()
    )
    assert all("wd" not in spec.at for specs in policy.rungs.values() for spec in specs)


def test_the_ladder_of_shenzhen() -> None:
    policy = read_pack(shipped("shenzhen")).policy
    ladder = policy.rungs_of(ClockName.HANDLE)
    assert [(rung.kind.value, rung.at, rung.order and rung.order.leader) for rung in ladder] == [
        ("reminder", "50%", None),
        ("warning", "80%|due-1wd", None),
        ("overdue", "due", None),
        ("yellow_card", "due+1wd", "lead/deputy_head"),
        ("red_card", "due+3wd", "lead/head"),
        ("raised", "due+5wd", "@district_government/leader"),
        ("reported", "due+10wd", "centre/city_leader"),
    ]
    assert policy.rungs_of(ClockName.SIGN, Urgency.URGENT)[-1].tell == ("centre/duty_leader",)
    assert policy.rungs_of(ClockName.ON_SITE)[-1].kind is RungKind.RED_CARD
    triggers = policy.terms.triggers
    assert {trigger: triggers[trigger].level for trigger in triggers} == {
        Trigger.REFUSING: RungKind.YELLOW_CARD,
        Trigger.REPEATED: RungKind.YELLOW_CARD,
        Trigger.REWORKS: RungKind.REPORTED,
    }


@pytest.mark.parametrize("file", ["policy.toml", "policy-demo.toml", "policy-replay.toml"])
def test_every_shipped_policy_of_shenzhen_says_when_clues_are_the_same(file: str) -> None:
    found = read_policy_file(shipped("shenzhen") / file).sameness
    assert found is not None
    assert found.merge_above == 0.7


def test_a_policy_without_sameness_compares_nothing() -> None:
    assert read_pack(TINYTOWN).policy.sameness is None


@pytest.mark.parametrize(
    ("line", "column", "told"),
    [
        ("propose_above = 0.8", "sameness", "propose_above (0.8) must not be above merge_above"),
        ("propose_above = 0", "sameness.propose_above", "greater than 0"),
        ('propose_above = "wide"', "sameness.propose_above", "number"),
        ("propose_over = 0.2", "sameness.propose_over", ""),
    ],
)
def test_sameness_that_makes_no_sense_is_told_with_its_line(
    town: "Town", line: str, column: str, told: str
) -> None:
    town.append("policy.toml", f"\n[sameness]\nmerge_above = 0.7\n{line}\n")
    found = [one for one in examine(town.folder).problems if one.column.startswith(column)]
    assert [one.file for one in found] == ["policy.toml"]
    text = (town.folder / "policy.toml").read_text(encoding="utf-8").splitlines()
    header = text.index("[sameness]") + 1
    assert header <= found[0].line <= header + 2
    assert told in found[0].message


def test_every_district_of_shenzhen_has_its_government() -> None:
    examined = examine(shipped("shenzhen"))
    pack = examined.pack
    assert pack is not None
    assert pack.backstop == "@district_government"
    districts = {region.code for region in pack.regions if region.level == "district"}
    assert len(districts) == 11
    governments = {u.region for u in pack.units if u.role == "district_government"}
    assert governments == districts
    assert not [one for one in examined.problems if one.column in ("backstop", "role")]
    assert not any(unit.leaders for unit in pack.units), "no names of real people"


def test_tinytown_has_a_ladder_of_its_own() -> None:
    ladder = read_pack(TINYTOWN).policy.rungs_of(ClockName.HANDLE)
    assert [(rung.kind.value, rung.at) for rung in ladder] == [
        ("reminder", "75%"),
        ("overdue", "due"),
        ("escalated", "due+1wd"),
        ("yellow_card", "due+2wd"),
        ("reported", "due+4wd"),
    ]
    assert ladder[4].order == OrderSpec(leader="centre/mayor", copies=("lead/head",))
