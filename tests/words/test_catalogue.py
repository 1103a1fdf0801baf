"""Both catalogues say the same things, and there is a sentence for everything that can be said."""

import ast
import locale
import re
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import get_args

import pytest

from juanchi.cli import outcome
from juanchi.domain.actions import KINDS
from juanchi.domain.ball import TaskKind
from juanchi.domain.calendar import HOLIDAY, ON_HOLD, OUTSIDE_HOURS, WEEKEND
from juanchi.domain.closure import CallResult
from juanchi.domain.daybook import MAKEUP, START_DAY
from juanchi.domain.duty_change.actions import DUTY_KINDS
from juanchi.domain.duty_change.ball import DutyTaskKind
from juanchi.domain.duty_change.change import DutyPhase, Origin, Stance, Verdict
from juanchi.domain.duty_change.events import AnyDutyEvent
from juanchi.domain.events import AnyEvent
from juanchi.domain.holders import post_of
from juanchi.domain.notices import NoticeKind
from juanchi.domain.overlays import DisputeCause, Strength
from juanchi.domain.plans import PlanWhy
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.requests import RequestKind
from juanchi.domain.supervised import SUPERSEDED
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
    Trigger,
    Urgency,
)
from juanchi.domain.ticket import Phase
from juanchi.packs import read_pack, shipped
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
    "trigger": Trigger,
    "moved": PlanWhy,
    "request": RequestKind,
    "dispute": DisputeCause,
    "strength": Strength,
    "duty_phase": DutyPhase,
    "duty_task": DutyTaskKind,
    "duty_origin": Origin,
    "stance": Stance,
    "opinion_verdict": Verdict,
}
BESIDE = {"request": {"rating_appeal"}}
"""What is told in the words of a section without being one of its values."""


def test_both_languages_have_the_same_keys() -> None:
    assert keys("en") == keys("zh-CN")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("section", SECTIONS)
def test_every_stable_value_has_words(section: str, lang: str) -> None:
    values = {value.value for value in SECTIONS[section]}
    said = {key.removeprefix(f"{section}.") for key in keys(lang) if key.startswith(f"{section}.")}
    assert said == values | BESIDE.get(section, set())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_event_and_action_has_words(lang: str) -> None:
    unions = (get_args(get_args(union)[0]) for union in (AnyEvent, AnyDutyEvent))
    events = {kind.model_fields["kind"].default for kinds in unions for kind in kinds}
    assert {key.removeprefix("event.") for key in keys(lang) if key.startswith("event.")} == events
    for section in ("action", "does"):
        found = {key for key in keys(lang) if key.startswith(f"{section}.")}
        assert found == {f"{section}.{kind}" for kind in KINDS}
    found = {key for key in keys(lang) if key.startswith("duty_action.")}
    assert found == {f"duty_action.{kind}" for kind in DUTY_KINDS}


def test_every_key_that_code_asks_for_exists() -> None:
    asked = set()
    for path in [*ROOT.glob("juanchi/words/**/*.py"), *ROOT.glob("juanchi/cli/*.py")]:
        text = path.read_text("utf-8")
        asked |= set(re.findall(r'\bsay\(\s*"([a-z_]+\.[a-z_.]+)"', text))
        asked |= {f"cli.{key}" for key in re.findall(r'(?<![\w.])t\(\s*"([a-z_.]+)"', text)}
        room = "doctor" if path.stem == "doctor" else "duty"
        asked |= {f"{room}.{key}" for key in re.findall(r'(?<![\w.])d\(\s*"([a-z_.]+)"', text)}
        asked |= set(re.findall(r'yield "(timeline\.[a-z_]+)"', text))
        told = re.findall(r'(?:\bFact\(|\beither\()"([a-z_]+)"(?:, "([a-z_]+)")?', text)
        asked |= {f"timeline.{key}" for pair in told for key in pair if key}
    why = (ROOT / "juanchi/cli/why.py").read_text("utf-8")
    asked |= {f"why.{key}" for key in re.findall(r'yield "([a-z_]+)"', why)}
    asked |= {f"timeline.{key}" for key in outcome.COUNTED.values()}
    assert len(asked) > 180
    assert sorted(asked - keys("en")) == []


def test_what_becomes_of_orders_and_holds_has_words() -> None:
    domain = "\n".join(path.read_text("utf-8") for path in ROOT.glob("juanchi/domain/*.py"))
    void = set(re.findall(r'(?:orders_void|loose_ends)\(.*"([a-z_]+)"\)', domain)) | {SUPERSEDED}
    ends = set(re.findall(r'(?:HoldEnded|hold_ends)\([^)]*"([a-z_]+)"', domain))
    assert len(void) >= 5
    assert len(ends) >= 4
    assert void == {key.removeprefix("void.") for key in keys("en") if key.startswith("void.")}
    assert ends == {key.removeprefix("hold_ended.") for key in keys("en") if "hold_ended." in key}


def test_days_that_do_not_count_have_words() -> None:
    for why in (WEEKEND, HOLIDAY, OUTSIDE_HOURS, ON_HOLD, START_DAY, MAKEUP):
        assert knows(f"skipped.{why}", "zh-CN")


def test_posts_of_the_shipped_policy_have_words() -> None:
    policy = read_pack(shipped("shenzhen")).policy
    specs = [spec for ladder in policy.rungs.values() for spec in ladder]
    orders = [spec.order for spec in specs if spec.order]
    orders += [trigger.order for trigger in policy.terms.triggers.values()]
    holders = [one for order in orders for one in (order.leader, *order.copies)]
    holders += [one for spec in specs for one in spec.tell]
    posts = {post_of(holder) for holder in holders} - {""}
    assert len(posts) >= 5
    assert sorted(post for post in posts if not knows(f"post.{post}")) == []


def test_reasons_problems_and_rules_that_code_gives_have_words() -> None:
    sources = {
        "reason": ["closure.py", "ending.py", "merging.py", "verification.py"],
        "stuck": [
            "locating.py",
            "evidence.py",
            "reading.py",
            "routing.py",
            "verification.py",
            "merging.py",
            "clue.py",
        ],
        "rule": ["screener.py", "reasons.py", "clue.py"],
    }
    patterns = {
        "reason": r'reason="([a-z_]+)"|now, "([a-z_]+)"',
        "stuck": r'(?:problem|stuck)\s*=\s*"([a-z_]+)"|return "([a-z_]+)"$',
        "rule": r'rule="([a-z_]+)"|channel, "([a-z_]+)"\)',
    }
    for section, files in sources.items():
        paths = [
            path
            for room in ("domain", "intake")
            for path in (ROOT / "juanchi" / room).rglob("*.py")
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


def test_a_refusal_tells_requests_levels_and_moments_in_words() -> None:
    asked = Refused(Code.REQUEST_PENDING, request="extension")
    assert "a request (for an extension)" in tell(asked, "en")
    assert "已有申请（延期）尚未答复" in tell(asked, "zh-CN")
    level = Refused(Code.NOT_A_LEVEL, level="reminder", wanted="yellow_card, red_card")
    assert "the level “reminder”. Choose one of: yellow card, red card." in tell(level, "en")
    assert "请选择：黄牌、红牌。" in tell(level, "zh-CN")
    late = Refused(Code.OVERDUE_ALREADY, due="2026-11-24T23:59:59+08:00")
    assert "has passed (2026-11-24 23:59);" in tell(late, "en")
    there = Refused(Code.ARRIVED_ALREADY, at="2026-11-24T08:00:00+00:00")
    assert "since 2026-11-24 08:00 UTC." in tell(there, "en")
    assert "since whenever." in tell(Refused(Code.ARRIVED_ALREADY, at="whenever"), "en")


def _given() -> dict[str, list[set[str]]]:
    """The facts of every refusal in the house, by code."""
    found: dict[str, list[set[str]]] = {}
    for path in [*ROOT.glob("juanchi/**/*.py"), *ROOT.glob("activities/*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused":
                code = node.args[0] if node.args else None
                if isinstance(code, ast.Attribute):
                    facts = {word.arg for word in node.keywords if word.arg}
                    found.setdefault(Code[code.attr].value, []).append(facts)
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
def test_refusals_tell_what_the_domain_gives_them(lang: str) -> None:
    path = ROOT / f"juanchi/words/refusals.{lang}.toml"
    sentences = tomllib.loads(path.read_text("utf-8"))["refusal"]
    given = _given()
    assert len(given) > 45
    for code, uses in given.items():
        told, needed = _facts(sentences[code]), _facts(re.sub(r"\[[^]]*\]", "", sentences[code]))
        assert told <= set().union(*uses), code
        assert all(needed <= facts for facts in uses), code


def _facts(template: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", template))


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
