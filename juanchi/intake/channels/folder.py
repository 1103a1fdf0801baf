"""A folder into which people drop files: each row of each file is one arrival."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple, Self

from pydantic import Field, ValidationError

from juanchi.domain.base import Value
from juanchi.intake.channels import plain
from juanchi.intake.channels.adapter import (
    Adapter,
    Arrival,
    BadSettings,
    Fetched,
    Source,
    SourceTrouble,
    Unreadable,
)
from juanchi.intake.channels.folder_mapping import RowMapping, read_row
from juanchi.intake.channels.folder_places import (
    DONE,
    REFUSED,
    Dropped,
    dropped,
    is_settled,
    look_at,
    put_away,
)
from juanchi.intake.channels.folder_rows import Refusal, Refused, rows_of
from juanchi.intake.channels.folder_words import refused_line, why_refused
from juanchi.intake.channels.settings import read_settings
from juanchi.intake.encodings import FileTrouble
from juanchi.intake.files import Row

MOST_REMEMBERED: Final = 4000
"""Files that were read and lie there still; with more, the folder is not read on."""


class FolderSettings(Value):
    """Where the files are dropped and what their columns mean; docs/channels.md explains each."""

    path: str
    mapping: RowMapping
    sheet: str = ""
    settle: Annotated[float, Field(ge=0, le=86_400)] = 10.0
    page: Annotated[int, Field(ge=1, le=5000)] = 500


class Position(Value):
    """In the middle of a file: behind which row of it. ``ended``: it can be put away."""

    name: str
    stamp: str
    line: int = 0
    ended: bool = False
    refused: Refusal | None = None


class FolderCursor(Value):
    """How far a folder has been read. ``left`` are files that were read and lie there still."""

    at: Position | None = None
    left: tuple[str, ...] = ()

    @classmethod
    def read(cls, cursor: str) -> Self:
        """A cursor as it was kept; a new one for anything else."""
        try:
            return cls.model_validate_json(cursor)
        except ValidationError:
            return cls()

    def written(self) -> str:
        """This cursor as it is kept."""
        return self.model_dump_json(exclude_defaults=True)


class _Open(NamedTuple):
    """A file that is being read, so that reading on need not begin at its beginning."""

    position: Position
    rows: Iterator[Row]


class _Folder:
    """An open folder."""

    def __init__(self, source: Source, settings: FolderSettings) -> None:
        self._source = source
        self._settings = settings
        self._path = Path(settings.path)
        self._open: _Open | None = None

    async def fetch(self, cursor: str) -> Fetched:
        """Some rows of one file; files are read one after the other, oldest first."""
        # Disks and workbooks take their time: other channels go on meanwhile.
        return await asyncio.to_thread(self._fetch, FolderCursor.read(cursor))

    def _fetch(self, state: FolderCursor) -> Fetched:
        files = dropped(self._path)
        # What the cursor says is kept: only now may the file leave its place.
        state = self._put_away(state, files)
        position = state.at
        if position is None:
            file = self._next(state, dropped(self._path))
            if file is None:
                return Fetched(cursor=state.written())
            position = Position(name=file.path.name, stamp=file.stamp)
        return self._read(state, position)

    def _put_away(self, state: FolderCursor, files: list[Dropped]) -> FolderCursor:
        here = {file.path.name: file for file in files}
        left = tuple(mark for mark in state.left if mark in {file.mark for file in files})
        at = state.at
        file = here.get(at.name) if at else None
        if at is None or file is None or file.stamp != at.stamp:
            # Gone, or changed while it was read: then it is read from its beginning.
            return FolderCursor(left=left)
        if not at.ended:
            return FolderCursor(at=at, left=left)
        why = why_refused(at.refused) if at.refused else ""
        moved = put_away(file, REFUSED if at.refused else DONE, why)
        if not moved and len(left) >= MOST_REMEMBERED:
            raise SourceTrouble(
                f"{MOST_REMEMBERED:,} files that were read cannot be moved away: clear the folder"
            )
        return FolderCursor(left=left if moved else (*left, file.mark))

    def _next(self, state: FolderCursor, files: list[Dropped]) -> Dropped | None:
        settle = timedelta(seconds=self._settings.settle)
        now = self._source.now()
        known = set(state.left)
        ready = (file for file in files if file.mark not in known)
        return next((file for file in ready if is_settled(file, now, settle)), None)

    def _read(self, state: FolderCursor, position: Position) -> Fetched:
        path = self._path / position.name
        try:
            rows = self._rows(path, position)
            found = list(islice(rows, self._settings.page))
        except Refused as refused:
            return _refused(state, position, refused.refusal)
        except (FileTrouble, OSError) as error:
            # Away in the middle: so is perhaps the whole folder.
            raise SourceTrouble(f"{path.name} cannot be read on: {error}") from error
        now = look_at(path)
        if now is None or now.stamp != position.stamp:
            # Written to after all. Nothing of it is taken; it is looked at another time.
            self._open = None
            return Fetched(cursor=state.model_copy(update={"at": None}).written())
        ended = len(found) < self._settings.page
        line = found[-1].line if found else position.line
        position = position.model_copy(update={"line": line, "ended": ended})
        self._open = None if ended else _Open(position, rows)
        zone = self._source.zone
        read = [read_row(self._settings.mapping, row, path.name, zone) for row in found]
        return Fetched(
            arrivals=tuple(one for one in read if isinstance(one, Arrival)),
            unreadable=tuple(one for one in read if isinstance(one, Unreadable)),
            cursor=state.model_copy(update={"at": position}).written(),
            more=True,
        )

    def _rows(self, path: Path, position: Position) -> Iterator[Row]:
        if self._open and self._open.position == position:
            return self._open.rows
        mapping = self._settings.mapping
        columns, rows = rows_of(path, mapping.file, self._settings.sheet)
        if missing := mapping.unknown_column(columns):
            facts = {"file": path.name, "column": missing, "known": ", ".join(columns)}
            raise Refused(Refusal(code="unknown_column", facts=facts))
        return (row for row in rows if row.line > position.line)


class FolderKind:
    """CSV, JSON-lines and Excel files in a folder."""

    def check(self, settings: Mapping[str, Any]) -> None:
        """Raise ``BadSettings`` for settings that can never work."""
        _settings(settings)

    @asynccontextmanager
    async def open(self, source: Source) -> AsyncIterator[Adapter]:
        """An open folder."""
        yield _Folder(source, _settings(source.settings))


KIND: Final = FolderKind()


def _settings(given: Mapping[str, Any]) -> FolderSettings:
    settings = read_settings(FolderSettings, given)
    if not Path(settings.path).is_absolute():
        # What it is relative to is another for each worker.
        raise BadSettings("path", "must be a whole path, from the root of the disk")
    settings.mapping.check()
    return settings


def _refused(state: FolderCursor, position: Position, refusal: Refusal) -> Fetched:
    position = position.model_copy(update={"ended": True, "refused": refusal})
    told = Unreadable(
        external_id=plain.digest(position.name, position.stamp),
        problem=refused_line(refusal),
        raw=plain.raw(position.name),
    )
    cursor = state.model_copy(update={"at": position}).written()
    return Fetched(unreadable=(told,), cursor=cursor, more=True)
