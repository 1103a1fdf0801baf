"""A drop folder on disk: which files are whole, and where they go when they have been read."""

import os
import stat
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from juanchi.intake.channels.adapter import SourceTrouble

DONE: Final = "done"
REFUSED: Final = "refused"

_UNFINISHED: Final = (".part", ".partial", ".tmp", ".crdownload", ".filepart", ".lock")
_AHEAD: Final = timedelta(minutes=1)


class Dropped(NamedTuple):
    """A file in the folder. ``stamp`` is another once it has changed."""

    path: Path
    stamp: str
    changed_at: datetime

    @property
    def mark(self) -> str:
        """The file's name and state in a few characters."""
        return sha256(f"{self.path.name}\n{self.stamp}".encode()).hexdigest()[:12]


def dropped(folder: Path) -> list[Dropped]:
    """The files in a folder, oldest first. Raises ``SourceTrouble`` when it cannot be read.

    Left out are folders, links, hidden files and those whose name says that they are unfinished.
    """
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries)
    except OSError as error:
        raise SourceTrouble(f"the folder cannot be read: {error.strerror}") from None
    files = (look_at(folder / name) for name in names if _is_one(name))
    return sorted((file for file in files if file), key=lambda file: (file.changed_at, file.path))


def look_at(path: Path) -> Dropped | None:
    """A file as it is now; None when it is none, or gone. Links are not followed."""
    try:
        found = path.lstat()
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    changed = datetime.fromtimestamp(found.st_mtime, UTC)
    return Dropped(path, f"{found.st_size}-{found.st_mtime_ns}", changed)


def is_settled(file: Dropped, now: datetime, settle: timedelta) -> bool:
    """Whether nobody is writing a file any more. A date ahead of us is another clock's."""
    age = now - file.changed_at
    return age >= settle or age < -_AHEAD


def put_away(file: Dropped, under: str, why: str = "") -> bool:
    """Move a file into a folder beside it, with a text that says why; whether it could be."""
    place = file.path.parent / under
    try:
        place.mkdir(exist_ok=True)
        target = _free(place, file)
        file.path.rename(target)
    except OSError:
        return False
    if why:
        # The file is away, which counts; a disk may be full all the same.
        with suppress(OSError):
            target.with_name(f"{target.name}.txt").write_text(why, encoding="utf-8")
    return True


def _free(place: Path, file: Dropped) -> Path:
    """Where nothing lies yet: the same name may come every day."""
    target = place / file.path.name
    if not target.exists():
        return target
    return place / f"{file.path.stem}-{file.mark}{file.path.suffix}"


def _is_one(name: str) -> bool:
    return not name.startswith((".", "~$")) and not name.lower().endswith(_UNFINISHED)
