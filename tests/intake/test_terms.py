"""Many terms in one text: the index finds what a plain scan finds."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juanchi.intake.terms import TermIndex

LETTERS = "ab石岩街道 "
WORDS = st.lists(st.text(LETTERS, min_size=1, max_size=4), max_size=12)
TEXTS = st.text(LETTERS, max_size=40)


def scanned(terms: list[str], text: str) -> Iterator[tuple[int, int, str]]:
    for start in range(len(text)):
        for term in sorted(terms, key=len, reverse=True):
            if text.startswith(term, start):
                yield start, start + len(term), term


@given(terms=WORDS, text=TEXTS)
def test_the_index_finds_what_a_scan_finds(terms: list[str], text: str) -> None:
    once = list(dict.fromkeys(terms))
    assert list(TermIndex((term, term) for term in once).find(text)) == list(scanned(once, text))


@given(terms=WORDS, text=TEXTS)
def test_of_terms_that_overlap_the_first_and_longest(terms: list[str], text: str) -> None:
    wanted, free = [], 0
    for found in scanned(list(dict.fromkeys(terms)), text):
        if found[0] >= free:
            wanted.append(found)
            free = found[1]
    assert list(TermIndex((one, one) for one in set(terms)).find(text, longest=True)) == wanted


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Mill", ["Mill"]),
        ("the Mill's wheel", ["Mill"]),
        ("Millions", []),
        ("Windmill Mills", []),
        ("在Mill路", ["Mill"]),
        ("Route 1, Route 12", ["Route 1"]),
        ("石岩街道", ["石岩"]),
    ],
)
def test_whole_words_where_words_have_edges(text: str, found: list[str]) -> None:
    index = TermIndex(((one, one) for one in ("Mill", "Route 1", "石岩")), whole_words=True)
    assert [term for _, _, term in index.find(text, longest=True)] == found


def test_one_term_for_several_things() -> None:
    index = TermIndex([("新桥", 1), ("新桥", 2), ("", 3)])
    assert list(index.find("到新桥")) == [(1, 3, 1), (1, 3, 2)]
    assert len(index) == 1
