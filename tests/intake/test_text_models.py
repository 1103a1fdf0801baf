"""Models of texts: what they learn, how sure they are, and what they make of strange texts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from juanchi.domain.lists import Item
from juanchi.domain.models import Card, ModelKind
from juanchi.domain.terms import Nature
from juanchi.domain.ticket import Clue
from juanchi.intake.learning import fitting
from juanchi.intake.learning.archive import ModelUnreadable, Unreadable, pack, unpack
from juanchi.intake.learning.grams import READ_FIRST, READ_LAST, tidy
from juanchi.intake.learning.texts import TextModel
from juanchi.intake.recognition import Recogniser
from juanchi.intake.screening import Screener
from tests.intake.lessons import SUBJECTS, learned, lessons
from tests.pure import MONDAY, tinytown

MODEL = learned()
FRESH = lessons(200, seed=2)
TOWN = tinytown()


def test_it_learns_what_a_text_is_about() -> None:
    right = [MODEL.ranked(text)[0][0] == label for text, label, _ in FRESH]
    assert np.mean(right) > 0.95
    card = MODEL.card
    assert (card.kind, card.examples, card.classes) == (ModelKind.ITEM, 150, 3)
    assert card.held_out == 150
    assert card.figures["macro_f1"] > 0.9
    assert sum(point.count for point in card.reliability) == 150


def test_its_probabilities_are_of_different_labels_best_first() -> None:
    for text, _, _ in FRESH[:20]:
        labels, chances = zip(*MODEL.ranked(text), strict=True)
        assert set(labels) == set(SUBJECTS)
        assert list(chances) == sorted(chances, reverse=True)
        assert all(0 <= p <= 1 for p in chances)


def test_a_label_that_is_asked_for_comes_too_however_unlikely() -> None:
    text = FRESH[0][0]
    everything = MODEL.ranked(text, most=len(SUBJECTS))
    [best, *rest] = everything
    asked = MODEL.ranked(text, most=1, beside=[rest[-1][0], best[0], "never heard of"])
    assert asked == [best, rest[-1]]


def test_it_promises_no_more_than_comes_true() -> None:
    """Three labels in ten are drawn at random: nobody can be right more often than that allows."""
    model = TextModel.train(ModelKind.ITEM, lessons(500, wrong=0.3))
    truth = lessons(300, seed=2, wrong=0.3)
    answers = [model.ranked(text, most=1)[0] for text, _, _ in truth]
    promised = np.mean([p for _, p in answers])
    came = np.mean([one == label for (one, _), (_, label, _) in zip(answers, truth, strict=True)])
    # It is calibrated on folds that had learned from two thirds, so it may promise too little.
    assert came - 0.2 < promised < came + 0.05
    assert model.card.threshold is None


@pytest.mark.parametrize("lesson", ["few", "many"])
def test_a_model_that_was_stored_answers_as_before(
    lesson: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitting, "MOST_SEPARATED", 64 if lesson == "few" else 2)
    model = TextModel.train(ModelKind.ITEM, lessons(90))
    data = model.dump()
    loaded = TextModel.load(data, ModelKind.ITEM)
    assert loaded.dump() == data
    assert loaded.card == model.card
    for text, _, _ in FRESH[:50]:
        assert loaded.ranked(text) == model.ranked(text)
    right = [loaded.ranked(text)[0][0] == label for text, label, _ in FRESH]
    assert np.mean(right) > 0.9


def test_the_same_lessons_give_the_same_model() -> None:
    again = TextModel.train(ModelKind.ITEM, lessons())
    _, arrays, words = unpack(again.dump())
    _, before, told = unpack(MODEL.dump())
    assert words == told
    assert all(np.array_equal(arrays[name], before[name]) for name in before)


@pytest.mark.parametrize("text", ["", "   ", "\n\u3000"])
def test_no_text_has_no_label(text: str) -> None:
    assert MODEL.ranked(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "the quick brown fox jumps over the lazy dog",
        "🙂🙂🙂 🚧",
        "يوجد حفرة في الطريق",
        "\ud800 lone surrogate",
        "zxqj" * 25_000,
        "￾\x00\x01",
    ],
)
def test_what_it_has_never_seen_makes_it_sure_of_nothing(text: str) -> None:
    assert MODEL.ranked(text)[0][1] < 0.6


@settings(max_examples=40)
@given(st.text(max_size=300))
def test_any_text_gets_an_answer(text: str) -> None:
    found = MODEL.ranked(text)
    assert len(found) == (3 if tidy(text) else 0)


def test_of_a_long_text_the_beginning_and_the_end_are_read() -> None:
    long = "路灯不亮" + "。" * 200_000 + "谢谢"
    read = tidy(long)
    assert len(read) == READ_FIRST + READ_LAST + 1
    assert (read[:4], read[-2:]) == ("路灯不亮", "谢谢")
    # One character that becomes eighteen.
    assert len(tidy("\ufdfa" * 200_000)) <= 2 * (READ_FIRST + READ_LAST)


@pytest.mark.parametrize(
    "few", [[], lessons()[:1], [("a", "x", "g"), ("b", "y", "g")], [("a", "x", ""), ("b", "x", "")]]
)
def test_too_little_to_learn_from_is_said(few: list[tuple[str, str, str]]) -> None:
    with pytest.raises(ValueError, match="two labels"):
        TextModel.train(ModelKind.ITEM, few)


def test_a_group_is_never_on_both_sides() -> None:
    groups = [f"g{at % 7}" for at in range(40)]
    held = []
    for learn, out in fitting.folds(groups, 0):
        assert not {groups[at] for at in learn} & {groups[at] for at in out}
        held += out.tolist()
    assert sorted(held) == list(range(40))


def test_parts_that_do_not_belong_together_are_no_model() -> None:
    card, arrays, words = unpack(MODEL.dump())
    dispatch: Card = card.model_copy(update={"kind": ModelKind.DISPATCH})
    with pytest.raises(ModelUnreadable) as other:
        TextModel.load(pack(dispatch, arrays, words))
    assert other.value.code is Unreadable.OTHER_KIND
    for broken in (
        {**arrays, "hashes": arrays["hashes"][::-1]},
        {**arrays, "values": arrays["values"][1:]},
        {**arrays, "values": arrays["values"].astype(str)},
        {**arrays, "columns": arrays["hashes"].astype(np.int32), "ends": arrays["hashes"]},
        {name: array for name, array in arrays.items() if name != "bias"},
    ):
        with pytest.raises(ModelUnreadable) as found:
            TextModel.load(pack(card, broken, words))
        assert found.value.code is Unreadable.INCOMPLETE


def test_words_and_model_together() -> None:
    items = tuple(
        Item(code=code, category="Streets", name=said[0], keywords=said[1:2])
        for code, said in SUBJECTS.items()
    )
    pack_of = TOWN.pack.model_copy(update={"items": items})
    recogniser = Recogniser(pack_of, MODEL)
    agreed = recogniser.matches("小区门口，路灯不亮，晚上漆黑，请尽快处理")
    assert (agreed[0].item.code, agreed[0].words) == ("lamp", ("晚上漆黑", "路灯不亮"))
    assert (agreed[0].probability or 0) > 0.8
    # No word of the list, only what was learned.
    alone = recogniser.matches("学校旁边，灯杆坏了，一片黑暗，谢谢")
    assert (alone[0].item.code, alone[0].words) == ("lamp", ())
    assert (alone[0].probability or 0) > 0.8
    # The words of one item, what was learned of another: the words' first, but hardly probable.
    torn = recogniser.matches("小区门口，路灯不亮，臭气熏天，没人清运，垃圾桶没人清运")
    assert [match.item.code for match in torn[:2]] == ["lamp", "bin-full"]
    assert (torn[0].probability or 0) < 0.5
    new = Item(code="drone", category="Sky", name="无人机扰民")
    grown = pack_of.model_copy(update={"items": (*items, new)})
    # An item that is newer than the model is found by its words, with no probability.
    first = Recogniser(grown, MODEL).matches("无人机扰民")[0]
    assert (first.item.code, first.probability) == ("drone", None)


def test_a_nature_is_learned_only_where_words_say_nothing_and_it_is_sure() -> None:
    names = dict(zip(SUBJECTS, (Nature.COMPLAINT, Nature.REPORT, Nature.ENQUIRY), strict=True))
    examples = [(text, names[label].value, group) for text, label, group in lessons()]
    model = TextModel.train(ModelKind.NATURE, examples)
    text = "小区门口，路灯不亮，晚上漆黑，请尽快处理"

    def nature(said: str, threshold: float | None) -> Nature | None:
        model.card = model.card.model_copy(update={"threshold": threshold})
        clue = Clue(channel="wall", external_id="1", text=said, reported_at=MONDAY)
        return Screener(TOWN.pack, TOWN.recogniser, model).screen(clue).nature

    assert nature(text, 0.5) is Nature.REPORT
    assert nature(text, None) is None
    assert nature(f"I suggest a lamp: {text}", 0.5) is Nature.SUGGESTION
    assert nature("something else", 0.9) is None
