"""Looks at a file before anything reads it: what could hurt, or is no workbook, is refused."""

import re
import zipfile
import zlib
from pathlib import Path
from typing import Final

from juanchi.intake.workbooks.trouble import WorkbookTrouble

MOST_BYTES: Final = 50 * 1024 * 1024
"""Of a file as it lies on disk."""

MOST_UNPACKED: Final = 200 * 1024 * 1024
"""Of all parts of a workbook, unpacked: forty times what 4,000 items and 20,000 duties take."""

MOST_RATIO: Final = 400
"""Unpacked by packed size of a large part; repetitive sheets reach about 50."""

MOST_PARTS: Final = 2_000
MOST_ROWS: Final = 200_000
"""Rows that are not blank in one sheet."""

MOST_COLUMNS: Final = 60
LAST_ROW: Final = 1_048_576
"""The last row that a spreadsheet has; a file that claims more is made up."""

_LARGE: Final = 4 * 1024 * 1024
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_DOCTYPE: Final = re.compile(rb"<\x00?!\x00?(D\x00?O\x00?C\x00?T|E\x00?N\x00?T)", re.IGNORECASE)
_MACRO_SUFFIXES: Final = {".xlsm", ".xltm", ".xlam", ".xlsb"}


def look_at(path: Path) -> None:
    """Raise ``WorkbookTrouble`` unless a file is a plain, sound .xlsx workbook of bearable size."""
    size_bearable(path)
    if path.suffix.lower() in _MACRO_SUFFIXES:
        raise WorkbookTrouble("macros", file=path.name)
    try:
        with path.open("rb") as file:
            start = file.read(8)
            if start == _OLE:
                encrypted = _ENCRYPTED in file.read()
                raise WorkbookTrouble("encrypted" if encrypted else "old_excel", file=path.name)
        if not start.startswith(_ZIP):
            raise WorkbookTrouble("not_a_spreadsheet", file=path.name)
        with zipfile.ZipFile(path) as archive:
            _parts(path, archive)
    # NotImplementedError is how zipfile says that it does not know a part's compression.
    except (zipfile.BadZipFile, EOFError, NotImplementedError, zlib.error) as error:
        raise WorkbookTrouble("truncated", file=path.name, problem=error) from None
    except OSError as error:
        raise WorkbookTrouble("unreadable", file=path.name, problem=error.strerror) from None


def size_bearable(path: Path) -> None:
    """Raise ``WorkbookTrouble`` when a file is not there or too large."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise WorkbookTrouble("unreadable", file=path.name, problem=error.strerror) from None
    if size > MOST_BYTES:
        raise WorkbookTrouble("too_large", file=path.name, most=MOST_BYTES // 1024**2)
    if size == 0:
        raise WorkbookTrouble("empty", file=path.name)


def _parts(path: Path, archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    names = {part.filename.lower() for part in parts}
    # A reader is held to the sizes that are declared here: more than those it never unpacks.
    bomb = len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED
    if bomb or any(_bloated(part) for part in parts):
        raise WorkbookTrouble("bomb", file=path.name, most=MOST_UNPACKED // 1024**2)
    if any(part.flag_bits & 1 for part in parts):
        raise WorkbookTrouble("encrypted", file=path.name)
    if any(name.endswith("vbaproject.bin") for name in names):
        raise WorkbookTrouble("macros", file=path.name)
    if "xl/workbook.xml" not in names or "[content_types].xml" not in names:
        raise WorkbookTrouble("not_a_workbook", file=path.name)
    for part in parts:
        name = part.filename.lower()
        if not name.endswith((".xml", ".rels")):
            continue
        with archive.open(part) as file:
            start = file.read(4096)
        if name == "[content_types].xml" and b"macroenabled" in start.lower():
            raise WorkbookTrouble("macros", file=path.name)
        # No spreadsheet writes one; entities are how a small file unpacks to an enormous one.
        if _DOCTYPE.search(start):
            raise WorkbookTrouble("bomb", file=path.name, most=MOST_UNPACKED // 1024**2)


def _bloated(part: zipfile.ZipInfo) -> bool:
    return part.file_size > _LARGE and part.file_size > MOST_RATIO * max(part.compress_size, 1)
