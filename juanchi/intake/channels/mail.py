"""One letter as an arrival: who wrote when, and what; or why it is none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from juanchi.intake.channels.adapter import Arrival, Unreadable
from juanchi.intake.channels.decoding import decoded
from juanchi.intake.channels.mail_text import (
    TooDeep,
    attachments,
    body,
    header,
    own_words,
)
from juanchi.intake.channels.plain import LONGEST, digest, key, line, raw
from juanchi.intake.channels.times import moment

ATTACHED: Final = "📎"
MOST_NAMES: Final = 20

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_ANSWER = re.compile(r"(?:re|aw|sv|回复|答复|回覆)\s*[:：]", re.IGNORECASE)
_AUTOMATIC_HEADERS: Final = ("x-autoreply", "x-autorespond", "x-failed-recipients")


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as the server gave it: its beginning, its whole size, when it came in."""

    data: bytes
    size: int
    came: datetime

    @property
    def whole(self) -> bool:
        """Whether the beginning is all of it."""
        return len(self.data) >= self.size


@dataclass(frozen=True, slots=True)
class Reading:
    """How letters are read. ``automatic``: answers of programs are taken too; ``quotes``: what an
    answer quotes stays in it.
    """

    zone: ZoneInfo
    automatic: bool = False
    quotes: bool = False


def arrival_of(letter: Letter, how: Reading) -> Arrival | Unreadable:
    """What a letter says. Never raises: what cannot be read says why."""
    try:
        message = message_from_bytes(letter.data)
        external_id = _id(message, letter)
        return _arrival(external_id, message, letter, how)
    except TooDeep:
        problem = "parts within parts within parts"
    except ValidationError as error:
        problem = str(error.errors(include_input=False)[0]["msg"])
    except Exception as error:  # the library was not written for what people send
        problem = f"cannot be taken apart: {type(error).__name__}"
    return _unreadable(_digest(letter), letter, problem)


def _arrival(
    external_id: str, message: Message, letter: Letter, how: Reading
) -> Arrival | Unreadable:
    why = "" if how.automatic else automatic(message)
    if why:
        return _unreadable(external_id, letter, f"written by a program ({line(why)})")
    subject, said = header(message, "subject"), body(message)
    if not how.quotes and (header(message, "in-reply-to") or _ANSWER.match(subject)):
        said = own_words(said)
    names = list(attachments(message))
    if not subject and not said and not names:
        what = "says nothing" if letter.whole else "says nothing in the part that is read"
        return _unreadable(external_id, letter, what)
    words = "\n".join(part for part in (subject, said) if part)
    return Arrival(
        external_id=external_id,
        text=_with_names(words, names[:MOST_NAMES]),
        reported_at=_written(message, letter, how.zone),
        contact=_sender(message),
    )


def _with_names(words: str, names: Sequence[str]) -> str:
    """The words, cut where they are too long, and under them the names of what is attached."""
    told = "".join(f"\n{ATTACHED} {name}" for name in names)
    room = LONGEST - len(told)
    return (words if len(words) <= room else words[: room - 1] + "…") + told if words else told[1:]


def automatic(message: Message) -> str:
    """What shows that a program wrote this letter; empty if a person may have."""
    submitted = header(message, "auto-submitted").lower()
    if submitted and submitted.split(";")[0].strip() != "no":
        return f"Auto-Submitted: {submitted}"
    if header(message, "return-path").replace(" ", "") == "<>":
        return "empty Return-Path"
    if message.get_content_type() == "multipart/report":
        return "multipart/report"
    if header(message, "precedence").lower() in ("auto_reply", "auto-reply"):
        return "Precedence: auto_reply"
    return next((name for name in _AUTOMATIC_HEADERS if header(message, name)), "")


def _written(message: Message, letter: Letter, zone: ZoneInfo) -> datetime:
    """When it was written, but never later than it came in: clocks of senders go as they please."""
    at = moment(header(message, "date"), zone)
    return min(at, letter.came) if at else letter.came


def _sender(message: Message) -> str:
    for name in ("reply-to", "from"):
        address = parseaddr(header(message, name))[1]
        if "@" in address:
            return line(address)
    return ""


def _id(message: Message, letter: Letter) -> str:
    given = header(message, "message-id").strip("<> ")
    return key(given) if given else _digest(letter)


def _digest(letter: Letter) -> str:
    """An id made of the head, which the way that a letter took makes its own.

    Not of the whole: how much of it is read is a setting.
    """
    return digest(_HEAD_END.split(letter.data, maxsplit=1)[0].decode("latin-1"))


def _unreadable(external_id: str, letter: Letter, problem: str) -> Unreadable:
    return Unreadable(
        external_id=external_id, problem=line(problem), raw=raw(decoded(letter.data[:4000]))
    )
