"""Lists written for a clerk: a workbook, a folder of CSV files, one of them, or a template."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from juanchi.domain.list_changes import EDITED, ListName, values, with_rows
from juanchi.domain.lists import Pack
from juanchi.sheets.book import ADDITIONS
from juanchi.sheets.cells import written_row
from juanchi.sheets.columns import ABOUT, COLUMNS, EXPLANATIONS, SHEETS, Column, Kind
from juanchi.sheets.csv_files import write_csv
from juanchi.sheets.trouble import SheetTrouble
from juanchi.sheets.workbook_out import Book
from juanchi.words import LANGUAGES, named, say

_WIDTHS: Final = (14, 16, 10, 60, 60, 40)


@dataclass(frozen=True)
class Exported:
    """What is exported: the lists of a batch; with ``as_of`` only what is valid on that day."""

    pack: Pack
    batch: int
    version: str
    at: datetime
    as_of: date | None = None

    def about(self) -> list[tuple[str, str]]:
        """The lines by which an import knows what has been edited."""
        return [
            ("what", "value"),
            ("city", self.pack.code),
            ("version", self.version),
            ("batch", str(self.batch)),
            ("exported_at", self.at.isoformat(timespec="seconds")),
            ("as_of", "" if self.as_of is None else self.as_of.isoformat()),
        ]


def on_day(pack: Pack, day: date) -> Pack:
    """The pack with only those duties that are valid on a day."""
    valid = [
        duty
        for duty in pack.duties
        if duty.valid_from <= day and (duty.valid_to is None or day <= duty.valid_to)
    ]
    return with_rows(pack, {ListName.DUTIES: valid})


def write_lists(
    path: Path, exported: Exported, only: Sequence[ListName] = ()
) -> tuple[ListName, ...]:
    """Write lists as a workbook (``.xlsx``), one list as ``.csv``, or a folder of CSV files.

    ``only``: these lists; all without it. Gives those that were written. Raises ``SheetTrouble``.
    """
    lists = tuple(only) or SHEETS
    pack = on_day(exported.pack, exported.as_of) if exported.as_of else exported.pack
    try:
        match path.suffix.lower():
            case ".xlsx":
                _workbook(path, exported, pack, lists)
            case ".csv":
                lists = _one_list(path, lists)
                write_csv(path, _table(pack, lists[0]))
            case "":
                path.mkdir(parents=True, exist_ok=True)
                for name in lists:
                    write_csv(path / f"{name}.csv", _table(pack, name))
                write_csv(path / f"{ABOUT}.csv", exported.about())
            case suffix:
                raise SheetTrouble("unknown_form", file=path.name, suffix=suffix)
    except OSError as error:
        raise SheetTrouble("unwritable", file=path.name, problem=error.strerror) from None
    return lists


def write_template(path: Path, city: str = "") -> None:
    """An empty workbook to be filled with rows that are added. Raises ``SheetTrouble``."""
    if path.suffix.lower() != ".xlsx":
        raise SheetTrouble("unknown_form", file=path.name, suffix=path.suffix)
    book = Book()
    for name in EDITED:
        book.add_list(name, COLUMNS[name], [])
    _explain(book, EDITED)
    about = [("what", "value"), ("city", city), ("mode", ADDITIONS)]
    book.add_notes(ABOUT, about, (16, 40))
    try:
        book.save(path)
    except OSError as error:
        raise SheetTrouble("unwritable", file=path.name, problem=error.strerror) from None


def _workbook(path: Path, exported: Exported, pack: Pack, lists: Sequence[ListName]) -> None:
    book = Book()
    for name in lists:
        columns = COLUMNS[name]
        book.add_list(name, columns, (written_row(row, columns) for row in values(pack, name)))
    _explain(book, lists)
    book.add_notes(ABOUT, exported.about(), (16, 40))
    book.save(path)


def _table(pack: Pack, name: ListName) -> Iterable[Sequence[str]]:
    columns = COLUMNS[name]
    yield [column.name for column in columns]
    for row in values(pack, name):
        yield written_row(row, columns)


def _one_list(path: Path, lists: Sequence[ListName]) -> tuple[ListName, ...]:
    """The list that goes into one CSV file: the one chosen, else the one that names the file."""
    if len(lists) == 1:
        return tuple(lists)
    named_so = tuple(name for name in lists if name == path.stem.casefold())
    if not named_so:
        raise SheetTrouble("which_list", file=path.name, lists=", ".join(lists))
    return named_so


# ------------------------------------------------------------ explanations


def _explain(book: Book, lists: Sequence[ListName]) -> None:
    heading = ("sheet", "column", "needed", *LANGUAGES, "values")
    lines = [
        (
            name.value,
            column.name,
            "*" if column.needed else "",
            *(_explained(name, column, lang) for lang in LANGUAGES),
            _values(column),
        )
        for name in lists
        for column in COLUMNS[name]
    ]
    book.add_notes(EXPLANATIONS, [heading, *lines], _WIDTHS)


def _explained(name: ListName, column: Column, lang: str) -> str:
    told = say(f"sheets.column.{name}.{column.name}", lang)
    form = say(f"sheets.form.{column.kind}", lang)
    many = say("sheets.form.many", lang) if column.many else ""
    return " ".join(part for part in (told, form, many) if part)


def _values(column: Column) -> str:
    if column.kind is not Kind.WORD or column.words is None:
        return ""
    langs = LANGUAGES if column.section else ()
    return "\n".join(
        " · ".join([word.value, *(named(column.section, word, lang) for lang in langs)])
        for word in column.words
    )
