"""What is wrong with a pack, in sentences that say where it is and what to do."""

from collections.abc import Sequence
from typing import Self

from pydantic import Field
from pydantic_core import ErrorDetails

from juanchi.domain.base import Value
from juanchi.words import say
from juanchi.words.catalogue import ENGLISH

_LONGEST_QUOTE = 60

_PLAIN = {
    "bool_parsing": "not_true_or_false",
    "bool_type": "not_true_or_false",
    "int_parsing": "not_whole",
    "int_type": "not_whole",
    "float_parsing": "not_a_number",
    "float_type": "not_a_number",
    "date_type": "not_a_date",
    "date_parsing": "not_a_date",
    "date_from_datetime_parsing": "not_a_date",
    "date_from_datetime_inexact": "not_a_date",
    "time_type": "not_a_time",
    "time_parsing": "not_a_time",
    "string_type": "not_text",
    "tuple_type": "not_a_list",
    "dict_type": "not_a_table",
    "model_type": "not_a_table",
}


class Sentence(str):
    """A sentence of the catalogue in English that can be said in other languages too."""

    code: str
    facts: dict[str, str]

    def __new__(cls, code: str, /, **facts: object) -> Self:
        """The sentence ``check.<code>`` with its facts."""
        told = {name: str(fact) for name, fact in facts.items()}
        sentence = super().__new__(cls, say(f"check.{code}", ENGLISH, **told))
        sentence.code, sentence.facts = code, told
        return sentence


class Problem(Value):
    """One thing wrong: where (``line`` from 1, 0 for the whole file) and what to do about it.

    ``column`` is a CSV column's name or a TOML key's path. A ``warning`` does not stop a load.
    ``message`` is English; where it has a ``code``, ``in_language`` says it in others too.
    """

    file: str
    line: int
    column: str
    message: str
    warning: bool = False
    code: str = ""
    facts: dict[str, str] = Field(default_factory=dict)

    def in_language(self, lang: str) -> str:
        """The sentence in a language; in English where there is none in it."""
        return say(f"check.{self.code}", lang, **self.facts) if self.code else self.message

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        kind = "warning: " if self.warning else ""
        return f"{place}: {kind}{f'{self.column}: ' if self.column else ''}{self.message}"


class PackErrors(Exception):
    """A pack that cannot be loaded, with all that is wrong with it."""

    def __init__(self, folder: str, problems: Sequence[Problem]) -> None:
        self.folder = folder
        self.problems = list(problems)
        found = sum(not problem.warning for problem in problems)
        lines = [f"{folder}: {found} problem{'s' if found != 1 else ''}", *map(str, problems)]
        super().__init__("\n".join(lines))


class Findings:
    """Collects problems while a pack is read and checked."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def error(self, file: str, line: int, column: str, message: str) -> None:
        """Note something that must be put right before the pack can be loaded."""
        self._note(file, line, column, message, warning=False)

    def warn(self, file: str, line: int, column: str, message: str) -> None:
        """Note something that works, but perhaps not as meant."""
        self._note(file, line, column, message, warning=True)

    def _note(self, file: str, line: int, column: str, message: str, *, warning: bool) -> None:
        code, facts = "", dict[str, str]()
        if isinstance(message, Sentence):
            code, facts = message.code, message.facts
        self._found.append(
            Problem(
                file=file,
                line=line,
                column=column,
                message=str(message),
                warning=warning,
                code=code,
                facts=facts,
            )
        )

    def spotless(self, *files: str) -> bool:
        """Whether nothing in these files has to be put right."""
        return not any(found.file in files and not found.warning for found in self._found)

    def sorted(self) -> tuple[Problem, ...]:
        """All of them: errors first, then by file and line."""
        return tuple(sorted(self._found, key=lambda p: (p.warning, p.file, p.line)))


def quote(given: object) -> str:
    """A value as a reader sees it in the file: quoted, one line, not too long."""
    text = repr(given) if isinstance(given, str) else str(given)
    return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 3] + "..."


def some(codes: Sequence[str]) -> str:
    """A few codes, and how many more there are."""
    more = len(codes) - 3
    return f"{', '.join(codes[:3])} and {more} more" if more > 0 else ", ".join(codes)


def few(codes: Sequence[str]) -> dict[str, str]:
    """A few codes, and how many more there are, as facts of a sentence."""
    more = len(codes) - 3
    return {"codes": ", ".join(codes[:3]), "more": str(more) if more > 0 else ""}


def sentence(error: ErrorDetails) -> str:
    """What pydantic found, said plainly."""
    kind, given, context = error["type"], quote(error["input"]), error.get("ctx", {})
    match kind:
        case "missing":
            return Sentence("required")
        case "extra_forbidden":
            return Sentence("not_known")
        case "value_error":
            return str(context["error"])
        case "enum":
            return Sentence("not_one_of", given=given, expected=context["expected"])
        case "string_too_long":
            return Sentence("too_long", given=given, most=context["max_length"])
        case "too_short":
            return f"needs at least {context['min_length']}"
        case "string_pattern_mismatch" if "due" in context["pattern"]:
            return f"{given} is not a moment on a clock; write 80%, due, due-1wd or due+2h"
        case "string_pattern_mismatch":
            return Sentence("not_a_code", given=given)
    if kind in _PLAIN:
        return Sentence(_PLAIN[kind], given=given)
    return f"{given} {error['msg'].replace('Input should be', 'must be')}"
