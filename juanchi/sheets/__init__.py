"""The lists as a clerk has them: workbooks and CSV files, out and back in, checked whole."""

from juanchi.sheets.applying import Applied, apply
from juanchi.sheets.book import About, Book, open_book
from juanchi.sheets.exporting import Exported, on_day, write_lists, write_template
from juanchi.sheets.reading import Reading, read_lists
from juanchi.sheets.trouble import SheetErrors, SheetTrouble, placed

__all__ = [
    "About",
    "Applied",
    "Book",
    "Exported",
    "Reading",
    "SheetErrors",
    "SheetTrouble",
    "apply",
    "on_day",
    "open_book",
    "placed",
    "read_lists",
    "write_lists",
    "write_template",
]
