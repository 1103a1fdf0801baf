"""Where the lines of people's words break."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console, Group

from juanchi.cli.prose import TIED, Prose, breaks


def lines(text: str, width: int) -> list[str]:
    console = Console(width=width, force_terminal=False)
    with console.capture() as captured:
        console.print(Group(Prose(text)))
    return [line.rstrip() for line in captured.get().splitlines()]


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("one two three", 8, ["one two", "three"]),
        ("下发督办单 TT-00001-D1 给主要负责人", 14, ["下发督办单", "TT-00001-D1 给", "主要负责人"]),
        ("工单已逾期，请督促", 12, ["工单已逾期，", "请督促"]),
        ("办理（还有 1 天）结束", 10, ["办理（还有", "1 天）结束"]),
        ("averyverylongword x", 6, ["averyv", "erylon", "gword", "x"]),
        ("a\n\nb", 5, ["a", "", "b"]),
        (f"to Bins{TIED}and{TIED}Parks", 14, ["to", "Bins and Parks"]),
        (f"署{TIED}· 1", 4, ["署 ·", "1"]),
        (f"（已超 1{TIED}天）", 7, ["（已超", "1 天）"]),
        ("yes|no|perhaps", 7, ["yes|no|", "perhaps"]),
    ],
)
def test_breaks(text: str, width: int, expected: list[str]) -> None:
    assert lines(text, width) == expected


TEXTS = st.text(alphabet="ab -.|，。（）“”工单办理🎉é" + TIED, max_size=60)


@given(TEXTS, st.integers(min_value=4, max_value=30))
def test_no_part_is_too_wide_and_none_is_lost(text: str, width: int) -> None:
    found = breaks(text, width)
    assert found == sorted(set(found))
    parts = [text[a:b] for a, b in zip([0, *found], [*found, len(text)], strict=True)]
    assert "".join(parts) == text
    assert all(cell_len(part.rstrip()) <= width for part in parts)
    assert all(0 < place < len(text) for place in found)
