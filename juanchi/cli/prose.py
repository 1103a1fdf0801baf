"""Text that breaks where its script allows it: Chinese between any two characters.

Rich breaks at spaces only, which leaves ragged lines where a number stands in a Chinese sentence.
"""

import re
from collections.abc import Iterator
from typing import Final

from rich.cells import cell_len, chop_cells
from rich.console import Console, JustifyMethod, OverflowMethod
from rich.containers import Lines
from rich.text import Text

_WIDE: Final = "\u2e80-\u2fff\u3003-\u3007\u3040-\u9fff\uac00-\ud7a3\uf900-\ufaff"
_OPENS: Final = "（【《“‘"
_CLOSES: Final = "，。；：、！？）】》”’…|"
TIED: Final = "\u00a0"
"""A space at which no line breaks; shown as a plain one."""

_LATIN: Final = f"[^ {TIED}{_WIDE}{_OPENS}{_CLOSES}]"
_WORD: Final = re.compile(
    rf"[{_OPENS}]*(?:[{_WIDE}]|{_LATIN}+)?(?:{TIED}(?:[{_WIDE}]|{_LATIN}*))*[{_CLOSES}]* *"
)
"""What stays together: a Latin word or number, or one wide character, with its punctuation."""


def tied(text: str) -> str:
    """A text that is not broken at its spaces."""
    return text.replace(" ", TIED)


class Prose(Text):
    """A text of people's words."""

    def wrap(
        self,
        console: Console,
        width: int,
        *,
        justify: JustifyMethod | None = None,
        overflow: OverflowMethod | None = None,
        tab_size: int = 8,
        no_wrap: bool | None = None,
    ) -> Lines:
        """The lines of the text at a width, in cells."""
        lines = Lines()
        for line in self.split(allow_blank=True):
            for part in line.divide(breaks(line.plain, width)):
                part.rstrip_end(width)
                part.plain = part.plain.replace(TIED, " ")
                lines.append(part)
        return lines


def breaks(text: str, width: int) -> list[int]:
    """Where a line must be broken so that no part is wider than ``width`` cells."""
    found: list[int] = []
    room = width
    for start, word in _words(text):
        bare = word.rstrip(" ")
        if cell_len(bare) > room and start > (found[-1] if found else 0):
            found.append(start)
            room = width
        if cell_len(bare) > width:
            *whole, rest = chop_cells(bare, width)
            for part in whole:
                start += len(part)
                found.append(start)
            room = width - cell_len(rest) - (len(word) - len(bare))
        else:
            room -= cell_len(word)
    return found


def _words(text: str) -> Iterator[tuple[int, str]]:
    for found in _WORD.finditer(text):
        if found[0]:
            yield found.start(), found[0]
