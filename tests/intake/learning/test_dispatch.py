"""A model of who leads: what it answers, what it keeps to itself, and how it lies in bytes."""

import random

import pytest

from juanchi.domain.models import ModelKind
from juanchi.intake.learning.archive import ModelUnreadable, pack
from juanchi.intake.learning.dispatch import DispatchModel, TooLittle
from tests.intake.learning.lamps import DIRECTORY, matter, past, trained


def test_it_knows_what_it_can_know() -> None:
    (best, chance), *_ = trained().ranked(matter("lamp"), "roads")
    assert best == "roads"
    assert chance > 0.98
    (first, odds), (second, rest) = trained().ranked(matter("sign-down"), "roads")
    assert {first, second} == {"roads", "bins"}
    assert odds < 0.7
    assert odds + rest <= 1


def test_its_card_tells_how_it_did_on_later_matters() -> None:
    card = trained().card
    assert (card.kind, card.examples, card.classes) == (ModelKind.DISPATCH, 600, 2)
    assert card.held_out == 180
    assert card.figures["top1"] == pytest.approx(5 / 6, abs=0.05)
    assert card.figures["top3"] == 1.0
    assert card.threshold is not None
    assert card.figures["precision"] >= 0.98
    assert card.figures["coverage"] == pytest.approx(2 / 3, abs=0.05)
    assert sum(one.count for one in card.reliability) == 180


def test_a_young_model_has_no_threshold() -> None:
    assert trained(120).card.threshold is None


def test_the_same_examples_give_the_same_model_in_any_order() -> None:
    shuffled = past(150)
    random.Random(3).shuffle(shuffled)
    one, other = (DispatchModel.train(given, DIRECTORY) for given in (past(150), shuffled))
    for item in ("lamp", "sign-down", "never-seen"):
        assert one.ranked(matter(item), None) == other.ranked(matter(item), None)
    assert one.card.figures == other.card.figures


def test_what_is_near_a_known_matter_is_no_test() -> None:
    alike = [one._replace(group="one") for one in past(200)]
    with pytest.raises(TooLittle, match="near-duplicates"):
        DispatchModel.train(alike)
    alike[150:160] = past(160)[150:]
    assert DispatchModel.train(alike).card.held_out == 10


def test_it_learns_a_move_of_duties() -> None:
    moved = trained(400, lambda number: ("lamp", "roads" if number < 300 else "bins"))
    assert moved.ranked(matter("lamp"), None)[0][0] == "bins"


def test_a_unit_that_never_led_is_considered_when_it_is_listed() -> None:
    found = dict(trained().ranked(matter("lamp"), "rescue"))
    assert 0 <= found["rescue"] < 0.2
    assert "rescue" not in dict(trained().ranked(matter("lamp"), None))


def test_it_has_no_say_of_what_it_never_saw_and_of_rows_changed_since() -> None:
    model = trained()
    assert model.has_say(matter("lamp"), "roads")
    assert not model.has_say(matter("lamp"), "rescue")
    assert not model.has_say(matter("lamp"), None)
    assert not model.has_say(matter("bin-full"), "bins")
    no_list = DispatchModel.train(past(100))
    assert no_list.has_say(matter("lamp"), "rescue")


def test_it_tells_how_often_a_unit_led() -> None:
    (led, of), (other, same) = (trained().seen(matter("lamp"), unit) for unit in ("roads", "bins"))
    assert led == of == same > 100
    assert other == 0
    assert trained().seen(matter("lamp", "nowhere"), "roads") == (400, 400)
    assert trained().seen(matter("unseen"), "roads") == (0, 0)


@pytest.mark.parametrize("text", ["", "灯不亮 " * 20_000, "💡\x00lamp"])
def test_texts_of_any_kind(text: str) -> None:
    told = [one._replace(text=f"the lamp number {at}") for at, one in enumerate(past(100))]
    model = DispatchModel.train(told)
    (best, _), *_ = model.ranked(matter("lamp")._replace(text=text, address=text), None)
    assert best == "roads"


def test_too_little_to_learn_from() -> None:
    with pytest.raises(TooLittle, match="0 examples with an item and a lead"):
        DispatchModel.train([one._replace(lead=None) for one in past(100)])
    with pytest.raises(TooLittle, match="of 1 units"):
        DispatchModel.train([one._replace(lead="roads") for one in past(100)])


def test_it_lies_in_bytes_and_comes_back() -> None:
    model = trained()
    back = DispatchModel.load(model.dump())
    assert back.card == model.card
    for item in ("lamp", "sign-down", "unseen"):
        for listed in (None, "roads", "rescue"):
            asked = matter(item), listed
            assert back.ranked(*asked) == model.ranked(*asked)
            assert back.has_say(*asked) == model.has_say(*asked)


def test_bytes_that_are_no_dispatch_model() -> None:
    card = trained().card
    for bad in (b"", b"not a model", pack(card, {}, {}), pack(card, {}, {"units": ["a"]})):
        with pytest.raises(ModelUnreadable):
            DispatchModel.load(bad)
