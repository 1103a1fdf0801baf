"""What may be asked of a ticket: every action in words, and values typed for its fields. Pure."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel
from rich.console import Group
from rich.table import Table
from rich.text import Text

from juanchi.cli.prose import Prose
from juanchi.domain import machine
from juanchi.domain.actions import KINDS
from juanchi.domain.messages import Action
from juanchi.domain.orders import LEVELS
from juanchi.domain.phases import Phase
from juanchi.domain.place import Evidence
from juanchi.domain.rules import Guarded
from juanchi.words import say
from juanchi.words.catalogue import listed

_FEW: Final = 4
"""So many phases are listed; more tell nobody anything."""

_VALUES: Final = {"level": LEVELS}
"""Fields that take only some of their type's values."""

_SEPARATED: Final = re.compile("[,，、]")


def action_table(lang: str) -> Table:
    """Every action: its kind, what it does, who may do it where, and its fields."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="bold")
    table.add_column(ratio=1, overflow="fold")
    rights = machine.rights()
    for kind, model in KINDS.items():
        lines = [Prose(say(f"does.{kind}", lang)), *_lines(model, rights[model], lang)]
        table.add_row(kind, Group(*lines))
    return table


def _lines(model: type[Action], guarded: Guarded, lang: str) -> Iterator[Text]:
    roles = listed("role", sorted(guarded.roles), lang)
    phases = [phase for phase in Phase if phase in guarded.phases]
    where = listed("phase", phases, lang) if len(phases) <= _FEW else ""
    yield Prose(say("cli.who_where", lang, roles=roles, where=where), style="dim")
    if fields := " ".join(_fields(model)):
        yield Prose(fields, style="cyan")


def _fields(model: type[Action]) -> Iterator[str]:
    own = model.model_fields.keys() - Action.model_fields.keys() - {"kind"}
    fields = {name: field for name, field in model.model_fields.items() if name in own}
    for name, field in sorted(fields.items(), key=lambda one: not one[1].is_required()):
        given = f"{name}={_form(field.annotation, _VALUES.get(name))}"
        if _item(field.annotation) is Evidence:
            given = "--evidence kind=ref"
        yield given if field.is_required() else f"[{given}]"


def _form(kind: Any, among: Iterable[StrEnum] | None = None) -> str:
    """How a value of a type is typed; ``among``: only these."""
    kind = _plain(kind)
    if get_origin(kind) is tuple:
        return "a,b"
    if not isinstance(kind, type):
        return "..."
    if issubclass(kind, StrEnum):
        return "|".join(value.value for value in among or kind)
    if issubclass(kind, BaseModel):
        return "{...}"
    return {bool: "true|false", int: "1", date: "2026-12-31"}.get(kind, "...")


def typed(kind: str, name: str, value: str) -> Any:
    """A value as it was typed for an action's field: ``a,b`` where several are wanted."""
    field = KINDS[kind].model_fields.get(name) if kind in KINDS else None
    item = _item(field.annotation) if field else None
    if item is None or (isinstance(item, type) and issubclass(item, BaseModel)):
        return value
    return [part.strip() for part in _SEPARATED.split(value) if part.strip()]


def _item(kind: Any) -> Any:
    """What a tuple of any length holds; None for whatever is none."""
    kind = _plain(kind)
    return _plain(get_args(kind)[0]) if get_origin(kind) is tuple else None


def _plain(kind: Any) -> Any:
    """A type without its annotations, and without being optional."""
    if get_origin(kind) is Annotated:
        return _plain(get_args(kind)[0])
    if get_origin(kind) in (Union, type(int | None)):
        return _plain(next(arg for arg in get_args(kind) if arg is not type(None)))
    return kind
