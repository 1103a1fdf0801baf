"""``doctor_s``: the list doctor on 4,000 items in 85 streets, on one core.

The city is made up, always the same: ten districts, some thirty roles that the city, each district
or each street staffs, and lists as clerks keep them. Most items have one row for everywhere, a
quarter one for each district too, some for a few streets; some end soon, overlap, name nobody,
push work down, or are missing.
"""

import time
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from random import Random
from typing import Final

from bench.report import Figures
from juanchi.domain.doctor import Diagnosis, Kind, examine
from juanchi.domain.lists import Duty, Item, Pack, Region, RegionLevel, Unit
from juanchi.domain.terms import Nature
from tests.pure import tinytown

ITEMS: Final = 4_000
STREETS: Final = 85
DISTRICTS: Final = 10
TODAY: Final = date(2026, 11, 25)
_FIRST: Final = date(2022, 9, 1)

_CITY: Final = ("telecom", "metro", "gas", "tax", "postal", "commerce")
_DISTRICT: Final = (
    "works", "water", "housing", "transport", "police", "health", "education", "ecology",
    "planning", "culture", "fire", "justice", "industry", "power", "markets", "labour",
)  # fmt: skip
_STREET: Final = ("office", "enforcement", "warden")

_THINGS: Final = (
    "道路 人行道 井盖 路灯 护栏 公园 绿地 河道 排水管 垃圾站 公厕 工地 电梯 消防通道 燃气管 "
    "水表 电线杆 公交站 地铁口 停车场 学校 医院 药店 餐馆 菜市场 商场 网吧 出租屋 小区 楼道 "
    "天桥 隧道 海滩 山坡 水库"
)
_TROUBLES: Final = (
    "破损 积水 噪声扰民 油烟异味 乱停放 占道经营 违法搭建 无证经营 欠薪 乱收费 断电 停水 漏水 塌陷 "
    "倒伏 堵塞 脏乱 失窃 虚假宣传 服务态度差 安全隐患 管理缺失 设施不足 标识不清"
)
_WHEN: Final = ("", "夜间", "雨天", "节假日", "早晚高峰")


def measure(*, quick: bool = False) -> Figures:
    """How long it takes, the best of three: a busy machine only slows it down."""
    pack = city(ITEMS // 20 if quick else ITEMS)
    diagnosis, seconds = _examined(pack)
    for _ in range(0 if quick else 2):
        seconds = min(seconds, _examined(pack)[1])
    missing = set(Kind) - {one.kind for one in diagnosis.findings}
    assert quick or not missing, f"the made-up city should ail in every way; not in {missing}"
    return {
        "doctor_s": seconds,
        "doctor_duties": len(pack.duties),
        "doctor_findings": len(diagnosis.findings),
        "doctor_errors": diagnosis.errors,
    }


def _examined(pack: Pack) -> tuple[Diagnosis, float]:
    began = time.process_time()
    diagnosis = examine(pack, TODAY)
    return diagnosis, time.process_time() - began


def city(items: int, seed: int = 4) -> Pack:
    """A made-up city with so many items, 85 streets, and the faults that lists have."""
    random = Random(seed)
    regions = list(_regions())
    catalogue = list(_catalogue(items, random))
    return tinytown().pack.model_copy(
        update={
            "centre": "city-office",
            "street_team_role": "office",
            "backstop": "",
            "regions": tuple(regions),
            "units": (
                *_units(regions),
                Unit(code="nobody", name="nobody", role="x", region="city"),
            ),
            "items": tuple(catalogue),
            "duties": tuple(_duties(catalogue, regions, random)),
            "handlings": (),
        }
    )


def _regions() -> Iterator[Region]:
    yield Region(code="city", level=RegionLevel.CITY, name="city")
    for n in range(DISTRICTS):
        yield Region(code=f"d{n}", parent="city", level=RegionLevel.DISTRICT, name=f"d{n}")
    for n in range(STREETS):
        parent = f"d{n % DISTRICTS}"
        yield Region(code=f"s{n}", parent=parent, level=RegionLevel.STREET, name=f"s{n}")


def _units(regions: list[Region]) -> Iterator[Unit]:
    yield Unit(code="nobody", name="nobody", role="nobody", region="city")
    for region in regions:
        for role in {
            RegionLevel.CITY: (*_CITY, *_DISTRICT, "office"),
            RegionLevel.DISTRICT: _DISTRICT,
            RegionLevel.STREET: _STREET,
        }[region.level]:
            code = f"{region.code}-{role}"
            if code != f"s{STREETS - 1}-warden":
                yield Unit(code=code, name=code, role=role, region=region.code)


def _catalogue(items: int, random: Random) -> Iterator[Item]:
    words = ["".join(parts) for parts in product(_WHEN, _THINGS.split(), _TROUBLES.split())]
    random.shuffle(words)
    for n, name in enumerate(words[:items]):
        # A hundredth are copies of another with hardly any change, as grown catalogues have.
        copied = n and random.random() < 0.01
        others = [words[random.randrange(n)]] if copied else random.sample(words, 3)
        yield Item(
            code=f"i{n}",
            category=f"c{n % 18}",
            name=others[0] if copied else name,
            keywords=tuple(others[1:]),
            natures=(Nature.COMPLAINT,),
        )


def _duties(items: list[Item], regions: list[Region], random: Random) -> Iterator[Duty]:
    below = [region for region in regions if region.level is not RegionLevel.CITY]
    for item in items:
        lead = f"@{random.choice((*_CITY, *_DISTRICT))}"
        luck = random.random()
        if luck < 0.02:  # some districts only: a gap elsewhere
            for district in random.sample(below[:DISTRICTS], 4):
                yield _duty(item, district.code, lead)
            continue
        yield _duty(item, "*", lead, assisting=(f"@{random.choice(_STREET)}",))
        if luck < 0.12:
            for region in random.sample(below, random.randint(1, 12)):
                yield _duty(item, region.code, f"@{random.choice(_DISTRICT)}")
        elif luck < 0.13:
            yield _duty(item, random.choice(below).code, "@office", basis="")
        elif luck < 0.14:
            yield _duty(item, "*", f"@{random.choice(_CITY)}")
        elif luck < 0.15:
            street = random.choice(below[DISTRICTS:]).code
            yield _duty(item, street, "@works", valid_to=TODAY + timedelta(days=9))
        elif luck < 0.155:
            yield _duty(item, "d1", random.choice(("@nobodys", "s1-office", "d2-works")))
        elif luck < 0.16:
            yield _duty(item, "*", "@works", valid_from=TODAY - timedelta(days=99))
        elif luck < 0.4:
            for district in below[:DISTRICTS]:
                yield _duty(item, district.code, f"@{random.choice(_DISTRICT)}")


def _duty(item: Item, region: str, lead: str, **more: object) -> Duty:
    fields = {"item": item.code, "region": region, "lead": lead, "valid_from": _FIRST}
    return Duty.model_validate({**fields, "basis": f"Act on {item.category}", **more})
