"""Kinds of source: the house's own, those of other packages, and packages that are broken."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from juanchi.intake.channels.adapter import BadSettings
from juanchi.intake.channels.kinds import faults, kind, kinds

DOCS = Path(__file__).resolve().parents[3] / "docs"

Install = Callable[[str, str, str], None]
"""Installs a package: its name, its code, and its entry points."""

SOUND = """
class Kind:
    def check(self, settings): ...
    def open(self, source): ...
KIND = Kind()
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a package beside a real dist-info on the path, as an installer does."""

    def put(name: str, code: str, points: str) -> None:
        (tmp_path / f"{name}.py").write_text(code, "utf-8")
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[juanchi.channels]\n{points}\n", "utf-8")

    monkeypatch.syspath_prepend(str(tmp_path))
    return put


def test_the_houses_own_kinds_are_there_without_being_installed() -> None:
    assert {"feed", "folder", "mailbox", "open311"} <= set(kinds())


def test_a_package_adds_a_kind(install: Install) -> None:
    install("juanchi_test_sound", SOUND, "hotline = juanchi_test_sound:KIND")
    assert "hotline" in kinds()
    assert callable(kind("hotline").check)
    assert faults() == {}


def test_a_name_that_nobody_gives_is_told_with_those_that_there_are() -> None:
    with pytest.raises(BadSettings, match=r"no kind 'telex'.*feed, folder"):
        kind("telex")


@pytest.mark.parametrize(
    ("code", "point", "told"),
    [
        ("1 / 0", "KIND", "ZeroDivisionError"),
        ("", "KIND", "AttributeError"),
        ("import juanchi_test_nowhere", "KIND", "ModuleNotFoundError"),
        ("KIND = 3", "KIND", "must name an object with check and open"),
        (SOUND, "Kind", "must name an object with check and open"),
    ],
)
def test_a_broken_package_is_told_by_name_and_sinks_no_other(
    install: Install, tmp_path: Path, code: str, point: str, told: str
) -> None:
    name = f"juanchi_{tmp_path.name}"
    install(name, code, f"broken = {name}:{point}")
    install("juanchi_test_beside", SOUND, "beside = juanchi_test_beside:KIND")
    assert {"broken", "beside"} <= set(kinds())
    assert callable(kind("beside").open)
    assert list(faults()) == ["broken"]
    assert told in faults()["broken"]
    with pytest.raises(BadSettings, match="'broken'"):
        kind("broken")


def test_two_packages_of_one_name_are_not_chosen_between(install: Install) -> None:
    install("juanchi_test_one", SOUND, "twin = juanchi_test_one:KIND")
    install("juanchi_test_two", SOUND, "twin = juanchi_test_two:KIND")
    with pytest.raises(BadSettings, match="several packages"):
        kind("twin")


def test_nobody_takes_the_name_of_an_own_kind(install: Install) -> None:
    install("juanchi_test_thief", SOUND, "feed = juanchi_test_thief:KIND")
    assert "one of Juanchi's own" in faults()["feed"]


@pytest.mark.parametrize("name", ["feed", "folder"])
def test_what_the_document_says_can_be_set_can_be(name: str) -> None:
    told = (DOCS / "channels.md").read_text("utf-8")
    blocks = [tomllib.loads(block) for block in re.findall(r"```toml\n(.*?)```", told, re.DOTALL)]
    [settings] = [
        block["settings"]
        for block in blocks
        if "settings" in block and ("path" if name == "folder" else "url") in block["settings"]
    ]
    kind(name).check(settings)
    table = told.partition(f"## `{name}`")[2].partition("\n## ")[0]
    explained = set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE))
    with pytest.raises(BadSettings) as refused:
        kind(name).check({**settings, "no_such": 1})
    known = refused.value.problem.partition("there are ")[2].split(", ")
    assert explained == set(known)
