"""What every command shows with: consoles, the language, and text made safe for a terminal."""

import json
import re
from collections.abc import Iterable
from functools import cache

import typer
from rich.console import Console
from rich.text import Text

from juanchi.domain.base import Value
from juanchi.domain.terms import RungKind
from juanchi.runtime.settings import Settings
from juanchi.words import language, say

WIDEST = 120

RUNG_STYLE = {
    RungKind.REMINDER: "yellow",
    RungKind.WARNING: "bold yellow",
    RungKind.OVERDUE: "red",
    RungKind.ESCALATED: "bold red",
    RungKind.YELLOW_CARD: "bold yellow",
    RungKind.RED_CARD: "bold red",
    RungKind.RAISED: "bold red",
    RungKind.REPORTED: "bold red",
    RungKind.PRESSED: "magenta",
    RungKind.ELAPSED: "dim",
}

# Beside the ASCII controls that values never hold: C1 controls (some terminals obey them) and the
# marks that turn the direction of text, with which a clue could disguise what follows it.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def safe(text: object) -> str:
    """Text as a terminal may show it: characters that could act on the terminal are left out."""
    return _UNSAFE.sub("", str(text)).replace("\t", " ")


def out() -> Console:
    """Where results go. Made for each use, since a test (or a pipe) may change the stream."""
    console = Console(highlight=False, markup=False, emoji=False)
    console.width = min(console.width, WIDEST)
    return console


def err() -> Console:
    """Where refusals and errors go."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)


@cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings()


def lang() -> str:
    """The language of this process."""
    return language(settings())


def t(key: str, **facts: object) -> str:
    """A text of the command line in the process's language."""
    return say(f"cli.{key}", lang(), **facts)


def line(text: object, style: str = "") -> None:
    """Print a line of somebody's text as it is; the terminal wraps it, so that it copies whole."""
    out().print(Text(safe(text), style=style), soft_wrap=True)


def print_json(values: Iterable[Value]) -> None:
    """One JSON value a line. Escaped, so that nothing in a text can act on a terminal."""
    for value in values:
        typer.echo(json.dumps(value.model_dump(mode="json"), ensure_ascii=True))
