"""Words found in one pass are the words of a plain scan; what comes near is a proposal at most."""

from hypothesis import given, settings
from hypothesis import strategies as st

from juanchi.domain.lists import Item, Pack
from juanchi.intake.recognition import Recogniser, clear_winner
from juanchi.intake.vocabulary import NearIndex, WordIndex
from tests.pure import tinytown

TOWN = tinytown()

# Few letters, so that words lie in each other and overlap.
few = st.text("ab路灯 ", min_size=1, max_size=5)


def scanned(words: set[str], text: str) -> set[str]:
    """What the index does, word by word."""
    found = {word for word in words if word in text}
    return {word for word in found if not any(word != other and word in other for other in found)}


def pack_of(*items: Item) -> Pack:
    return TOWN.pack.model_copy(update={"items": items})


def item(code: str, name: str, *keywords: str) -> Item:
    return Item(code=code, category="Streets", name=name, keywords=keywords)


@given(words=st.sets(few, max_size=30), text=st.text("ab路灯 c", max_size=60))
def test_the_index_finds_what_a_scan_of_all_words_finds(words: set[str], text: str) -> None:
    assert WordIndex(words).found(text) == scanned(words, text)


@given(
    catalogue=st.lists(st.lists(few, min_size=1, max_size=4, unique=True), max_size=8),
    text=st.text("ab路灯 c", max_size=60),
)
def test_items_are_scored_as_by_a_scan(catalogue: list[list[str]], text: str) -> None:
    items = [item(f"i{at}", *words) for at, words in enumerate(catalogue)]
    found = {m.item.code: m for m in Recogniser(pack_of(*items)).matches(text) if m.words}
    said = scanned({word for words in catalogue for word in words}, text)
    expected = {
        f"i{at}": {word for word in words if word in said} for at, words in enumerate(catalogue)
    }
    assert {code: set(match.words) for code, match in found.items()} == {
        code: words for code, words in expected.items() if words
    }
    for match in found.values():
        assert match.score == sum(len(word) ** 2 for word in match.words)


def test_words_are_told_in_the_same_order_every_time() -> None:
    both = item("lamp", "Lamp", "dark", "light")
    (match,) = Recogniser(pack_of(both)).matches("a dark LIGHT lamp")
    assert match.words == ("dark", "lamp", "light")


def test_what_comes_near_a_word_is_proposed_and_never_sure() -> None:
    town = Recogniser(pack_of(item("bulb", "Streetlight")))
    (match,) = town.matches("three streetlghts out")
    assert (match.item.code, match.words, match.probability) == ("bulb", (), None)
    assert 0 < match.score < 1
    assert not clear_winner([match])
    assert not TOWN.recogniser.matches("nothing that anybody knows")
    assert not town.names_an_item("three streetlghts out")
    assert town.names_an_item("three STREETLIGHTS out")


def test_a_chinese_name_with_a_word_between_comes_near() -> None:
    town = Recogniser(pack_of(item("hole", "路面坑洼不平"), item("noise", "施工噪声扰民")))
    assert [m.item.code for m in town.matches("门口路面坑洼特别不平")] == ["hole"]


@settings(max_examples=30)
@given(st.text(max_size=80))
def test_any_text_may_come_near(text: str) -> None:
    for near in NearIndex(["pothole", "路灯不亮", "a", "🙂"]).near(text.casefold()):
        assert 0 < near.share <= 1 + 1e-9


def test_an_empty_catalogue_finds_nothing() -> None:
    assert Recogniser(pack_of()).matches("a pothole") == []
