"""The doctor's quick answers against slow and obvious ones, on random lists."""

from datetime import date, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from juanchi.domain.doctor import Finding, Kind, examine
from juanchi.domain.doctor.likeness import pairs_alike
from juanchi.domain.duties import Directory
from juanchi.domain.lists import Duty, Pack
from tests.domain.doctor.lists import LAMP, REGIONS, ROAD, TODAY, item, lists

STREETS = ("quay", "pier", "hill")
ITEMS = (ROAD, LAMP, item("tree", "branch"))

_days = st.integers(-3, 3).map(lambda n: TODAY + timedelta(days=n))
_duties = st.builds(
    Duty,
    item=st.sampled_from(["*", "road", "lamp", "tree"]),
    region=st.sampled_from(["*", *(region.code for region in REGIONS)]),
    lead=st.sampled_from(["works", "@works", "@office", "@guard", "ghost"]),
    valid_from=_days,
    valid_to=st.none() | _days,
)
_packs = st.lists(_duties, max_size=8).map(lambda rows: lists(*rows, items=ITEMS))


def places(directory: Directory, findings: tuple[Finding, ...]) -> set[tuple[str, str]]:
    """Each item and street that findings speak of."""
    return {
        (item, street)
        for finding in findings
        for item in finding.items
        for region in finding.regions
        for street in STREETS
        if region in directory.chain(street)
    }


@given(_packs, _days)
def test_gaps_are_where_nobody_is_assigned(pack: Pack, on: date) -> None:
    directory, diagnosis = Directory.of(pack), examine(pack, on)
    assigned = {
        (item.code, street): directory.assign(item.code, street, on)
        for item in ITEMS
        for street in STREETS
    }
    bare = {key for key, found in assigned.items() if found is None}
    nobody = {key for key, found in assigned.items() if found and found.lead is None}
    assert places(directory, diagnosis.of(Kind.GAP)) == bare
    missing = [one for one in diagnosis.of(Kind.UNSTAFFED) if one.told == "no_lead"]
    assert places(directory, tuple(missing)) == nobody


@given(_packs, _days)
def test_a_row_is_shadowed_when_it_is_never_chosen(pack: Pack, on: date) -> None:
    directory = Directory.of(pack)
    # Beyond the last day that a row names nothing changes any more.
    ahead = [on + timedelta(days=n) for n in range(8)]
    chosen = {
        id(directory.responsible(item.code, place, day))
        for item in ITEMS
        for place in (None, *directory.regions)
        for day in ahead
    }
    silent = sorted(
        (duty.item, duty.region, str(duty.valid_from))
        for duty in pack.duties
        if id(duty) not in chosen
        if not duty.over(on) or duty.over(duty.valid_from)
    )
    told = sorted(
        (one.items[0], one.regions[0], one.facts["from"])
        for one in examine(pack, on).of(Kind.SHADOWED)
    )
    assert told == silent


@given(
    st.dictionaries(st.text("abcdefgh", max_size=2), st.frozensets(st.sampled_from("mnopqrs"))),
    st.sampled_from([0.3, 0.5, 0.6, 0.75, 1.0]),
)
def test_what_is_alike(sets: dict[str, frozenset[str]], least: float) -> None:
    slow = {
        frozenset((one, other))
        for one, other in combinations(sets, 2)
        if sets[one] and len(sets[one] & sets[other]) / len(sets[one] | sets[other]) >= least - 1e-9
    }
    quick = [frozenset((one, other)) for one, other, _ in pairs_alike(sets, least)]
    assert len(quick) == len(set(quick))
    assert set(quick) == slow
