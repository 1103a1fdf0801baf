"""A ticket's life as it is printed: told from recorded walks, as text."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len
from rich.console import Console

from juanchi.cli.display import RUNG_STYLE
from juanchi.cli.timeline import timeline
from juanchi.domain.actor import ENGINE
from juanchi.domain.clocks import Planned, Rang
from juanchi.domain.clue import LocateResult, ScreenResult
from juanchi.domain.events import Entry
from juanchi.domain.messages import Result
from juanchi.domain.place import Place
from juanchi.domain.supervised import OrderIssued
from juanchi.domain.terms import ClockName, ClueVerdict, RungKind
from juanchi.packs import read_pack
from juanchi.words.naming import Names
from juanchi.words.telling import Teller
from tests.cli.saga import saga
from tests.pure import TINYTOWN
from tests.walk import PATHS, Walked, walk

SHANGHAI = timezone(timedelta(hours=8))
SHOWN = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)


def told(
    entries: Sequence[Entry],
    lang: str = "en",
    *,
    width: int = 100,
    now: datetime = SHOWN,
    explain: bool = False,
    teller: Teller | None = None,
) -> str:
    console = Console(width=width, record=True, file=None, quiet=False, force_terminal=False)
    teller = teller or Teller(Names(None, lang), SHANGHAI)
    with console.capture() as captured:
        console.print(timeline(entries, teller, now, explain=explain))
    return captured.get()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("lang", ["en", "zh-CN"])
@pytest.mark.parametrize("width", [80, 120])
def test_every_life_fits_the_terminal(path: str, lang: str, width: int) -> None:
    walked = walk(
        path, text="石岩街道海谷科技大厦旁边的楼梯烂得厉害，好几级水泥都碎了 🕳️ see photo " * 3
    )
    text = told(walked.entries, lang, width=width, explain=True)
    assert max(map(cell_len, text.splitlines())) <= width
    assert "event." not in text
    assert "timeline." not in text


def test_a_closed_life() -> None:
    text = told(walk("closed").entries)
    for words in (
        "WA-video-1",
        "ticket/video/1",
        "Nobody owes anything any more.",
        "2026-11-02 17:30:00",
        "Received from video",
        "楼梯坏了，走路很危险",
        "Verified: confirmed  street",
        "after 7 min",
        "Dispatched to works, assisted by police",
        "Replied: solved, on time  works",
        "picture of the site after photo/1",
        "Rated 5 of 5",
        "Closed: solved",
        "Replied on time",
        "Took 35 min",
    ):
        assert words in text
    order = [
        "Clue ─",
        "Verification ─",
        "Filing ─",
        "Supervision · works ─",
        "Closure ─",
        "Summary",
    ]
    assert sorted(order, key=text.index) == order
    assert "Reworks" not in text


def test_an_open_life_names_who_has_the_ball_and_until_when() -> None:
    walked = walk("unsigned")
    text = told(walked.entries)
    assert "→ works must sign for it by 2026-11-16 23:59 (in 13 d)" in text
    assert "→ police must assist" in text
    assert "Summary" not in text
    late = told(walked.entries, now=datetime(2026, 11, 20, tzinfo=UTC))
    assert "(3 d overdue)" in late


def test_rework_gets_its_own_chapter_and_is_summed_up() -> None:
    text = told(walk("reworked").entries)
    assert "Sent back for rework: the checker did not accept the reply" in text
    assert "照片不清楚" in text
    assert "Supervision, rework 1" in text
    assert "Reworks: 1" in text


def test_silence_is_never_praise() -> None:
    walked = walk(("verify", "sign", "reply", "review", "call"))
    text = told(walked.entries)
    assert "Called back: reached, declined to rate" in text
    assert "Not rated" in text
    assert "Rated " not in text


def test_a_late_reply_says_how_late() -> None:
    walked = walk(("verify", "sign", "wait", "wait", "reply", "review", "rate"))
    text = told(walked.entries)
    assert "Replied: solved, overdue" in text
    assert "Replied 7 min overdue" in text
    assert "▲ reminder: handling" in text
    assert "▲ overdue: handling" in text


def test_rungs_missed_in_an_outage_are_told() -> None:
    walked = walk("handling")
    due = walked.ticket.deadlines[ClockName.HANDLE].rungs[1].at
    rang = Rang(
        at=due + timedelta(hours=2),
        by=ENGINE,
        clock=ClockName.HANDLE,
        rung=RungKind.OVERDUE,
        due=due,
        late_s=7200,
        missed=(RungKind.REMINDER,),
    )
    walked.take([rang])
    assert "overdue: handling, rang 2 h late, missed meanwhile: reminder" in told(walked.entries)


def test_a_discarded_clue_is_short_and_says_why() -> None:
    def advert(_: Walked) -> dict[str, Result]:
        verdict = ClueVerdict.ADVERTISEMENT
        return {"screen": ScreenResult(verdict=verdict, rule="advertisement: 加微信")}

    walked = walk((), text="加微信 领优惠券 💰", answer=advert)
    text = told(walked.entries)
    assert "Screened: an advertisement" in text
    assert "advertising words: 加微信" in text
    assert "Ended: discarded – it is an advertisement" in text
    assert "Verification" not in text


def test_a_stuck_clue_says_what_a_person_must_decide() -> None:
    walked = walk((), answer=lambda _: {"locate": LocateResult(place=Place(), problem="ambiguous")})
    text = told(walked.entries)
    assert "A person decides: it is not certain which place is meant" in text
    assert "dispatcher's desk must decide what it is" in text


@pytest.mark.parametrize(
    ("lang", "located", "asked"),
    [
        ("en", "which place is meant; perhaps Mill Parish or South Side", "Mill Parish or South"),
        (
            "zh-CN",
            "不能确定是哪个地点；可能是Mill Parish或South Side",
            "转人工：不能确定是哪个地点：Mill",
        ),
    ],
)
def test_a_choice_of_places_is_told(lang: str, located: str, asked: str) -> None:
    possible = ("mill", "south")
    unsure = LocateResult(place=Place(), problem="ambiguous", possible_regions=possible)
    entries = walk((), answer=lambda _: {"locate": unsure}).entries
    named = Teller(Names(read_pack(TINYTOWN), lang), SHANGHAI)
    text = told(entries, lang, width=140, teller=named)
    assert located in text
    assert asked in text


def test_chinese() -> None:
    text = told(walk("reworked").entries, "zh-CN")
    for words in (
        "线索 ─",
        "督办（第 1 次重办） · works ─",
        "退回重办：答复未通过审核",
        "7 分钟后",
        "小结",
    ):
        assert words in text


def test_a_text_cannot_act_on_the_terminal_or_on_the_layout() -> None:
    nasty = "a\u2066red\u202eright [bold]x[/bold] [link=file:///x]y[/link] :smile:"
    text = told(walk("verifying", text=nasty).entries)
    assert "\u2066" not in text
    assert "\u202e" not in text
    assert "[bold]x[/bold] [link=file:///x]y[/link] :smile:" in text


def test_names_of_the_city_are_used_where_they_are_known() -> None:
    teller = Teller(Names(read_pack(TINYTOWN), "en"), UTC)
    console = Console(width=100, force_terminal=False)
    with console.capture() as captured:
        console.print(timeline(walk("verifying", channel="wall").entries, teller, SHOWN))
    assert "Received from Town wall comments" in captured.get()


def of_saga(parts: int, lang: str = "en", width: int = 200) -> str:
    """The long life or its first parts, in its town's names and time, as one line of words."""
    lived = saga(parts)
    teller = Teller(Names(lived.pack, lang), ZoneInfo(lived.pack.timezone))
    text = told(lived.engine.entries, lang, width=width, now=lived.engine.now, teller=teller)
    return " ".join(text.split())


def in_order(words: Sequence[str], text: str) -> list[str]:
    """Those of the words that do not follow those before them."""
    at, lost = 0, []
    for one in words:
        found = text.find(one, at)
        if found < 0:
            lost.append(one)
        else:
            at = found
    return lost


def test_a_long_life_reads_as_a_story() -> None:
    story = (
        "Verified: confirmed Wardens of Mill",
        "Dispatched to Roads and Lights, assisted by Wardens of Mill",
        "due signing by 2026-06-01 17:00 (2 working hours)",
        "handling by 2026-06-08 23:59 (5 working days)",
        "Supervision · Roads and Lights",
        "▲ overdue: signing",
        "? Asks to return it to Bins and Parks Roads and Lights",
        "basis Parks Act s.2",
        "✗ Return refused to Roads and Lights Town Help Desk · dispatcher",
        "● Signed Roads and Lights",
        "§ Arbitration TT-00001-A1 opened: returns were refused too often",
        "▲ Supervised from now on: units refuse it; supervision order TT-00001-D1, yellow card, "
        "to Roads and Lights · deputy head",
        "● Supervision order TT-00001-D1 answered Roads and Lights",
        "§ Joint consultation called with Roads and Lights, Bins and Parks Town Help Desk",
        "§ Ruling TT-00001-A1: Bins and Parks is responsible, assisted by Roads and Lights",
        "until 2026-12-31",
        "Gap in the responsibility list, change proposed: Hole in the road in Mill Parish to Bins",
        "Supervision order TT-00001-D1 released: the ticket has gone to another unit",
        "Dispatched to Bins and Parks, assisted by Roads and Lights, by ruling TT-00001-A1",
        "mandatory Roads and Lights",
        "Supervision · Bins and Parks",
        "§ Appeal TT-00001-A1-appeal lodged against the ruling Bins and Parks",
        "§ Ruling TT-00001-A1-appeal: Bins and Parks is responsible, assisted by Roads and "
        "Lights; final",
        "? Asks for an extension of 3 working days",
        "✓ Extension granted: 3 working days Town Help Desk · dispatcher",
        "handling now by 2026-06-17 23:59, was 2026-06-13 23:59: extended",
        "? Asks for a hold until 2026-06-22",
        "told so far Fenced off; we mend it when the flood is gone.",
        "✓ On hold until 2026-06-22",
        "Hold over: the review date has come",
        "handling now by 2026-07-01 23:59, was 2026-06-17 23:59: the hold is over",
        "● Whistle blown for Fire and Rescue Wardens of Mill",
        "● Turned up Fire and Rescue",
        "▲ Now urgent Town Help Desk · supervisor reason The mayor's procession passes.",
        "● On site Bins and Parks",
        "▲ escalated: handling told Bins and Parks · head (Ada Byron), Town Help Desk · duty",
        "▲ yellow card: handling; supervision order TT-00001-D2 to Bins and Parks · deputy head "
        "(Tom Paine) requirement Say why it is late.",
        "▲ red card: handling; supervision order TT-00001-D3 to Bins and Parks · head (Ada Byron)",
        "replaces TT-00001-D2",
        "▲ reported to the leaders: handling; supervision order TT-00001-D4 to Town Help Desk",
        "● Replied: solved, overdue Bins and Parks",
        "↺ Sent back for rework: the checker did not accept the reply",
        "Supervision, rework 1 · Bins and Parks",
        "● Rated 1 of 5 (speed 1) reporter note It is a bump now!",
        "? Appeals against the rating Bins and Parks",
        "● Rating appeal refused: the rating counts",
        "Supervision, rework 3 · Bins and Parks",
        "▲ Supervised from now on: sent back again and again; supervision order TT-00001-D5",
        "● Supervision order TT-00001-D5 released Town Help Desk · supervisor outcome Seen",
        "✓ Closed: solved; the reporter rated it",
        "↺ Reopened reporter reason A new hole beside it.",
        "Supervision, reopened · Bins and Parks",
        "✓ Closed: solved; the reporter was not reached",
        "■ Archived: the reopen window has passed",
        "Replied on time",
        "By the first due time (2026-06-08 23:59): 64 d overdue",
        "Returns asked: 2 · Arbitrations: 1 · Appeals: 1 · Extensions: 1 · Holds: 1",
        "Supervision orders: 5 · Reworks: 3 · Reopened: 1",
    )
    assert in_order(story, of_saga(6)) == []


def test_the_same_story_in_chinese() -> None:
    story = (
        "督办 · Roads and Lights",
        "? 申请退单，建议转Bins and Parks",
        "✗ 不同意Roads and Lights退单 Town Help Desk · 分拨员",
        "§ 进入裁决 TT-00001-A1：退单多次未获同意",
        "▲ 列入督办：推诿退单；下发督办单 TT-00001-D1（黄牌）：Roads and Lights分管负责人",
        "§ 裁决 TT-00001-A1：由Bins and Parks主办，Roads and Lights协办",
        "§ 对裁决提出申诉",
        "；终局",
        "✓ 同意延期 3 个工作日",
        "时限 办理改为 2026-06-17 23:59 前（原 2026-06-13 23:59）：延期",
        "✓ 同意挂账，至 2026-06-22",
        "· 挂账结束：复核日已到",
        "● 吹哨：请Fire and Rescue到场",
        "● 到场报到 Fire and Rescue",
        "▲ 调为加急",
        "▲ 红牌：办理；下发督办单 TT-00001-D3：Bins and Parks主要负责人（Ada Byron）",
        "取代 TT-00001-D2",
        "▲ 呈报领导：办理；下发督办单 TT-00001-D4",
        "督办（第 3 次重办） · Bins and Parks",
        "督办（重开） · Bins and Parks",
        "按首次时限（2026-06-08 23:59）超期 64 天",
        "申请退单 2 次 · 裁决 1 次 · 申诉 1 次 · 延期 1 次 · 挂账 1 次 · 督办单 5 张",
    )
    assert in_order(story, of_saga(6, "zh-CN")) == []


def test_the_head_tells_who_must_do_what_and_what_lies_over_the_ticket() -> None:
    disputed = of_saga(1)
    for words in (
        "→ Roads and Lights must reply by 2026-06-08 23:59 (in 6 d)",
        "→ arbiter's desk must rule whose it is by 2026-06-04 23:59 (in 2 d 6 h)",
        "→ Roads and Lights · deputy head must answer the supervision order by 2026-06-03 23:59",
        "dispute TT-00001-A1, since 2026-06-02 17:10: returns were refused too often",
        "supervised found by the city itself, units refuse it",
        "order TT-00001-D1, yellow card, since 2026-06-02 17:10",
    ):
        assert words in disputed
    moved = of_saga(3)
    assert "must reply by 2026-07-01 23:59 (in 5 d), originally by 2026-06-13 23:59" in moved
    assert "ruled Bins and Parks, TT-00001-A1-appeal, final" in moved
    assert "first due 2026-06-08 23:59" in moved
    assert "须于 2026-07-01 23:59 前答复（还有 5 天），原限 2026-06-13 23:59" in of_saga(3, "zh-CN")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("on_hold", "on hold until 2026-11-22, since 2026-11-02"),
        ("returning", "asked to return it"),
        ("extending", "asked an extension of"),
        ("urgent", "urgent"),
        ("fed_back", "; answered 2026-11-"),
        ("consulted", "; joint consultation"),
    ],
)
def test_the_head_of_a_ticket_that_waits(path: str, words: str) -> None:
    head, _, _ = " ".join(told(walk(path).entries, width=200).split()).partition(" Clue ─")
    assert words in head


def test_a_watch_that_presses_day_after_day_is_one_line() -> None:
    text = of_saga(6)
    assert "▲ pressed: still overdue, 31 times, last 2026-07-28 23:59" in text
    assert text.count("still overdue") == 1


def test_nothing_that_happened_is_left_out() -> None:
    lives = [walk(path).entries for path in PATHS] + [list(saga(6).engine.entries)]
    teller = Teller(Names(None, "en"), SHANGHAI)
    for entries in lives:
        text = " ".join(told(entries, width=400).split())
        for event in (entry.event for entry in entries):
            ended = isinstance(event, Rang) and event.rung is RungKind.ELAPSED
            if isinstance(event, OrderIssued):
                assert event.number in text
            elif not (isinstance(event, Planned) or ended):
                assert " ".join(teller.sentence(event).split()) in text


def test_due_times_stand_with_what_set_them() -> None:
    text = of_saga(6)
    assert "Due times set" not in text
    card = text.index("yellow card: handling; supervision order TT-00001-D2")
    assert text.index("supervision order by 2026-07-06 23:59", card) < text.index("escalated", card)


def test_due_times_that_stay_are_no_news() -> None:
    walked = walk("replanned")
    text = told(walked.entries)
    assert "no due time has moved" in text
    assert text.count("handling by") == 1


def test_every_rung_has_a_style() -> None:
    assert set(RUNG_STYLE) == set(RungKind)
