"""Training and judging, texts from files, and models that cannot be read: without servers."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from juanchi.domain.examples import Example, Settled, SettledBy
from juanchi.domain.models import ModelKind
from juanchi.domain.promotion import Why
from juanchi.domain.retraining import Enough
from juanchi.domain.terms import Nature
from juanchi.intake.encodings import FileTrouble
from juanchi.intake.files import Problem
from juanchi.intake.learning.archive import ModelUnreadable
from juanchi.intake.learning.course import Course, Graded, Split, split_groups, split_newest, train
from juanchi.intake.learning.labelled import Labelled
from juanchi.intake.learning.learned import learned_of, load_model
from juanchi.intake.tools import Tools
from juanchi.words import LANGUAGES
from juanchi.words.catalogue import knows
from tests.lessons import examples
from tests.pure import MONDAY, tinytown

PACK = tinytown().pack
DAY = timedelta(days=1)
MANY = {kind: 600 if kind is ModelKind.DISPATCH else 150 for kind in ModelKind}
"""It takes that many until a dispatch model may have a threshold."""


def course(kind: ModelKind, found: list[Example], rival: bytes | None = None) -> Course:
    return Course(
        kind=kind,
        split=split_groups(found, kind),
        pack=PACK,
        version="tinytown@1",
        on=date(2026, 11, 16),
        enough=Enough(learn=30, held_out=5),
        trained_on="tests",
        rival=rival,
    )


@pytest.fixture(scope="module")
def taught() -> dict[ModelKind, Graded]:
    """A model of each kind, trained on what the lists' words know nothing of."""
    return {kind: train(course(kind, examples(MANY[kind]))) for kind in ModelKind}


@pytest.mark.parametrize("kind", list(ModelKind))
def test_a_model_is_trained_judged_and_read_again(
    taught: dict[ModelKind, Graded], kind: ModelKind
) -> None:
    graded = taught[kind]
    assert graded.data
    assert graded.card
    assert graded.judged
    assert graded.judgement
    assert graded.judgement.promote
    assert graded.judged.held_out == graded.held_out >= 5
    assert graded.judged.figures["top1"] > 0.9
    assert (graded.card.trained_on, graded.card.lists_version) == ("tests", "tinytown@1")
    assert load_model(kind, graded.data).card == graded.card


def test_a_model_no_better_than_its_rival_is_not_promoted(
    taught: dict[ModelKind, Graded],
) -> None:
    before = taught[ModelKind.ITEM]
    again = train(course(ModelKind.ITEM, examples(150), before.data))
    assert again.judgement == (False, Why.NOT_BETTER)
    assert again.rival == before.judged


def test_a_rival_that_cannot_be_read_is_none(taught: dict[ModelKind, Graded]) -> None:
    graded = train(course(ModelKind.ITEM, examples(150), b"of another format"))
    lists = taught[ModelKind.ITEM].rival
    assert graded.rival
    assert lists
    assert graded.rival.figures == lists.figures


@pytest.mark.parametrize("found", [[], examples(10), examples(150, words=1)])
def test_too_little_is_said_and_is_no_error(found: list[Example]) -> None:
    graded = train(course(ModelKind.ITEM, found))
    assert graded.data is None
    assert graded.examples + graded.held_out == len(found)


def test_the_newest_week_is_held_out_and_no_copy_of_it_is_learned() -> None:
    found = [
        Settled(example, MONDAY + n * DAY, SettledBy.DISPATCHER)
        for n, example in enumerate(examples(30))
    ]
    copy = found[0].example._replace(text="the same again")
    found.append(Settled(copy, MONDAY + 29 * DAY, SettledBy.DISPATCHER))
    split = split_newest(found, 7 * DAY, ModelKind.ITEM)
    assert split.learn == [one.example for one in found[:22]]
    assert split.held_out == [one.example for one in found[22:30]]
    assert split_newest([], 7 * DAY, ModelKind.ITEM) == Split([], [])


def test_a_group_is_never_split() -> None:
    found = [one._replace(group=f"g{n // 3}") for n, one in enumerate(examples(60))]
    split = split_groups(found, ModelKind.ITEM)
    assert split.held_out
    assert not {one.group for one in split.learn} & {one.group for one in split.held_out}


def test_models_make_tools_that_know_more(taught: dict[ModelKind, Graded]) -> None:
    loaded = {kind: load_model(kind, one.data or b"") for kind, one in taught.items()}
    learned = learned_of(dict.fromkeys(ModelKind, 7), loaded)
    assert learned.version == "item#7 nature#7 dispatch#7"
    text = examples(1)[0].text
    assert not Tools(PACK, "1").recogniser.matches(text)
    found = Tools(PACK, "1", learned).recogniser.matches(text)
    assert found[0].item.code == examples(1)[0].item


def broken(data: bytes) -> dict[str, bytes]:
    flipped = bytearray(data)
    flipped[len(data) // 2] ^= 0xFF
    return {
        "empty": b"",
        "not a model": b"PK\x03\x04 a spreadsheet",
        "truncated": data[: len(data) // 2],
        "damaged": bytes(flipped),
    }


@pytest.mark.parametrize("how", ["empty", "not a model", "truncated", "damaged"])
@pytest.mark.parametrize("kind", [ModelKind.ITEM, ModelKind.DISPATCH])
def test_what_is_no_model_is_refused_with_a_sentence(
    taught: dict[ModelKind, Graded], kind: ModelKind, how: str
) -> None:
    with pytest.raises(ModelUnreadable) as refused:
        load_model(kind, broken(taught[kind].data or b"")[how])
    for lang in LANGUAGES:
        assert knows(f"unreadable.{refused.value.code}", lang)


@pytest.mark.parametrize("kind", list(ModelKind))
def test_a_model_of_another_kind_is_refused(
    taught: dict[ModelKind, Graded], kind: ModelKind
) -> None:
    for other in set(ModelKind) - {kind}:
        with pytest.raises(ModelUnreadable):
            load_model(kind, taught[other].data or b"")


HEAD = "text,item,nature,lead,region,address,at\n"


def rows(tmp_path: Path, text: str, kind: ModelKind | None = None) -> list[Example | Problem]:
    path = tmp_path / "labelled.csv"
    path.write_text(text, "utf-8")
    return list(Labelled(path, PACK, kind).rows())


def test_a_file_names_things_as_people_do(tmp_path: Path) -> None:
    line = "a pothole,Pothole,report,Roads,The Docks,Weir Lane,2026-11-25\n"
    (one,) = rows(tmp_path, HEAD + line)
    assert isinstance(one, Example)
    assert (one.item, one.nature, one.lead) == ("road-hole", Nature.REPORT, "roads")
    assert (one.region, one.address, str(one.at)) == (
        "harbour",
        "Weir Lane",
        "2026-11-25 00:00:00+00:00",
    )


def test_label_is_the_one_kind_asked_for(tmp_path: Path) -> None:
    (one,) = rows(tmp_path, "text,label,group\nhello,Roads,g1\n", ModelKind.DISPATCH)
    assert isinstance(one, Example)
    assert (one.lead, one.item, one.group) == ("roads", None, "g1")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (",road-hole,,,,,", (2, "text", "no_text")),
        ("x,no such item,,,,,", (2, "item", "label_item")),
        ("x,,anger,,,,", (2, "nature", "label_nature")),
        ("x,,,nobody,,,", (2, "lead", "label_lead")),
        ("x,,,,nowhere,,", (2, "region", "label_region")),
        ("x,road-hole,,,,,yesterday", (2, "at", "bad_time")),
        ("x,road-hole", (2, "", "wrong_columns")),
    ],
)
def test_what_is_wrong_is_told_with_line_and_column(
    tmp_path: Path, line: str, problem: tuple[int, str, str]
) -> None:
    (found,) = rows(tmp_path, f"{HEAD}{line}\n")
    assert isinstance(found, Problem)
    assert (found.line, found.column, found.code) == problem


def test_the_column_label_is_named_when_it_is_wrong(tmp_path: Path) -> None:
    (found,) = rows(tmp_path, "text,label\nx,nothing\n", ModelKind.ITEM)
    assert isinstance(found, Problem)
    assert (found.column, found.code) == ("label", "label_item")


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("words,item\nx,lamp\n", None, "no_text_column"),
        ("text,label\nx,lamp\n", None, "label_of_what"),
        ("text,region\nx,mill\n", None, "no_label_column"),
        ("text,nature\nx,report\n", ModelKind.ITEM, "no_label_column"),
        ("", None, "empty"),
    ],
)
def test_a_file_that_teaches_nothing_is_refused(
    tmp_path: Path, text: str, kind: ModelKind | None, code: str
) -> None:
    with pytest.raises(FileTrouble) as refused:
        rows(tmp_path, text, kind)
    assert refused.value.code == code
