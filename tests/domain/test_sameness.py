"""Two clues, one matter: by words, place, item and time; and what merely looks like it."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from juanchi.domain.policy_terms import SamenessTerms
from juanchi.domain.sameness import Ground, Likeness, Standing, Trace, judge, trace_of
from juanchi.domain.sketches import (
    HEAD_KEPT,
    KEPT,
    KEYS,
    MARKS,
    contained,
    heads_alike,
    shared,
    sketch,
)
from juanchi.domain.wording import letters
from tests.walk import walk

TERMS = SamenessTerms(merge_above=0.7, propose_above=0.25, open_days=90, closed_days=30)
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)

STAIR = (
    "海谷科技大厦旁边的楼梯破损严重，台阶断了好几块，雨天特别滑，"
    "附近上下班的人和接送孩子的老人都从这里走，昨天又有人摔倒，请尽快派人来修。"
)
SMOKE = (
    "楼下临街门面开了好几家烧烤店，没有专用烟道，油烟直排，一天到晚窗户都不敢开，"
    "晾晒的衣服全是油烟味，家里老人咳嗽不止，多次反映没有结果，请有关部门依法查处。"
)
ADVERTISEMENT = (
    "本店专业承接各类发票代办贷款咨询，无抵押当天放款，额度高利息低，全国可办，"
    "另有高仿名表名包大量现货批发零售，一件代发，诚招各地代理，躺着赚钱不是梦，加微信详聊，"
) * 4


def clue(text: str = STAIR, name: str = "a", at: datetime = NOW, **more: Any) -> Trace:
    return Trace(ticket_id=f"ticket/video/{name}", words=sketch(text), received_at=at, **more)


def judged(one: Trace, other: Trace, **terms: Any) -> Likeness:
    return judge(one, other, TERMS.model_copy(update=terms))


# ------------------------------------------------------------ words


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        (STAIR, Ground.COPIED),
        (STAIR.replace("，", " , ").replace("。", "!!"), Ground.COPIED),
        (f"转发：{STAIR}", Ground.COPIED),
        (f"“{STAIR}”", Ground.COPIED),
        (STAIR + "谢谢", Ground.COPIED),
        (STAIR + ADVERTISEMENT, Ground.QUOTED),
    ],
)
def test_one_text_however_it_is_written(text: str, ground: Ground) -> None:
    found = judged(clue(text, "b"), clue())
    assert found.sure
    assert ground in found.reasons


def test_full_width_and_case_do_not_count() -> None:
    assert letters("ＡＢＣ １２３ ａ.b") == "abc123ab"
    assert sketch("Mill Road is ＢＲＯＫＥＮ again") == sketch("mill road, is broken... AGAIN!")


def test_an_advertisement_in_front_hides_nothing_from_a_person() -> None:
    found = judged(clue(ADVERTISEMENT + STAIR, "b"), clue())
    assert found.score >= TERMS.propose_above
    assert not found.sure  # it begins otherwise: perhaps it only quotes


def test_sentences_in_another_order() -> None:
    parts = STAIR.rstrip("。").split("，")
    random.Random(3).shuffle(parts)
    found = judged(clue("，".join(parts), "b"), clue())
    assert found.score > 0.6


@pytest.mark.parametrize("typos", [1, 2, 3])
def test_typing_errors_cost_a_little(typos: int) -> None:
    text = list(STAIR)
    for at in range(30, 30 + typos * 14, 14):
        text[at] = "错"
    found = judged(clue("".join(text), "b"), clue())
    assert 0.6 < found.score < 1


def test_other_words_are_not_alike() -> None:
    found = judged(clue(SMOKE, "b"), clue())
    assert found.score < TERMS.propose_above
    assert not found.reasons


def test_a_telephone_number_says_nothing() -> None:
    one, other = f"{STAIR}电话13800001111", f"{STAIR}电话00000000000"
    found = judged(clue(one, "b"), clue(other))
    assert found.sure
    assert Ground.OTHER_NUMBERS not in found.reasons


def test_a_stock_phrase_in_a_short_text_is_no_quotation() -> None:
    short = clue("请有关部门依法查处", "b")
    assert Ground.QUOTED not in judged(short, clue(SMOKE)).reasons


@pytest.mark.parametrize("text", ["", "。。。", "？", "  \n "])
def test_texts_without_a_letter_are_like_nothing(text: str) -> None:
    for other in (text, STAIR):
        found = judged(clue(text, "b"), clue(other))
        assert (found.score, found.sure) == (0, False)


def test_a_very_long_text() -> None:
    text = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(33_000))
    assert len(text.encode()) == 99_000
    found = sketch(text)
    assert (len(found.smallest), len(found.head)) == (KEPT, HEAD_KEPT - 3)
    assert len(found.keys) <= 2 * KEYS
    assert judged(clue(text, "b"), clue(text[:30_000])).score > 0.8


@given(st.text(max_size=300), st.text(max_size=300))
def test_likeness_is_a_share_and_the_same_both_ways(one: str, other: str) -> None:
    a, b = sketch(one), sketch(other)
    for measure in (shared, contained, heads_alike):
        assert 0 <= measure(a, b) <= 1
        assert measure(a, b) == measure(b, a)
    assert shared(a, a) == (1 if letters(one) else 0)
    assert len(a.marks) <= MARKS


@given(st.text(alphabet="甲乙丙丁戊己庚辛", min_size=4, max_size=40), st.data())
def test_short_texts_are_compared_exactly(text: str, data: st.DataObject) -> None:
    other = data.draw(st.text(alphabet="甲乙丙丁戊己庚辛", min_size=4, max_size=40))
    a, b = ({one[n : n + 4] for n in range(len(one) - 3)} for one in (text, other))
    assert shared(sketch(text), sketch(other)) == pytest.approx(len(a & b) / len(a | b))


# ------------------------------------------------------------ place, item, numbers


def test_the_same_words_about_different_places_are_different_matters() -> None:
    here = clue(SMOKE, path=("street-1", "east", "town"))
    there = clue(SMOKE, "b", path=("street-9", "west", "town"))
    found = judged(there, here)
    assert Ground.OTHER_PLACE in found.reasons
    assert not found.sure
    assert found.score < 0.5


def test_a_form_with_another_name_in_it_is_not_merged() -> None:
    one = f"文德学院强制学生实习。各位领导好，我是文德学院的一名学生，{SMOKE * 2}"
    other = f"海城职业技术学院强制学生实习。各位领导好，我是海城职业技术学院的一名学生，{SMOKE * 2}"
    found = judged(clue(other, "b"), clue(one))
    assert found.score >= TERMS.propose_above
    assert not found.sure


@pytest.mark.parametrize(
    ("one", "other", "ground"),
    [
        ({"spot": "海谷科技大厦"}, {"spot": "海谷科技大厦"}, Ground.SAME_PLACE),
        ({"spot": "海谷科技大厦"}, {"spot": "石岩海谷科技大厦东门"}, Ground.SAME_PLACE),
        ({"spot": "深盐路1"}, {"spot": "深盐路12"}, Ground.OTHER_PLACE),
        ({"spot": "2路"}, {"spot": "12路"}, Ground.OTHER_PLACE),
        ({"spot": "海谷科技大厦"}, {"spot": "创维大厦"}, Ground.OTHER_PLACE),
        ({"spot": "海谷科技大厦"}, {}, None),
        ({"lon": 114.05, "lat": 22.54}, {"lon": 114.0509, "lat": 22.5401}, Ground.SAME_PLACE),
        ({"lon": 114.05, "lat": 22.54}, {"lon": 114.0511, "lat": 22.54}, Ground.OTHER_PLACE),
        (
            {"lon": 114.05, "lat": 22.54, "spot": "前门"},
            {"lon": 114.05, "lat": 22.54, "spot": "后门"},
            Ground.SAME_PLACE,
        ),
        ({"path": ("street-1", "east", "town")}, {"path": ("east", "town")}, None),
        ({"path": ("town",)}, {"path": ("street-1", "east", "town")}, None),
        ({"path": ("street-1", "east")}, {"path": ("street-2", "east")}, Ground.OTHER_PLACE),
        (
            {"path": ("street-1", "east"), "spot": "前门"},
            {"path": ("street-2", "east"), "spot": "前门"},
            Ground.OTHER_PLACE,
        ),
    ],
)
def test_what_is_the_same_place(
    one: dict[str, Any], other: dict[str, Any], ground: Ground | None
) -> None:
    there = {Ground.SAME_PLACE, Ground.OTHER_PLACE}
    for first, second in ((one, other), (other, one)):
        found = judged(clue("修一下", "b", **first), clue("看一看", **second))
        assert there.intersection(found.reasons) == ({ground} if ground else set())


def test_the_policy_says_how_near_is_the_same_place() -> None:
    one, other = (clue(name=n, lon=lon, lat=22.54) for n, lon in (("b", 114.05), ("a", 114.0511)))
    assert Ground.SAME_PLACE in judged(one, other, radius_m=120).reasons


def test_the_same_place_with_different_items_is_different_matters() -> None:
    there: dict[str, Any] = {"path": ("street-1", "east", "town"), "spot": "海谷科技大厦"}
    road, noise = clue(item="road", **there), clue(SMOKE, "b", item="smoke", **there)
    found = judged(noise, road)
    assert {Ground.SAME_PLACE, Ground.OTHER_ITEM} <= set(found.reasons)
    assert found.score < TERMS.propose_above
    assert judged(clue(SMOKE, "c", item="road", **there), road).score >= TERMS.propose_above
    assert not judged(clue(SMOKE, "c", item="road", **there), road).sure


def test_a_copy_is_one_text_whatever_item_was_seen_in_it() -> None:
    there: dict[str, Any] = {"path": ("street-1", "east", "town"), "spot": "海谷科技大厦"}
    assert judged(clue(name="b", item="stair", **there), clue(item="road", **there)).sure


def test_the_same_place_and_words_that_are_half_the_same() -> None:
    there: dict[str, Any] = {"path": ("street-1", "east", "town"), "spot": "海谷科技大厦"}
    half = STAIR[:40] + "希望早日解决，不要再推来推去，谢谢领导。"
    assert judged(clue(half, "b", item="road", **there), clue(item="road", **there)).sure
    assert not judged(clue(half, "b"), clue()).sure


def test_other_numbers_are_for_a_person() -> None:
    one, other = clue(f"3栋电梯停运。{STAIR}"), clue(f"5栋电梯停运。{STAIR}", "b")
    found = judged(other, one)
    assert Ground.OTHER_NUMBERS in found.reasons
    assert found.score >= TERMS.merge_above
    assert not found.sure
    more = judged(clue(f"3栋和5栋电梯停运。{STAIR}", "c"), one)
    assert Ground.OTHER_NUMBERS not in more.reasons


# ------------------------------------------------------------ time


@pytest.mark.parametrize(
    ("standing", "days", "counts"),
    [
        (Standing.OPEN, 90, True),
        (Standing.OPEN, 91, False),
        (Standing.OPEN, -90, True),
        (Standing.OPEN, -91, False),
        (Standing.CLOSED, 30, True),
        (Standing.CLOSED, 31, False),
        (Standing.GONE, 0, False),
    ],
)
def test_how_long_ago(standing: Standing, days: int, counts: bool) -> None:
    old = NOW - timedelta(days=days)
    # A closed one counts from its closing, however long it took.
    came = old - timedelta(days=200) if standing is Standing.CLOSED else old
    closed_at = old if standing is Standing.CLOSED else None
    found = judged(clue(name="b"), clue(at=came, standing=standing, closed_at=closed_at))
    assert bool(found.score) is counts
    assert found.closed == (standing is Standing.CLOSED)


# ------------------------------------------------------------ terms, traces


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"merge_above": 0.5, "propose_above": 0.6}, "would not even be proposed"),
        ({"merge_above": 1.1, "propose_above": 0.6}, "merge_above"),
        ({"merge_above": 0.9, "propose_above": 0}, "propose_above"),
        ({"merge_above": 0.9}, "propose_above"),
        ({"merge_above": 0.9, "propose_above": 0.5, "radius_m": 0}, "radius_m"),
        ({"merge_above": 0.9, "propose_above": 0.5, "radius": 5}, "radius"),
    ],
)
def test_terms_that_make_no_sense(values: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        SamenessTerms.model_validate(values)


def test_what_is_remembered_of_a_ticket() -> None:
    ticket = walk("handling", text=STAIR).ticket
    assert ticket.place is not None
    place = ticket.place.model_copy(update={"address": "海谷 科技大厦", "lon": 114.05})
    seen = trace_of(ticket.having(place=place), ("street-1", "futian", "town"))
    assert seen.words == sketch(STAIR)
    assert (seen.spot, seen.lon, seen.item) == ("海谷科技大厦", None, ticket.item)
    assert len(seen.place_keys) == 2
    bare = trace_of(ticket.having(place=None, item=None), item="road")
    assert (bare.path, bare.item, bare.place_keys) == ((), "road", ())
