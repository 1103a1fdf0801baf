"""The rows of a change as somebody typed them, or wrote them into a file."""

import json
import tomllib
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from juanchi.cli.display import lang
from juanchi.cli.session import refused_value
from juanchi.domain.duty_change.rows import Rows
from juanchi.domain.refusal import Code, Refused
from juanchi.words import say

LARGEST: Final = 4_000_000
"""Bytes of a file of rows; five hundred rows fit many times."""

_ROWS: Final[TypeAdapter[Rows]] = TypeAdapter(Rows)


def d(key: str, **facts: object) -> str:
    """Words of the ``duty`` commands."""
    return say(f"duty.{key}", lang(), **facts)


def row_of_words(fields: dict[str, Any], *, replace: bool, end: bool) -> Rows:
    """One row out of its parts; what is empty is left out. Refused: bad_input."""
    if end:
        return rows_of([{"kind": "end_duty", "item": fields["item"], "region": fields["region"]}])
    if not fields["lead"]:
        raise Refused(Code.BAD_INPUT, where="--lead", problem=d("no_lead"))
    given = {name: value for name, value in fields.items() if value}
    return rows_of([{"kind": "replace_duty" if replace else "add_duty", **given}])


def rows_of_file(path: Path) -> Rows:
    """The rows of a file: TOML with ``[[row]]`` tables, else a JSON list. Refused: bad_input."""
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError(f"> {LARGEST:,} bytes")
        text = path.read_text("utf-8-sig")
        rows = tomllib.loads(text).get("row") if path.suffix == ".toml" else json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        problem = d("bad_file", problem=str(error)[:150])
        raise Refused(Code.BAD_INPUT, where=str(path)[-60:], problem=problem) from None
    return rows_of(rows or [])


def rows_of(rows: Any) -> Rows:
    """Rows out of JSON-like data. Refused: bad_input, with which row and what is wrong."""
    try:
        return _ROWS.validate_python(rows)
    except ValidationError as error:
        raise refused_value(error, "row") from None
