"""What users of such systems suffer from: each failure of the field by name, in its smallest form.

Most have more tests where their rules are; here is the list itself, so that nothing of it is
forgotten. What fails in machines is in ``test_failures_of_systems``.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from juanchi.domain.ball import TaskKind
from juanchi.domain.clocks import Rang
from juanchi.domain.measures import Metric, measure
from juanchi.domain.metrics.summary import summarise
from juanchi.domain.refusal import Code
from juanchi.domain.returns import ReturnRequested
from juanchi.domain.supervised import OrderIssued
from juanchi.domain.terms import ClockName, RungKind, Trigger
from juanchi.domain.ticket import Phase, Reporter
from juanchi.intake.files import Source
from juanchi.intake.mapper import Mapper
from juanchi.intake.mapping import read_mapping
from juanchi.ledger import views
from juanchi.ledger.rebuild import rebuild
from juanchi.ledger.writer import LedgerWriter
from juanchi.packs import read_pack
from juanchi.runtime.settings import Settings
from juanchi.words.catalogue import LANGUAGES
from juanchi.words.naming import Names
from juanchi.words.telling import Teller
from tests.domain.people import DAY, Life, alive, handling, unsigned
from tests.ledger.peek import everything
from tests.pure import TINYTOWN, PureEngine
from tests.town import Town, founded, town_at_work
from tests.walk import walk


@pytest.fixture(scope="module")
async def ledger(database_url: str) -> AsyncIterator[AsyncEngine]:
    """A ledger with Tinytown's lists."""
    engine = await founded(database_url, read_pack(TINYTOWN))
    yield engine
    await engine.dispose()


@pytest.fixture(scope="module")
async def town(
    settings: Settings, temporal_client: Client, ledger: AsyncEngine
) -> AsyncIterator[Town]:
    """The town at work on that ledger."""
    async with town_at_work(settings, temporal_client, temporal_client, ledger) as alive:
        yield alive


# ---------------------------------------------------------------- buck-passing


@pytest.mark.parametrize("agrees", [True, False])
def test_returns_with_no_end(agrees: bool) -> None:
    """Units that return whatever they get, and a centre that always or never agrees."""
    life = unsigned()
    others = {"roads": "bins", "bins": "rescue", "rescue": "roads"}
    while life.ticket.dispute is None:
        life.does("lead", "request_return", to=others[life.ticket.lead or ""])
        if life.ticket.returning:
            life.does("dispatcher", "answer_return", agreed=agrees, note="as the list says")
    life.does("arbiter", "rule", lead="bins", backstop="town-desk")
    assert life.refuses("lead", "request_return") is Code.RULED_MAY_NOT_RETURN
    assert len(life.all(ReturnRequested)) == 2


def test_nobody_signs_so_no_clock_runs() -> None:
    """The handling clock starts at the dispatch; who never signs is pressed up to the mayor."""
    life = unsigned()
    assert life.clock(ClockName.HANDLE).started == life.ticket.dispatched_at
    life.passes(30 * DAY)
    assert life.ticket.signed_at is None
    rang = {(event.clock, event.rung) for event in life.all(Rang)}
    assert (ClockName.SIGN, RungKind.ESCALATED) in rang
    assert (ClockName.HANDLE, RungKind.OVERDUE) in rang
    assert life.last(OrderIssued).leader == "town-desk/mayor"


def test_work_pushed_to_streets_without_power() -> None:
    """By no way: not by dispatch, not by return, not by ruling; but what is theirs they get."""
    street = {"lead": "warden-mill"}
    lamp = alive("the lamp by the tree", channel="web")
    assert lamp.refuses("dispatcher", "dispatch", **street) is Code.NO_SUCH_DUTY
    life = unsigned()
    life.does("lead", "request_return", to="warden-mill")
    assert life.refuses("dispatcher", "answer_return", agreed=True) is Code.NO_SUCH_DUTY
    life.does("supervisor", "open_arbitration", reason="whose?")
    assert life.refuses("arbiter", "rule", **street) is Code.NO_SUCH_DUTY
    assert unsigned("rubbish dumped at The Docks").ticket.lead == "warden-harbour"


# ---------------------------------------------------------------- faked closing


def test_answered_but_not_solved() -> None:
    """No "solved" without proof; who looks again sends it back, and the third time is reported."""
    life = handling()
    assert life.refuses("lead", "reply", evidence=[]) is Code.MISSING_EVIDENCE
    for _ in range(3):
        life.goes_on(Phase.CALLBACK)
        life.does("reporter", "rate", rating={"overall": 1, "comment": "the hole is still there"})
        life.does("checker", "review", accepted=False, note="it is")
    assert Trigger.REWORKS in life.ticket.supervised
    assert life.ticket.ending is None
    solved = Counter(one.counted for one in measure(life.entries) if one.metric is Metric.SOLVED)
    assert not solved[True], "an answer that did not stand is not counted as solved"


async def test_template_replies(ledger: AsyncEngine) -> None:
    """No machine can tell a template from an honest answer, and this one does not pretend to.

    What it holds: the words are kept whole, with who gave them to whom, so that the same answer in
    many tickets can be counted; and words alone never solve anything.
    """
    writer = LedgerWriter(ledger)
    for number in range(3):
        await writer.record(walk("closed", external_id=f"same-{number}").whole)
    counted = text(
        "SELECT event->>'public', by_unit, count(DISTINCT ticket_id) FROM journal "
        "WHERE kind = 'replied' GROUP BY 1, 2 HAVING count(DISTINCT ticket_id) > 1"
    )
    async with ledger.connect() as connection:
        found = {tuple(row[:2]): row[2] for row in await connection.execute(counted)}
    assert found["修好了 🎉", "works"] >= 3
    words_alone = {"public": "Your matter has been passed to the department.", "evidence": []}
    assert handling().refuses("lead", "reply", **words_alone) is Code.MISSING_EVIDENCE


def test_satisfaction_by_counting_silence_as_praise() -> None:
    """One of ten is content, one is not, eight say nothing: half are satisfied, a fifth rated."""
    lives = [alive().goes_on(Phase.CALLBACK) for _ in range(10)]
    lives[0].does("reporter", "rate", rating={"overall": 5})
    lives[1].does("reporter", "rate", rating={"overall": 1})
    lives[1].does("checker", "review", note="nothing more can be done")
    for life in lives[2:6]:
        life.does("checker", "call", result="declined")
    for life in lives[6:]:
        while life.ticket.phase is Phase.CALLBACK:
            life.does("checker", "call", result="not_reached")
    assert all(life.ticket.phase is Phase.CLOSED for life in lives)
    shares = {
        share.metric: (share.numerator, share.denominator)
        for share in summarise(one for life in lives for one in measure(life.entries))
    }
    assert shares[Metric.SATISFIED] == (1, 2)
    assert shares[Metric.RATED] == (2, 10)
    assert shares[Metric.NOT_RATED] == (8, 10)


async def test_the_same_matter_in_ten_tickets_with_ten_callbacks(town: Town) -> None:
    """Nine give their voice to the first: one ticket is handled, one call is made."""
    first = await town.report("many-0")
    others = await asyncio.gather(*(town.report(f"many-{n}") for n in range(1, 10)))
    await asyncio.gather(*(town.verify(o, "already_handled", into=first) for o in others))
    await town.verify(first)
    await town.sign(first)
    await town.reply(first)
    await town.review(first)
    state = await town.state(first)
    assert set(state.voices) == set(others)
    owed = await views.inbox(town.engine, "checker")
    calls = [line.ticket.id for line in owed if line.kind == TaskKind.CALL_BACK]
    assert [ticket for ticket in calls if ticket in (first, *others)] == [first]
    ended = [await views.ticket_row(town.engine, other) for other in others]
    assert {line.merged_into for line in ended if line} == {first}


# ---------------------------------------------------------------- typing, seeing, telling

MAPPING = """
external_id = "old-{id}"
text = "{what}, {street}"
[channel]
value = "web"
[reported_at]
column = "day"
format = "%Y-%m-%d"
time_of_day = 08:30:00
[place.region]
column = "street"
[item]
column = "what"
[lead]
column = "unit"
"""


def test_re_keying_between_systems(tmp_path: Path) -> None:
    """A row of another system's file becomes a dispatched ticket, and nobody types anything."""
    (tmp_path / "mapping.toml").write_text(MAPPING)
    file = tmp_path / "old.csv"
    file.write_text("id,day,what,street,unit\n7,2026-11-16,Street lamp out,Mill Parish,Roads\n")
    life = alive()
    mapper = Mapper(read_mapping(tmp_path / "mapping.toml"), life.tools.pack)
    (row,) = Source(file).rows()
    taken = PureEngine(life.tools, mapper.clue(row).clue)
    assert taken.ticket.id == "ticket/web/old-7"
    assert (taken.ticket.item, taken.ticket.lead) == ("lamp", "roads")
    assert taken.ticket.place is not None
    assert taken.ticket.place.region == "mill"
    assert taken.ticket.phase is Phase.UNSIGNED


def eventful() -> Life:
    """A life with nearly everything in it."""
    life = handling()
    life.does("lead", "request_extension")
    life.does("dispatcher", "answer_extension", granted=True)
    life.does("lead", "request_hold", review_on=life.day(5), phase_reply="After the frost.")
    life.does("dispatcher", "answer_hold", granted=True)
    life.passes(7 * DAY)
    life.does("supervisor", "open_arbitration", reason="whose?")
    life.does("arbiter", "rule", lead="bins", gap=True)
    life.passes(20 * DAY)
    life.does("lead", "sign")
    life.does("lead", "reply", public="It is mended.")
    return life.goes_on(Phase.CLOSED)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_citizens_who_see_nothing(lang: str) -> None:
    """Every event of a life is told in a sentence, in both languages, and so is what was answered.

    The citizens' own page is built in issue 6; it will show this.
    """
    life = eventful()
    pack = life.tools.pack
    teller = Teller(Names(pack, lang), ZoneInfo(pack.timezone))
    told = [(teller.sentence(line.event), teller.details(line.event)) for line in life.entries]
    assert all(sentence and "event." not in sentence for sentence, _ in told)
    said = {words for _, details in told for _, words in details}
    assert "It is mended." in said
    assert any("After the frost." in words for words in said)


async def test_complainants_identity_leaking_to_the_accused(ledger: AsyncEngine) -> None:
    """Units see the matter, not the reporter: not in lists, inboxes, notices nor the journal."""
    citizen = Reporter(id="citizen-4711", sealed_contact="SEALED-4711")
    walked = walk("closed", external_id="whistleblower", reporter=citizen)
    for recording in walked.recordings:
        await LedgerWriter(ledger).record(recording)
        seen: list[Any] = [
            await views.inbox(ledger, "works", limit=500),
            await views.notices(ledger, "works", limit=500),
            await views.find(ledger, limit=500),
        ]
        assert "4711" not in repr(seen)
    assert "4711" not in repr([notice.model_dump() for notice in walked.notices])
    tables = await everything(ledger)
    tables.pop("reporters")
    assert "SEALED" not in repr(tables)


async def test_manual_ledgers_and_reports(ledger: AsyncEngine) -> None:
    """Lists, counts and figures come from the journal alone, and come out the same when rebuilt."""
    for path in ("handling", "overdue", "archived", "withdrawn"):
        await LedgerWriter(ledger).record(walk(path, external_id=f"books-{path}").whole)
    before = await views.counts(ledger)
    assert sum(count.tickets for count in before) >= 4
    tables = await everything(ledger)
    await rebuild(ledger)
    assert await views.counts(ledger) == before
    assert await everything(ledger) == tables


def test_every_day_is_asked_of_the_journal() -> None:
    """What a month's report says of a life does not change when the month is over."""
    life = eventful()
    now = measure(life.entries)
    life.passes(timedelta(days=60))
    later = {(one.metric, one.at, one.unit): one.counted for one in measure(life.entries)}
    for one in now:
        assert later[one.metric, one.at, one.unit] == one.counted
