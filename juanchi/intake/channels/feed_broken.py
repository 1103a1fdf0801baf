"""Broken XML: what is common is mended, and what is not costs only the entry it stands in."""

import html
import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple
from xml.parsers import expat

from juanchi.intake.channels.adapter import SourceTrouble

_OPENS: Final = re.compile(r"<(?:\w+:)?(?:item|entry)(?![\w:.\-])")
_CLOSES: Final = re.compile(r"</(?:\w+:)?(?:item|entry)\s*>")
_LONELY: Final = re.compile(r"<[^<>]*>\s*\Z")
_ROOT: Final = re.compile(r"<((?:\w+:)?(?:rss|feed|RDF))\b[^<>]*>")
_REFERENCE: Final = re.compile(r"&(#[xX]?[0-9a-fA-F]{1,8};|[A-Za-z][A-Za-z0-9]{1,30};)?")
_XML_NAMES: Final = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})
_SPACE: Final = frozenset("\t\n\r")


MOST_ENTRIES: Final = 20_000
"""Entries of one document: reading more takes longer than a reading may."""

MOST_BROKEN: Final = 2_000
"""Of them broken: each is read by itself."""


class Part(NamedTuple):
    """Some entries of a broken feed as a feed of their own. One that is not sound is one entry;
    ``torn``: it has no end.
    """

    text: str
    sound: bool
    torn: bool = False


def bounded(text: str) -> None:
    """Raise ``SourceTrouble`` for a document of too many entries."""
    count = sum(1 for _ in _OPENS.finditer(text))
    if count > MOST_ENTRIES:
        raise SourceTrouble(f"has {count:,} entries; at most {MOST_ENTRIES:,} are read")


def is_sound(text: str) -> bool:
    """Whether a text is well-formed XML."""
    parser = expat.ParserCreate(encoding="utf-8", namespace_separator=" ")
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError:
        return False
    return True


def mended(text: str) -> str:
    """A text with the references that XML does not know: HTML's, lonely ampersands, no character.

    In a CDATA section they are markup too, and come to the same when that is read.
    """
    return _REFERENCE.sub(_mended, text)


def _mended(found: re.Match[str]) -> str:
    name = found[1]
    if name is None:
        return "&amp;"
    if name in _XML_NAMES:
        return found[0]
    character = html.unescape(found[0])
    if name.startswith("#"):
        return found[0] if character.isprintable() or character in _SPACE else ""
    return "&amp;" + name if character == found[0] else character


def head(text: str) -> str:
    """What stands before the first entry."""
    first = _OPENS.search(text)
    return text[: first.start()] if first else text


def parts(text: str) -> Iterator[Part]:
    """The entries of a broken feed in sound parts, as large as can be, and the broken ones.

    Raises ``SourceTrouble`` when there are too many of those.
    """
    root = _ROOT.search(text)
    starts = [found.start() for found in _OPENS.finditer(text)]
    if root is None or not starts:
        return
    cuts = zip(starts, [*starts[1:], len(text)], strict=True)
    pieces = [_to_its_end(text[start:end]) for start, end in cuts]
    # An opening alone, with the next behind it, is no entry.
    whole = [piece for piece in pieces if not _LONELY.match(piece)]
    broken = 0
    for part in _sound_parts(root, whole):
        broken += not part.sound
        if broken > MOST_BROKEN:
            raise SourceTrouble(f"has more than {MOST_BROKEN:,} entries that are broken")
        yield part


def _to_its_end(piece: str) -> str:
    ends = [found.end() for found in _CLOSES.finditer(piece)]
    return piece[: ends[-1]] if ends else piece


def _sound_parts(root: re.Match[str], pieces: Sequence[str]) -> Iterator[Part]:
    # By halves: few broken ones among many sound ones are found in few steps.
    if not pieces:
        return
    whole = root[0] + "".join(pieces) + f"</{root[1]}>"
    if is_sound(whole):
        yield Part(whole, sound=True)
    elif len(pieces) == 1:
        yield Part(whole, sound=False, torn=_CLOSES.search(pieces[0]) is None)
    else:
        middle = len(pieces) // 2
        yield from _sound_parts(root, pieces[:middle])
        yield from _sound_parts(root, pieces[middle:])
