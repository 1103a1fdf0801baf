"""What is wrong with a pack, in sentences that say where it is and what to do."""

from collections.abc import Sequence

from pydantic_core import ErrorDetails

from juanchi.domain.base import Value

_LONGEST_QUOTE = 60

_PLAIN = {
    "bool_parsing": "is neither true nor false",
    "bool_type": "is neither true nor false",
    "int_parsing": "is not a whole number",
    "int_type": "is not a whole number",
    "float_parsing": "is not a number",
    "float_type": "is not a number",
    "date_type": "is not a date; write it like 2026-01-31",
    "date_parsing": "is not a date; write it like 2026-01-31",
    "date_from_datetime_parsing": "is not a date; write it like 2026-01-31",
    "date_from_datetime_inexact": "is not a date; write it like 2026-01-31",
    "time_type": "is not a time; write it like 09:00",
    "time_parsing": "is not a time; write it like 09:00",
    "string_type": "is not text; put it in quotation marks",
    "tuple_type": 'is not a list; write it like ["one", "two"]',
    "dict_type": "is not a table of keys and values",
    "model_type": "is not a table of keys and values",
}


class Problem(Value):
    """One thing wrong: where (``line`` from 1, 0 for the whole file) and what to do about it.

    ``column`` is a CSV column's name or a TOML key's path. A ``warning`` does not stop a load.
    """

    file: str
    line: int
    column: str
    message: str
    warning: bool = False

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
        self._found.append(Problem(file=file, line=line, column=column, message=message))

    def warn(self, file: str, line: int, column: str, message: str) -> None:
        """Note something that works, but perhaps not as meant."""
        self._found.append(
            Problem(file=file, line=line, column=column, message=message, warning=True)
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


def sentence(error: ErrorDetails) -> str:
    """What pydantic found, said plainly."""
    kind, given, context = error["type"], quote(error["input"]), error.get("ctx", {})
    match kind:
        case "missing":
            return "is required; fill it in"
        case "extra_forbidden":
            return "is not known here; correct its spelling or remove it"
        case "value_error":
            return str(context["error"])
        case "enum":
            return f"{given} is not one of {context['expected']}"
        case "string_too_long":
            return f"{given} is too long; at most {context['max_length']} characters"
        case "too_short":
            return f"needs at least {context['min_length']}"
        case "string_pattern_mismatch" if "due" in context["pattern"]:
            return f"{given} is not a moment on a clock; write 80%, due, due+1wd or due+2h"
        case "string_pattern_mismatch":
            return (
                f"{given} is not a code; use up to 64 letters, digits, '_', '.', ':' or '-', "
                "beginning with a letter or digit"
            )
    if kind in _PLAIN:
        return f"{given} {_PLAIN[kind]}"
    return f"{given} {error['msg'].replace('Input should be', 'must be')}"
