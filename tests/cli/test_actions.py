"""What may be asked of a ticket, and how its fields are typed."""

import pytest
from rich.cells import cell_len
from rich.console import Console

from juanchi.cli.actions import action_table, typed
from juanchi.domain.actions import KINDS


def shown(lang: str, width: int = 80) -> str:
    console = Console(width=width, force_terminal=False)
    with console.capture() as captured:
        console.print(action_table(lang))
    return captured.get()


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
@pytest.mark.parametrize("width", [80, 120])
def test_every_action_is_there_and_fits(lang: str, width: int) -> None:
    text = shown(lang, width)
    assert max(map(cell_len, text.splitlines())) <= width
    heads = [line.split()[0] for line in text.splitlines() if not line.startswith(" ")]
    assert heads == list(KINDS)


def test_an_action_tells_what_it_does_who_may_and_with_which_fields() -> None:
    text = shown("en", 120)
    for words in (
        "unit – while being handled",
        "reason=... days=1",
        "reason=... review_on=2026-12-31 phase_reply=...",
        "agreed=true|false [note=...] [lead=...] [item=...] [assisting=a,b]",
        "[level=yellow_card|red_card|raised|reported] [leader=...] [copies=a,b]",
        "note=... [--evidence kind=ref]",
        "result=not_reached|declined",
        "rating={...}",
    ):
        assert words in text
    assert "承办单位，环节：办理中" in shown("zh-CN")


@pytest.mark.parametrize(
    ("kind", "name", "value", "expected"),
    [
        ("add_assisting", "units", "roads", ["roads"]),
        ("add_assisting", "units", "roads, bins", ["roads", "bins"]),
        ("add_assisting", "units", "roads，bins、rescue,", ["roads", "bins", "rescue"]),
        ("order", "evidence_wanted", "contact,document", ["contact", "document"]),
        ("order", "copies", "lead/head", ["lead/head"]),
        ("replan", "years", "2026,2027", ["2026", "2027"]),
        ("request_extension", "reason", "rain, and frost", "rain, and frost"),
        ("progress", "evidence", "a,b", "a,b"),
        ("rule", "backstop", "a,b", "a,b"),
        ("rule", "unheard_of", "a,b", "a,b"),
        ("unheard_of", "units", "a,b", "a,b"),
    ],
)
def test_lists_may_be_typed_with_commas(kind: str, name: str, value: str, expected: object) -> None:
    assert typed(kind, name, value) == expected
