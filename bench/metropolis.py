"""A made-up city of 4,000 items and 85 regions, and what its people write: seeded, so always the
same. No word of it is anybody's real message.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice, product
from typing import Final

from juanchi.domain.examples import Example, gist
from juanchi.domain.lists import Duty, Item, Pack, Region, RegionLevel, Unit
from juanchi.domain.terms import Nature
from juanchi.packs import read_pack, shipped

ITEMS: Final = 4000
DISTRICTS: Final = 10
STREETS: Final = 74
START: Final = datetime(2026, 1, 1, 8, tzinfo=UTC)

_SITES: Final = ("公园", "小区", "市场", "学校", "工地", "地铁站", "医院", "海堤")
_THINGS: Final = (
    *("路灯", "井盖", "护栏", "电梯", "水管", "电缆", "厕所", "垃圾桶", "车位", "楼梯"),
    *("绿化带", "广告牌", "消防栓", "充电桩", "健身器材", "隔离墩", "公交站牌", "红绿灯"),
    *("排水沟", "围墙", "天桥", "信号柱", "化粪池", "空调机", "烟道"),
)
_FAULTS: Final = (
    *("损坏", "缺失", "堵塞", "漏水", "占用", "倾斜", "脱落", "噪声扰民", "异味", "无人管理"),
    *("乱收费", "积水", "裂缝", "漏电", "停用", "锈蚀", "违建", "遮挡", "断裂", "超时施工"),
)
_ROLES: Final = (
    *("works", "transport", "police", "housing", "water", "environment", "market", "health"),
    *("education", "fire"),
)
_SYLLABLES: Final = "东西南北福龙宝安华平光盐罗景新翠香梅石坪葵莲沙河海云松竹桂兰"
_OPENING: Final = ("您好，", "反映一下：", "我是附近居民，", "已经多次投诉，", "请问", "急！", "")
_FILLING: Final = (
    *("每天上下班都要经过这里", "已经一个多星期了", "老人和小孩走路很不方便"),
    *("物业说不归他们管", "晚上根本看不清楚", "下雨天更加严重", "打过电话没有人来"),
    *("希望有关部门尽快处理", "旁边就是幼儿园", "周围的住户意见很大", "之前修过一次又坏了"),
    *("存在很大的安全隐患", "不知道应该找哪个部门"),
)
_CLOSING: Final = {
    Nature.COMPLAINT: ("太不像话了，要求处理！", "强烈投诉。"),
    Nature.REQUEST: ("请尽快派人来修，谢谢。", "麻烦帮忙解决。"),
    Nature.REPORT: ("特此举报，请查处。", "请执法部门核查。"),
    Nature.ENQUIRY: ("请问什么时候能处理？", "想咨询归谁管？"),
    Nature.SUGGESTION: ("建议统一更换。", "建议加强日常巡查。"),
}


def metropolis(items: int = ITEMS) -> Pack:
    """The city: the shipped pack's words, calendars and policy, with lists of its own."""
    base = read_pack(shipped("shenzhen"))
    regions = tuple(_regions())
    return base.model_copy(
        update={
            "code": "metropolis",
            "bounds": None,
            "centre": "centre",
            "street_team_role": "street_office",
            "backstop": "@street_office",
            "regions": regions,
            "units": tuple(_units(regions)),
            "items": tuple(islice(_items(), items)),
            "duties": tuple(_duties(items, regions)),
            "handlings": (),
        }
    )


def _regions() -> Iterator[Region]:
    yield Region(code="M", level=RegionLevel.CITY, name="大都市")
    names = list(map("".join, product(_SYLLABLES, repeat=2)))
    random.Random(5).shuffle(names)
    for n in range(DISTRICTS):
        yield Region(code=f"D{n}", parent="M", level=RegionLevel.DISTRICT, name=f"{names.pop()}区")
    for n in range(STREETS):
        yield Region(
            code=f"S{n}",
            parent=f"D{n % DISTRICTS}",
            level=RegionLevel.STREET,
            name=f"{names.pop()}街道",
        )


def _units(regions: Sequence[Region]) -> Iterator[Unit]:
    yield Unit(code="centre", name="服务中心", role="centre", region="M")
    for region in regions:
        if region.level is RegionLevel.STREET:
            name = f"{region.name}办事处"
            yield Unit(code=f"{region.code}-o", name=name, role="street_office", region=region.code)
            continue
        for role in _ROLES:
            name = f"{region.name}{role}"
            yield Unit(code=f"{region.code}-{role}", name=name, role=role, region=region.code)


def _items() -> Iterator[Item]:
    natures = list(_CLOSING)
    for n, (site, thing, fault) in enumerate(product(_SITES, _THINGS, _FAULTS)):
        yield Item(
            code=f"I{n:04d}",
            category=site,
            subcategory=thing,
            name=f"{site}{thing}{fault}",
            aliases=(f"{site}的{thing}{fault}",),
            keywords=(f"{thing}{fault}", f"{site}{thing}", f"{site}{fault}"),
            natures=(natures[n % len(natures)],),
        )


def _duties(items: int, regions: Sequence[Region]) -> Iterator[Duty]:
    """Each item led by a role everywhere, and one in ten otherwise in some district."""
    since = date(2022, 9, 1)
    for n in range(items):
        role = "street_office" if n % 5 == 0 else _ROLES[n % len(_ROLES)]
        yield Duty(item=f"I{n:04d}", lead=f"@{role}", basis="条例", valid_from=since)
        if n % 10 == 3:
            other = _ROLES[(n // 10) % len(_ROLES)]
            where = regions[1 + n % DISTRICTS].code
            yield Duty(item=f"I{n:04d}", region=where, lead=f"@{other}", valid_from=since)


def letters(pack: Pack, count: int, seed: int = 11) -> list[Example]:
    """So many past tickets: few items are common and most are rare; one in five goes to another
    unit than the list's, always the same one for an item and a district.
    """
    draw = random.Random(seed)
    streets = [region for region in pack.regions if region.level is RegionLevel.STREET]
    leads = {duty.item: duty.lead.removeprefix("@") for duty in pack.duties if duty.region == "*"}
    weights = [1 / (10 + rank) for rank in range(len(pack.items))]
    found = []
    for n, item in enumerate(draw.choices(pack.items, weights, k=count)):
        street, nature = draw.choice(streets), draw.choice(list(_CLOSING))
        role = leads[item.code]
        if (int(item.code[1:]) + int((street.parent or "D0")[1:])) % 5 == 0:
            role = _ROLES[int(item.code[1:]) % 7]
        lead = f"{street.code}-o" if role == "street_office" else f"{street.parent}-{role}"
        text = _letter(draw, item, street, nature)
        found.append(
            Example(
                text=text,
                at=START + timedelta(minutes=n),
                channel=pack.channels[0].code,
                item=item.code,
                nature=nature,
                region=street.code,
                lead=lead,
                group=gist(text),
            )
        )
    return found


def _letter(draw: random.Random, item: Item, street: Region, nature: Nature) -> str:
    """What somebody writes: seldom in the catalogue's own words, and with much around them."""
    fault = item.name.removeprefix(item.category + item.subcategory)
    said = draw.choice(
        (
            f"{item.category}旁边的{item.subcategory}{fault}",
            f"{item.category}里{item.subcategory}又{fault}了",
            f"{item.subcategory}{fault}，就在{item.category}门口",
            item.name,
        )
    )
    around = draw.sample(_FILLING, draw.randint(1, 6))
    at = draw.randint(0, len(around))
    number = draw.randint(1, 999)
    parts = [*around[:at], f"{street.name}{number}号{said}", *around[at:]]
    return draw.choice(_OPENING) + "，".join(parts) + "，" + draw.choice(_CLOSING[nature])
