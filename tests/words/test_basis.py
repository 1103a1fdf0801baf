"""What the engine notes as the basis of due times and dispatches, in words."""

import re
from pathlib import Path

import pytest

from juanchi.cli.why import runs
from juanchi.packs import read_pack
from juanchi.words.basis import basis_words
from juanchi.words.naming import Names
from tests.cli.saga import saga
from tests.pure import TINYTOWN


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        (
            "policy tinytown@1 limits.handle.default",
            "policy tinytown@1 limits.handle.default",
            "规则 tinytown@1：limits.handle.default",
        ),
        ("built-in limits.order.default", None, "内置规则：limits.order.default"),
        ("implementation list: @roads/lamp", None, "实施清单 @roads/lamp"),
        ("implementation list", None, "实施清单"),
        (
            "50% for rework of 10wd by policy tinytown@1 limits.handle.default",
            "50% of 10 working days for rework, by policy tinytown@1 limits.handle.default",
            "重办按10 个工作日的 50% 计，依据规则 tinytown@1：limits.handle.default",
        ),
        ("the day set for review", None, "所定复核日"),
        (
            "duty lamp at *: Roads Act s.9",
            "responsibility list, Street lamp out, everywhere: Roads Act s.9",
            "职责清单：Street lamp out，全市，Roads Act s.9",
        ),
        (
            "duty lamp at mill: @roads",
            "responsibility list, Street lamp out, Mill Parish: @roads",
            "职责清单：Street lamp out，Mill Parish，@roads",
        ),
        ("classified by the channel", "the channel has classified it", "渠道已分类"),
        ("ruling TT-00001-A1", "the precedent of ruling TT-00001-A1", "先例：裁决 TT-00001-A1"),
        ("history: 4 of 5", "past tickets, led 4 of 5 such", "历史同类工单 5 件中主办 4 件"),
        ("backstop: bins", "the city's backstop, Bins and Parks", "本市兜底：Bins and Parks"),
        ("item lamp", "by its item, Street lamp out", "事项属紧急类：Street lamp out"),
        ("incident storm-1: typhoon", None, "事件 storm-1：typhoon"),
        ("谁主管谁负责 duty x at y", None, "谁主管谁负责 duty x at y"),
        ("", None, ""),
    ],
)
def test_forms(text: str, english: str | None, chinese: str) -> None:
    town = read_pack(TINYTOWN)
    assert basis_words(text, Names(town, "en")) == (english or text)
    assert basis_words(text, Names(town, "zh-CN")) == chinese


def test_every_due_time_of_a_long_life_has_a_basis_in_words() -> None:
    told = saga()
    rules = {run.deadline.why.rule for run in runs(told.engine.entries)}
    assert len(rules) > 12
    names = Names(told.pack, "zh-CN")
    assert [rule for rule in rules if basis_words(rule, names) == rule] == []


def test_what_the_router_notes_has_words() -> None:
    """The forms are those in the code: another would be shown as the engine wrote it."""
    root = Path(__file__).parents[2] / "juanchi"
    sources = ("intake/routing.py", "domain/duties.py")
    source = "\n".join((root / one).read_text("utf-8") for one in sources)
    noted = re.findall(
        r'(?:reason|why)\s*=\s*f?"([^"]+)"|URGENT, f"([^"]+)"|return f"([^"]+)"', source
    )
    forms = [re.sub(r"\{[^}]*\}", "x", "".join(found)) for found in noted]
    assert len(forms) >= 6
    names = Names(None, "zh-CN")
    assert [form for form in forms if basis_words(form, names) == form] == []
