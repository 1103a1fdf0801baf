"""Both catalogues say the same things, and there is a sentence for everything that can be said."""

import locale
import re
from enum import StrEnum
from pathlib import Path
from typing import get_args

import pytest

from juanchi.domain.actions import KINDS
from juanchi.domain.ball import TaskKind
from juanchi.domain.closure import CallResult
from juanchi.domain.events import AnyEvent
from juanchi.domain.notices import NoticeKind
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.terms import (
    ClockName,
    ClueVerdict,
    EndKind,
    EvidenceKind,
    Nature,
    Outcome,
    Role,
    RungKind,
    SiteVerdict,
    Stage,
    Urgency,
)
from juanchi.domain.ticket import Phase
from juanchi.runtime.settings import Settings
from juanchi.words import LANGUAGES, language, named, say, tell
from juanchi.words.catalogue import keys, knows, listed

ROOT = Path(__file__).resolve().parents[2]

SECTIONS: dict[str, type[StrEnum]] = {
    "refusal": Code,
    "stage": Stage,
    "phase": Phase,
    "role": Role,
    "nature": Nature,
    "urgency": Urgency,
    "outcome": Outcome,
    "end": EndKind,
    "task": TaskKind,
    "clock": ClockName,
    "rung": RungKind,
    "notice": NoticeKind,
    "evidence": EvidenceKind,
    "verdict": ClueVerdict,
    "found": SiteVerdict,
    "call": CallResult,
}


def test_both_languages_have_the_same_keys() -> None:
    assert keys("en") == keys("zh-CN")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("section", SECTIONS)
def test_every_stable_value_has_words(section: str, lang: str) -> None:
    values = {value.value for value in SECTIONS[section]}
    said = {key.removeprefix(f"{section}.") for key in keys(lang) if key.startswith(f"{section}.")}
    assert said == values


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_event_and_action_has_words(lang: str) -> None:
    events = {kind.model_fields["kind"].default for kind in get_args(get_args(AnyEvent)[0])}
    assert {key.removeprefix("event.") for key in keys(lang) if key.startswith("event.")} == events
    assert all(knows(f"action.{kind}", lang) for kind in KINDS)


def test_every_key_that_code_asks_for_exists() -> None:
    asked = set()
    for path in [*ROOT.glob("juanchi/words/*.py"), *ROOT.glob("juanchi/cli/*.py")]:
        text = path.read_text("utf-8")
        asked |= set(re.findall(r'\bsay\(\s*"([a-z_]+\.[a-z_.]+)"', text))
        asked |= {f"cli.{key}" for key in re.findall(r'(?<![\w.])t\(\s*"([a-z_.]+)"', text)}
        asked |= set(re.findall(r'yield "(timeline\.[a-z_]+)"', text))
    assert len(asked) > 100
    assert sorted(asked - keys("en")) == []


def test_reasons_problems_and_rules_that_code_gives_have_words() -> None:
    sources = {
        "reason": ["closure.py", "ending.py", "merging.py", "verification.py"],
        "stuck": ["locating.py", "routing.py", "verification.py", "merging.py", "clue.py"],
        "rule": ["screening.py", "clue.py"],
    }
    patterns = {
        "reason": r'reason="([a-z_]+)"|now, "([a-z_]+)"',
        "stuck": r'(?:problem|stuck)\s*=\s*"([a-z_]+)"|return "([a-z_]+)"$',
        "rule": r'rule="([a-z_]+)"|channel, "([a-z_]+)"\)',
    }
    for section, files in sources.items():
        paths = [
            path for room in ("domain", "intake") for path in (ROOT / "juanchi" / room).glob("*.py")
        ]
        text = "\n".join(path.read_text("utf-8") for path in paths if path.name in files)
        given = {one or other for one, other in re.findall(patterns[section], text, re.MULTILINE)}
        assert given, section
        assert sorted(value for value in given if not knows(f"{section}.{value}")) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_template_is_never_broken_by_what_it_is_given(lang: str) -> None:
    for key in keys(lang) - {"mark.space"}:
        assert say(key, lang)
        assert say(key, lang, text="{x}[", ticket="[{ticket}]", names="%s{0}\\1")


def test_facts_are_put_in_as_they_are() -> None:
    told = say("refusal.not_found", "en", ticket="[{ticket}] \\1")
    assert "no such ticket: [{ticket}] \\1." in told


def test_parts_in_brackets_go_with_their_facts() -> None:
    assert say("refusal.ended", "en").startswith("This ticket has ended, nothing")
    assert say("refusal.ended", "en", how="merged").startswith("This ticket has ended (merged),")
    assert say("refusal.unknown_action", "en").startswith("There is no action called “?”")


def test_it_falls_back_to_english_and_then_to_the_key() -> None:
    assert say("stage.clue", "fr") == "Clue"
    assert say("stage.nowhere", "zh-CN") == "stage.nowhere"
    assert named("stage", "nowhere", "zh-CN") == "nowhere"
    assert named("stage", "", "en") == ""


def test_a_value_with_a_tail_keeps_it() -> None:
    assert named("skipped", "holiday:国庆节", "zh-CN") == "节假日：国庆节"
    assert named("stuck", "routing_failed: KeyError", "en") == "routing failed: KeyError"
    assert listed("evidence", "contact, document", "zh-CN") == "联系记录、文件"


@pytest.mark.parametrize("code", Code)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_refusal_is_a_sentence_even_without_facts(code: Code, lang: str) -> None:
    for refused in (Refused(code), Refused(code, role="unit", unit=None, wanted="contact")):
        told = tell(refused, lang)
        assert told.endswith((".", "。"))
        assert "None" not in told
        assert "{" not in told
        assert "[" not in told


def test_a_refusal_tells_stable_values_in_words() -> None:
    refused = Refused(Code.WRONG_ROLE, role="street_team", wanted="checker, supervisor")
    assert "(street team). It is for: checker, supervisor." in tell(refused, "en")
    assert "（街道核查队）" in tell(refused, "zh-CN")
    assert "审核员、督办员" in tell(refused, "zh-CN")


@pytest.mark.parametrize(
    ("chosen", "here", "expected"),
    [
        ("zh", "en_GB", "zh-CN"),
        ("en", "zh_CN", "en"),
        (None, "zh_TW", "zh-CN"),
        (None, "Chinese (Simplified)_China", "zh-CN"),
        (None, "de_DE", "en"),
        (None, None, "en"),
    ],
)
def test_the_language_is_the_settings_else_the_locales(
    chosen: str | None, here: str | None, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locale, "getlocale", lambda: (here, "UTF-8"))
    assert language(Settings(language=chosen)) == expected
