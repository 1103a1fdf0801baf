"""Tinytown, to be broken one way at a time."""

import shutil
from pathlib import Path

import pytest

from juanchi.packs import Problem, examine

TINYTOWN = Path(__file__).parent / "tinytown"


class Town:
    """A copy of tinytown with some text changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def change(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def append(self, file: str, text: str) -> None:
        with (self.folder / file).open("a", encoding="utf-8") as out:
            out.write(text)

    def problems(self) -> list[Problem]:
        return list(examine(self.folder).problems)

    def only(self, *, warning: bool = False) -> Problem:
        """The one thing that is wrong: a mistake is told once, without a tail of others."""
        found = self.problems()
        assert len(found) == 1, "\n".join(map(str, found))
        assert found[0].warning == warning
        assert (examine(self.folder).pack is not None) == warning
        return found[0]


@pytest.fixture
def town(tmp_path: Path) -> Town:
    shutil.copytree(TINYTOWN, tmp_path / "town")
    return Town(tmp_path / "town")
