"""Reading a pack's files: what comes out of good ones, and what is said about bad ones."""

import csv
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from juanchi.domain.calendar import WorkCalendar
from juanchi.domain.deadlines import plan
from juanchi.domain.duties import Directory
from juanchi.domain.lists import RegionLevel
from juanchi.domain.policy import Limit
from juanchi.domain.terms import ClockName, EvidenceKind, Nature, Urgency
from juanchi.packs import PackErrors, examine, read_pack, shipped, shipped_names

if TYPE_CHECKING:
    from tests.packs.conftest import Town

TINYTOWN = Path(__file__).parent / "tinytown"


# ------------------------------------------------------------ good packs


def test_tinytown_loads() -> None:
    pack = read_pack(TINYTOWN)
    assert (pack.code, pack.timezone, pack.centre) == ("tinytown", "Europe/Lisbon", "town-desk")
    assert pack.number_pattern.format(date=date(2026, 1, 1), serial=42) == "TT-00042"
    assert [len(rows) for rows in (pack.regions, pack.units, pack.items, pack.duties)] == [
        8, 8, 8, 9,
    ]  # fmt: skip
    assert pack.regions[0].aliases == ("Tiny", "T-town")
    wire = next(item for item in pack.items if item.code == "wire-down")
    assert (wire.urgency, wire.natures) == (Urgency.URGENT, (Nature.REPORT,))
    crew = pack.handlings[1]
    assert crew.limit == Limit.model_validate("4h")
    assert crew.evidence == (EvidenceKind.SITE_AFTER,)
    assert pack.handlings[3].limit is None
    assert pack.calendars[0].year == 2026
    assert pack.calendars[0].source == "Town council, decision 12 of 2025"
    assert [referral.unit for referral in pack.screening.referrals] == ["rescue", None]
    assert not examine(TINYTOWN).problems


def test_shenzhen_loads() -> None:
    for policy in ("policy.toml", "policy-demo.toml"):
        examined = examine(shipped("shenzhen"), policy)
        assert [str(p) for p in examined.problems if not p.warning] == []
    pack = read_pack(shipped("shenzhen"))
    assert len({item.category for item in pack.items}) == 18
    assert len(pack.items) >= 120
    streets = [region for region in pack.regions if region.level is RegionLevel.STREET]
    offices = Directory.of(pack)
    assert len(streets) >= 74
    assert all(offices.staffed("street_office", street.code) for street in streets)
    assert {calendar.year for calendar in pack.calendars} >= {2024, 2025, 2026}
    assert all(calendar.source for calendar in pack.calendars)


def test_the_policy_file_can_be_chosen(town: "Town") -> None:
    (town.folder / "fast.toml").write_bytes((town.folder / "policy.toml").read_bytes())
    town.change("fast.toml", 'version = "1"', 'version = "fast"')
    assert read_pack(town.folder, "fast.toml").policy.version == "fast"


def test_shipped_packs_are_found_by_name_only() -> None:
    assert "shenzhen" in shipped_names()
    assert (shipped("shenzhen") / "pack.toml").is_file()
    for name in ("atlantis", "../packs/shenzhen", ""):
        with pytest.raises(FileNotFoundError, match="no pack"):
            shipped(name)


def test_a_byte_order_mark_blank_lines_and_quotes_are_fine(town: "Town") -> None:
    path = town.folder / "items.csv"
    text = path.read_text(encoding="utf-8")
    text = text.replace("Hole in the road", '"Hole,\r\nor crater"').replace("\n", "\r\n\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert town.problems() == []


def test_optional_files_may_be_absent(town: "Town") -> None:
    (town.folder / "handlings.csv").unlink()
    (town.folder / "calendars/sources.toml").unlink()
    problem = town.only(warning=True)
    assert problem.file == "handlings.csv"
    assert read_pack(town.folder).handlings == ()


# ------------------------------------------------------------ bad files


@pytest.mark.parametrize(
    "file",
    [
        "pack.toml", "policy.toml", "screening.toml", "regions.csv", "units.csv",
        "items.csv", "duties.csv", "channels.csv",
    ],
)  # fmt: skip
def test_a_missing_file(town: "Town", file: str) -> None:
    (town.folder / file).unlink()
    problem = town.only()
    assert (problem.file, problem.line) == (file, 0)
    assert "missing" in problem.message


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(PackErrors, match="there is no such folder"):
        read_pack(tmp_path / "nowhere")


def test_not_utf8(town: "Town") -> None:
    path = town.folder / "items.csv"
    path.write_bytes(
        path.read_bytes().replace(b"Street lamp out", "Straßenlampe".encode("latin-1"))
    )
    problem = town.only()
    assert (problem.file, problem.line) == ("items.csv", 3)
    assert "byte 0xdf is not UTF-8" in problem.message


def test_an_empty_table(town: "Town") -> None:
    (town.folder / "channels.csv").write_text("\n")
    assert "its first line must be code,name" in town.only().message


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "message"),
    [
        ("code,name,role", "code,name,rolle", 1, "role", "the column is missing"),
        ("region,aliases", "region,alias", 1, "alias", "did you mean aliases?"),
        ("aliases,webhook", "aliases,name", 1, "name", "there twice"),
        ("Roads and Lights,roads", "Roads, Lights,roads", 3, "", "7 cells but the header 6"),
        ("Bins and Parks", '"Bins" and Parks', 4, "", "check its quotes"),
        ("bins,Bins", "b ins,Bins", 4, "code", "'b ins' is not a code"),
        ("bins,Bins and Parks", "bins,", 4, "name", "is required"),
        ("Bins and Parks", "B" * 201, 4, "name", "at most 200 characters"),
        ("Bins and Parks", "Bins \x1b[31m", 4, "name", "control character U+001B"),
    ],
)
def test_a_bad_table(
    town: "Town", old: str, new: str, line: int, column: str, message: str
) -> None:
    town.change("units.csv", old, new)
    found = [p for p in town.problems() if message in p.message]
    assert [(p.file, p.line, p.column) for p in found] == [("units.csv", line, column)]


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "column", "message"),
    [
        ("regions.csv", "north,TT,district", "north,TT,ward", 3, "level", "'city', 'district'"),
        ("items.csv", "complaint|report,", "complaint|moan,", 2, "natures", "'moan' is not one of"),
        ("channels.csv", "app,false", "app,nope", 3, "verify", "neither true nor false"),
        ("duties.csv", "s.4,2025-01-01", "s.4,20250101", 2, "valid_from", "is not a date"),
        ("duties.csv", "s.4,2025-01-01", "s.4,2025-02-30", 2, "valid_from", "is not a date"),
        ("handlings.csv", "5wd", "soon", 2, "limit", "'soon' is not a limit"),
        ("handlings.csv", "5wd", "1.5wd", 2, "limit", "must be whole"),
        ("handlings.csv", "|site_after", "|selfie", 2, "evidence", "'selfie' is not one of"),
        ("calendars/2026.csv", "2026-12-25,rest", "2026-12-25,off", 6, "kind", "'off' is not one"),
        ("pack.toml", 'version = "1"', "version = 1", 3, "version", "is not text"),
        ("pack.toml", "street_team_role", "street_role", 9, "street_role", "is not known here"),
        ("policy.toml", "least = ", "most = ", 99, "rework.most", "is not known here"),
        ("policy.toml", '"75%"', '"75 percent"', 82, "rungs.default.0.at", "write 80%, due"),
        (
            "policy.toml",
            'urgent = "10m"',
            'urgent = "10 min"',
            17,
            "limits.dispatch.urgent",
            "limit",
        ),
        ("policy.toml", "[limits.watch]", "[limits.wacht]", 77, "limits.wacht", "is not one of"),
        ("policy.toml", '"15:00-19:00"', '"12:00-19:00"', 0, "", "begins before the one ahead"),
        ("policy.toml", '"15:00-19:00"', '"15:00"', 4, "service_hours.1", "is not a window"),
        ("policy.toml", "valid_from = 2025-01-01", "valid_from = nix", 3, "", "is not TOML"),
        ("screening.toml", '"emergency"', '"fire"', 12, "referrals.0.verdict", "is not one of"),
        ("calendars/sources.toml", '"Town', '["Town', 1, "", "is not TOML"),
        ("calendars/sources.toml", "2026 =", "today =", 1, "today", "write the year and a title"),
    ],
)
def test_a_bad_value(
    town: "Town", file: str, old: str, new: str, line: int, column: str, message: str
) -> None:
    town.change(file, old, new)
    found = [p for p in town.problems() if message in p.message]
    assert [(p.file, p.line, p.column) for p in found] == [(file, line, column)]
    with pytest.raises(PackErrors):
        read_pack(town.folder)


def test_an_incomplete_policy(town: "Town") -> None:
    town.change("policy.toml", '[limits.review]\ndefault = "2wd"\n', "")
    assert "limits missing for: review" in town.only().message


def test_a_calendar_with_a_wrong_name(town: "Town") -> None:
    (town.folder / "calendars/2026.csv").rename(town.folder / "calendars/next.csv")
    found = {(p.file, p.warning) for p in town.problems()}
    assert ("calendars/next.csv", False) in found


def test_everything_wrong_is_told_at_once(town: "Town") -> None:
    town.change("pack.toml", "Europe/Lisbon", "Europe/Lissabon")
    town.change("regions.csv", "mill,north", "mill,nort")
    town.change("items.csv", "report,urgent", "report,very")
    with pytest.raises(PackErrors) as caught:
        read_pack(town.folder)
    assert [(p.file, p.line) for p in caught.value.problems] == [
        ("items.csv", 5),
        ("pack.toml", 6),
        ("regions.csv", 5),
    ]
    text = str(caught.value)
    assert "3 problems" in text
    assert "regions.csv:5: parent: there is no region 'nort'" in text


# ------------------------------------------------------------ fit for use


def test_a_pack_is_all_that_a_plan_needs() -> None:
    pack = read_pack(TINYTOWN)
    calendar = WorkCalendar(pack.timezone, pack.calendars, pack.policy.service_hours)
    start = datetime(2026, 6, 9, 12, 0, tzinfo=ZoneInfo("Europe/Lisbon"))
    got = plan(calendar, pack.policy, ClockName.HANDLE, start, Nature.COMPLAINT, Urgency.GENERAL)
    assert got.due.isoformat() == "2026-06-17T23:59:59+01:00"
    assert got.why.counted_makeup == (date(2026, 6, 13),)


def test_the_shipped_tables_are_plain_csv() -> None:
    for path in shipped("shenzhen").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            assert len({len(row) for row in csv.reader(file)}) == 1, path.name
