"""A ticket's life as it is printed: told from recorded walks, as text."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

import pytest
from rich.cells import cell_len
from rich.console import Console

from juanchi.cli.timeline import timeline
from juanchi.domain.actor import ENGINE
from juanchi.domain.clocks import Rang
from juanchi.domain.clue import LocateResult, ScreenResult
from juanchi.domain.events import Entry
from juanchi.domain.messages import Result
from juanchi.domain.place import Place
from juanchi.domain.terms import ClockName, ClueVerdict, RungKind
from juanchi.packs import read_pack
from juanchi.words.naming import Names
from juanchi.words.telling import Teller
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
) -> str:
    console = Console(width=width, record=True, file=None, quiet=False, force_terminal=False)
    teller = Teller(Names(None, lang), SHANGHAI)
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
    order = ["Clue ─", "Verification ─", "Filing ─", "Supervision ─", "Closure ─", "Summary"]
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
    assert "A person decides: several places are named" in text
    assert "dispatcher's desk must decide what it is" in text


def test_chinese() -> None:
    text = told(walk("reworked").entries, "zh-CN")
    for words in (
        "线索 ─",
        "督办（第 1 次重办） ─",
        "退回重办：答复未通过审核",
        "7 分钟后",
        "小结",
    ):
        assert words in text


def test_why_explains_every_due_time() -> None:
    text = told(walk("unsigned").entries, explain=True)
    for words in (
        "handling: due 2026-11-16 23:59",
        "10 working days",
        "policy walk@1 limits.handle.default",
        "2026-11-07 – 2026-11-08  2 days  weekend",
        "provisional",
        "2026-11-17 23:59  escalated",
    ):
        assert words in text
    chinese = told(walk("overdue").entries, "zh-CN", explain=True)
    assert "2 天  周末" in chinese
    assert "提醒  已响" in chinese


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
