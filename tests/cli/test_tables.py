"""Lists as people see them: from the rows that the ledger makes of real lives."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from juanchi.cli.tables import order_table, ruling_table, ticket_table
from juanchi.domain.lines import OrderLine, RulingLine, TicketLine
from juanchi.domain.ticket import Ticket
from juanchi.ledger.rows import ticket_row
from juanchi.ledger.supervision_rows import order_rows, ruling_rows
from juanchi.words.naming import Names
from juanchi.words.telling import Teller
from tests.cli.saga import saga, stern_town
from tests.walk import walk

NOW = datetime(2026, 7, 8, 12, 0, tzinfo=UTC)


def shown(table: Table, width: int = 140) -> str:
    console = Console(width=width, force_terminal=False)
    with console.capture() as captured:
        console.print(table)
    return captured.get()


def rows(table: Table, width: int = 200) -> list[str]:
    """The table's lines but the heading, each with single spaces."""
    return [" ".join(line.split()) for line in shown(table, width).splitlines()[1:]]


def listed(ticket: Ticket, lang: str = "en") -> str:
    row: dict[str, Any] = ticket_row(ticket, NOW)
    line = TicketLine.model_validate(row)
    teller = Teller(Names(stern_town(), lang), UTC)
    return " ".join(rows(ticket_table([line], teller, NOW)))


@pytest.mark.parametrize(
    ("path", "english", "chinese"),
    [
        ("on_hold", "being handled · supervised · on hold", "办理中 · 督 · 挂"),
        ("arbitrated", "disputed", "裁"),
        ("returning", "return?", "退？"),
        ("extending", "extension?", "延？"),
        ("ordered", "yellow card", "黄牌"),
        ("urgent", "urgent · supervised", "加急 · 督"),
    ],
)
def test_what_lies_over_a_ticket_is_marked(path: str, english: str, chinese: str) -> None:
    ticket = walk(path).ticket
    assert english in listed(ticket)
    assert chinese in listed(ticket, "zh-CN")


def test_an_open_order_says_that_it_is_supervised() -> None:
    assert "supervised" not in listed(walk("ordered").ticket)
    assert "supervised" not in listed(walk("closed").ticket)


def orders(parts: int, lang: str = "en", now: datetime = NOW) -> list[str]:
    lived = saga(parts)
    lines = [OrderLine.model_validate(row) for row in order_rows(lived.engine.ticket)]
    teller = Teller(Names(lived.pack, lang), UTC)
    return rows(order_table(lines, teller, now, wide=True))


def test_orders() -> None:
    assert orders(1, now=saga(1).engine.now) == [
        "TT-00001-D1 in 1 d 6 h yellow card Roads and Lights · deputy head units refuse it "
        "Say why it is late."
    ]
    later = orders(4)
    assert later[0].startswith("TT-00001-D1 released yellow card Roads and Lights · deputy head")
    assert later[-1] == (
        "TT-00001-D4 in 2 d 10 h reported Town Help Desk · mayor overdue For a decision."
    )
    assert orders(4, "zh-CN")[-1].startswith("TT-00001-D4 还有 2 天 10 小时 呈报 Town Help Desk")


def test_an_answered_order_waits_for_its_release() -> None:
    ticket = walk("fed_back").ticket
    lines = [OrderLine.model_validate(row) for row in order_rows(ticket)]
    table = order_table(lines, Teller(Names(None, "en"), UTC), NOW)
    assert " answered yellow card " in rows(table)[0]


def test_rulings() -> None:
    lived = saga(2)
    lines = [RulingLine.model_validate(row) for row in ruling_rows(lived.engine.ticket)]
    english = rows(ruling_table(lines, Teller(Names(lived.pack, "en"), UTC), wide=True))
    assert english == [
        "TT-00001-A1 Hole in the road Mill Parish Bins and Parks 2026-12-31 gap in list "
        "It lies in the park.",
        "TT-00001-A1-appeal Hole in the road Mill Parish Bins and Parks – final "
        "The park reaches to the kerb.",
    ]
    anywhere = lines[0].model_copy(update={"region": None})
    assert " 全市 " in rows(ruling_table([anywhere], Teller(Names(lived.pack, "zh-CN"), UTC)))[0]


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
@pytest.mark.parametrize("width", [80, 120])
def test_tables_fit_the_terminal(lang: str, width: int) -> None:
    lived = saga(4)
    teller = Teller(Names(lived.pack, lang), UTC)
    ticket = lived.engine.ticket
    given = [OrderLine.model_validate(row) for row in order_rows(ticket)]
    ruled = [RulingLine.model_validate(row) for row in ruling_rows(ticket)]
    for table in (
        order_table(given, teller, NOW + timedelta(days=3), wide=width > 100),
        ruling_table(ruled, teller, wide=width > 100),
    ):
        text = shown(table, width)
        assert max(map(cell_len, text.splitlines())) <= width
        assert "cli.column" not in text


def test_no_column_is_cut_off_at_a_narrow_terminal() -> None:
    lived = saga(4)
    row: dict[str, Any] = ticket_row(lived.engine.ticket, NOW)
    line = TicketLine.model_validate({**row, "number": "SZ-20261122-000123"})
    for lang in ("en", "zh-CN"):
        text = shown(ticket_table([line], Teller(Names(lived.pack, lang), UTC), NOW), 80)
        assert "SZ-20261122-000123" in text
        assert "Parks" in text
