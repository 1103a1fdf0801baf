"""What a source says as plain text: no markup, no control characters, no more than can be kept."""

import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from juanchi.intake.channels.markup import words_of

LONGEST: Final = 20_000
"""Characters of a text that are kept."""

LONGEST_ID: Final = 200
LONGEST_LINE: Final = 200
_LONGEST_RAW: Final = 2000

_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_SPACES: Final = re.compile(r"[^\S\n]+")
_BLANK_LINES: Final = re.compile(r"\n{3,}")


def from_html(markup: str) -> str:
    """The words of a piece of HTML, however broken; a picture's description is among them."""
    return tidy(words_of(markup))


def tidy(text: str) -> str:
    """A text without control characters and needless space; line breaks stay."""
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def cut(text: str) -> str:
    """A text of bearable length; one that was cut says how much of it is there."""
    if len(text) <= LONGEST:
        return text
    kept = LONGEST - 40
    return f"{text[:kept]}… [{kept:,} / {len(text):,}]"


def raw(text: str) -> str:
    """The beginning of what was given, fit to be kept and shown."""
    return _CONTROL.sub("\ufffd", text[:_LONGEST_RAW])


def line(text: str) -> str:
    """A text as one line of bearable length."""
    text = " ".join(_CONTROL.sub(" ", text).split())
    return text if len(text) <= LONGEST_LINE else text[: LONGEST_LINE - 1] + "…"


def key(given: str) -> str:
    """An id as it can be kept: what is too long is told by its digest."""
    found = line(given) if len(given) <= LONGEST_ID else ""
    return found or digest(given)


def digest(*parts: str) -> str:
    """A stable id of some text."""
    return "sha256:" + sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:32]


def link(given: str) -> str:
    """A web address that can be kept and clicked, or nothing."""
    found = given.strip()
    sound = found.startswith(("http://", "https://")) and not _CONTROL.search(found)
    return found if sound and len(found) <= LONGEST_LINE else ""


def joined(parts: Sequence[str]) -> str:
    """A title and a body as one text, without saying the same twice."""
    told: list[str] = []
    for part in filter(None, parts):
        # A microblog's title is the beginning of its post, cut with three dots.
        told = [one for one in told if not _begins(part, one)]
        if not any(_begins(one, part) for one in told):
            told.append(part)
    return "\n".join(told)


def _begins(whole: str, part: str) -> bool:
    return " ".join(whole.split()).startswith(" ".join(part.rstrip("….").split()))
