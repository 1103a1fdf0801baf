"""A city as data: packs are folders of plain files, read and checked whole."""

from importlib.resources import files
from pathlib import Path

from juanchi.packs.problems import PackErrors, Problem
from juanchi.packs.read import Examined, examine, read_pack
from juanchi.packs.single import (
    examine_calendar_file,
    examine_policy_file,
    read_calendar_file,
    read_policy_file,
)

__all__ = [
    "Examined",
    "PackErrors",
    "Problem",
    "examine",
    "examine_calendar_file",
    "examine_policy_file",
    "read_calendar_file",
    "read_pack",
    "read_policy_file",
    "shipped",
    "shipped_names",
]


def shipped_names() -> tuple[str, ...]:
    """The packs that come with Juanchi."""
    folders = Path(str(files(__name__))).iterdir()
    return tuple(sorted(folder.name for folder in folders if (folder / "pack.toml").is_file()))


def shipped(name: str) -> Path:
    """The folder of a pack that comes with Juanchi; ``FileNotFoundError`` if there is none."""
    if name not in shipped_names():
        raise FileNotFoundError(
            f"no pack {name!r} is shipped; there is {', '.join(shipped_names())}"
        )
    return Path(str(files(__name__))) / name
