"""The words of a letter: its body in whatever charset and shape, and its headers.

Programs that write letters in Chinese declare one charset and write another, cut characters in two
between encoded words, and put bytes where only ASCII may be. What can be made out is.
"""

import binascii
import codecs
import re
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from typing import Final

from juanchi.intake.channels.decoding import decoded
from juanchi.intake.channels.plain import from_html, line, tidy

DEEPEST: Final = 20
"""Parts within parts: no program that people write letters with goes deeper."""

_LONGEST_PAGE: Final = 400_000
"""Characters of HTML that are read for their words."""

_SHIFTING: Final = frozenset({"hz", "iso2022_cn", "iso2022_jp", "iso2022_kr", "utf-7"})
"""Codecs whose bytes all look like ASCII, so that nothing but the declaration tells them."""


class TooDeep(Exception):
    """A letter with more parts within parts than any honest one."""


def header(message: Message, name: str) -> str:
    """A header as people read it, on one line; empty if there is none."""
    for found, value in message.raw_items():
        if found.lower() == name:
            return " ".join(tidy(_header(str(value))).split())
    return ""


def _header(value: str) -> str:
    raw = value.encode("utf-8", "surrogateescape")
    if not raw.isascii():
        return decoded(raw)
    try:
        # Pieces of one charset that stand side by side are joined before they are read.
        pieces = decode_header(value)
    except (HeaderParseError, binascii.Error, ValueError):
        return value
    found = "".join(
        piece if isinstance(piece, str) else _decoded(piece, charset or "")
        for piece, charset in pieces
    )
    return found or value


def _decoded(data: bytes, charset: str) -> str:
    try:
        codec = codecs.lookup(charset).name if charset else ""
    except (LookupError, ValueError):
        codec = ""
    if codec in _SHIFTING:
        return data.decode(codec, "replace")
    return decoded(data, f"charset={codec}" if codec else "")


def body(message: Message) -> str:
    """What the letter says. Of alternatives the first that says anything; HTML as plain text.

    Raises ``TooDeep``.
    """
    return tidy("\n".join(part for part in _words(message, DEEPEST) if part))


def _words(part: Message, deep: int) -> list[str]:
    if deep == 0:
        raise TooDeep
    inner = part.get_payload()
    if isinstance(inner, list):
        parts = [one for one in inner if isinstance(one, Message)]
        found = [_words(one, deep - 1) for one in parts]
        if part.get_content_subtype() == "alternative":
            return next((words for words in found if any(words)), [])
        words = [word for words in found for word in words]
        # A letter within the letter: what was forwarded is what is reported.
        return [*(header(one, "subject") for one in parts), *words] if _is_letter(part) else words
    if name_of(part) or part.get_content_maintype() != "text":
        return []
    text = _decoded(_payload(part), part.get_content_charset() or "")
    if part.get_content_subtype() == "html":
        return [from_html(text[:_LONGEST_PAGE])]
    return [tidy(text)]


def _is_letter(part: Message) -> bool:
    return part.get_content_type() == "message/rfc822"


def _payload(part: Message) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def attachments(message: Message) -> Iterator[str]:
    """The names of what is attached, or their types where they have none."""
    for part in message.walk():
        if part.is_multipart():
            continue
        name = name_of(part)
        if name:
            yield name
        elif part.get_content_maintype() != "text":
            yield part.get_content_type()


def name_of(part: Message) -> str:
    """The name of an attachment; empty for a part of the letter itself."""
    try:
        given = part.get_filename() or ""
    except (ValueError, LookupError):
        given = "?"
    if given:
        return line(_header(given))
    return part.get_content_type() if part.get_content_disposition() == "attachment" else ""


_WROTE = re.compile(r"(?:On .{5,200} wrote|.{4,200}写道)\s*[:：]\s*", re.IGNORECASE)
_ORIGINAL = re.compile(
    r"-{2,}\s*(?:original message|原始邮件|原邮件|回复的原邮件)\s*-{2,}", re.IGNORECASE
)
_SENDER = re.compile(r"[*|]?\s*(?:from|发件人)\s*[|*]?\s*[:：|]", re.IGNORECASE)
_RECEIVER = re.compile(
    r"[*|]?\s*(?:sent|to|date|发送时间|日期|收件人)\s*[|*]?\s*[:：|]", re.IGNORECASE
)


def own_words(text: str) -> str:
    """The words of an answer without the letter that it answers; all, if nothing else is left."""
    lines = text.split("\n")
    end = next((at for at in range(len(lines)) if _begins_quote(lines, at)), len(lines))
    kept = [
        one
        for at, one in enumerate(lines[:end])
        if not one.startswith(">") and not (_WROTE.fullmatch(one) and _quoted(lines, at + 1))
    ]
    return tidy("\n".join(kept)) or text


def _begins_quote(lines: list[str], at: int) -> bool:
    """Whether all from here on is the other letter."""
    one = lines[at]
    if _ORIGINAL.fullmatch(one):
        return True
    if _WROTE.fullmatch(one):
        # Quoted with >, own words may stand between: only the quoted lines go.
        return not _quoted(lines, at + 1)
    return bool(_SENDER.match(one)) and any(_RECEIVER.match(two) for two in lines[at + 1 : at + 5])


def _quoted(lines: list[str], at: int) -> bool:
    following = next((one for one in lines[at : at + 4] if one), "")
    return following.startswith(">")
