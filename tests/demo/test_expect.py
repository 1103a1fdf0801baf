"""The demo's own check: it must see what did not go as the script says."""

import pytest

from juanchi.demo import expect
from juanchi.demo.expect import mismatches
from juanchi.demo.figures import from_journal, from_rows
from juanchi.demo.sample import Sample, Script, read_sample
from juanchi.demo.stories import stories, told_wrong
from juanchi.demo.summary import complaints
from juanchi.domain.actor import ENGINE
from juanchi.domain.clue import Screened
from juanchi.domain.ending import Ended
from juanchi.domain.messages import Event
from juanchi.domain.terms import ClueVerdict, EndKind
from juanchi.packs import shipped
from juanchi.words import LANGUAGES
from juanchi.words.catalogue import keys
from tests.demo.stand import a_clue, at, lived

SAMPLE = read_sample(shipped("shenzhen") / "sample" / "clues.jsonl")


def ended(end: EndKind, reason: str, into: str | None = None) -> list[Event]:
    screened = Screened(at=at(1), by=ENGINE, verdict=ClueVerdict.NOISE, rule="default")
    return [screened, Ended(at=at(2), by=ENGINE, end=end, reason=reason, into=into)]


def wrong_of(script: str, events: list[Event]) -> list[str]:
    clue = a_clue("x", script)
    line, journal = lived(clue, events)
    found = mismatches(Sample([clue]), {line.id: line}, {line.id: journal})
    return [one.key for one in found]


def test_a_right_end_is_right() -> None:
    assert wrong_of("noise", ended(EndKind.DISCARDED, "noise")) == []
    assert wrong_of("emergency", ended(EndKind.REDIRECTED, "emergency")) == []


@pytest.mark.parametrize("script", [script for script in Script if script is not Script.NOISE])
def test_no_other_script_ends_as_noise(script: Script) -> None:
    clue, other = a_clue("x", f"{script}:y" if ":" not in script else script), a_clue("y", "plain")
    line, journal = lived(clue, ended(EndKind.DISCARDED, "noise"))
    found = mismatches(Sample([clue, other]), {line.id: line}, {line.id: journal})
    assert ("end" in [one.key for one in found if one.ticket_id == line.id]) is True


def test_the_wrong_reason_and_the_wrong_survivor_are_seen() -> None:
    assert wrong_of("out_of_remit", ended(EndKind.REDIRECTED, "emergency")) == ["reason"]
    same, one, other = a_clue("x", "already_handled:y"), a_clue("y", "noise"), a_clue("z", "noise")
    line, journal = lived(same, ended(EndKind.MERGED, "same_matter", other.ticket_id))
    found = mismatches(Sample([same, one, other]), {line.id: line}, {line.id: journal})
    assert found[0].key == "survivor"


def test_what_is_open_or_never_came_is_seen() -> None:
    assert wrong_of("plain", []) == ["open"]
    clue = a_clue("x", "plain")
    assert [one.key for one in mismatches(Sample([clue]), {}, {})] == ["missing"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_complaint_has_words(lang: str) -> None:
    clue = a_clue("x", "plain")
    line, journal = lived(clue, ended(EndKind.DISCARDED, "noise"))
    (told,) = complaints(mismatches(Sample([clue]), {line.id: line}, {line.id: journal}), lang)
    assert "x" in told
    assert "demo." not in told
    assert "?" not in told


def test_figures_differ_when_rows_and_journal_do() -> None:
    clue = a_clue("x", "noise")
    line, journal = lived(clue, ended(EndKind.DISCARDED, "noise"))
    journals = {line.id: journal}
    assert from_rows([line], []).differing(from_journal(journals)) == []
    lied = line.model_copy(update={"end_kind": "merged"})
    assert from_rows([lied], []).differing(from_journal(journals)) == ["ends"]


def test_the_shipped_sample_is_whole() -> None:
    assert len(SAMPLE) >= 60
    assert {clue.plot for clue in SAMPLE.clues} == set(Script)
    assert set(expect._ENDS) == set(Script)
    told = stories(SAMPLE)
    assert [story.key for story in told] == ["stair", "potholes", "ideas"]
    assert told_wrong(told[1], {}, {}) == ["works_did_not_lead", "units_did_not_assist"]


def test_the_languages_say_the_same() -> None:
    first, *others = [{key for key in keys(lang) if key.startswith("demo.")} for lang in LANGUAGES]
    assert first
    assert all(other == first for other in others)
