"""A file's encoding, found by looking at all of it, and its lines in that encoding."""

import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

LONGEST_LINE = 4 * 1024 * 1024
"""Bytes of one line that are kept in memory; a longer line is a bad row."""

LONGEST_SHOWN = 2000
"""Characters of a bad cell that are shown again."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Encoding(StrEnum):
    """The encodings that are read."""

    UTF8 = "utf-8"
    UTF8_BOM = "utf-8-sig"
    GB18030 = "gb18030"


class FileTrouble(Exception):
    """A file that cannot be read at all. ``code`` is stable; ``facts`` fill its sentence."""

    def __init__(self, path: Path, code: str, **facts: object) -> None:
        self.path = path
        self.code = code
        self.facts = {"file": str(path), **facts}
        super().__init__(f"{path}: {code} {facts or ''}".strip())


def sniff(path: Path) -> Encoding:
    """The encoding in which more of the lines that are not ASCII can be read; UTF-8 on a tie.

    By lines, since GB18030 reads nearly any bytes: one damaged line must not turn a whole UTF-8
    file into wrong characters. Raises ``FileTrouble``: not_found, unreadable, utf16, and
    unknown_encoding when most lines can be read in neither.
    """
    good = dict.fromkeys((Encoding.UTF8, Encoding.GB18030), 0)
    lines = bad = 0
    with _opened(path) as file:
        start = file.read(3)
        if start[:2] in _UTF16:
            raise FileTrouble(path, "utf16")
        if start == _BOM:
            return Encoding.UTF8_BOM
        file.seek(0)
        for line in _chunks(file):
            lines += 1
            if line is None or line.isascii():
                continue
            reads = [encoding for encoding in good if _reads(line, encoding)]
            bad += not reads
            for encoding in reads:
                good[encoding] += 1
    if 2 * bad > lines:
        raise FileTrouble(path, "unknown_encoding")
    return max(good, key=lambda encoding: good[encoding])


def lines(path: Path, encoding: Encoding) -> Iterator[tuple[int, str | None]]:
    """The lines with their numbers, line ends kept; None for one that is too long.

    Bytes that do not fit the encoding become surrogates: see ``bad_text``.
    """
    with _opened(path) as file:
        if encoding is Encoding.UTF8_BOM:
            file.seek(len(_BOM))
        codec = "gb18030" if encoding is Encoding.GB18030 else "utf-8"
        for number, line in enumerate(_chunks(file), start=1):
            yield number, None if line is None else line.decode(codec, "surrogateescape")


def bad_text(text: str) -> bool:
    """Whether a text holds bytes that were not of the file's encoding."""
    return not text.isascii() and _SURROGATE.search(text) is not None


def shown(text: str) -> str:
    """A text that can be written and read by a person, however damaged it is."""
    cut = text[:LONGEST_SHOWN] + ("…" if len(text) > LONGEST_SHOWN else "")
    return cut.encode("utf-8", "backslashreplace").decode()


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise FileTrouble(path, "not_found") from None
    except OSError as error:
        raise FileTrouble(path, "unreadable", problem=error.strerror) from None


def _chunks(file: BinaryIO) -> Iterator[bytes | None]:
    # Cut at the byte 0x0A, which is no part of a longer character in either encoding.
    while line := file.readline(LONGEST_LINE):
        if len(line) < LONGEST_LINE or line.endswith(b"\n"):
            yield line
            continue
        while (rest := file.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
            pass
        yield None


def _reads(line: bytes, encoding: Encoding) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
