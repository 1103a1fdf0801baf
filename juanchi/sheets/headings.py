"""The heading of a sheet: which column stands where, in the clerk's own order."""

import difflib
from collections.abc import Mapping

from juanchi.intake.workbooks.raw import RawSheet, plain
from juanchi.packs.problems import Findings, Sentence, quote
from juanchi.sheets.cells import narrow
from juanchi.sheets.columns import Column


def placed_columns(
    sheet: RawSheet, columns: tuple[Column, ...], findings: Findings
) -> Mapping[int, Column]:
    """The known columns by their places, from 0. What is missing or not known is noted."""
    line, cells = sheet.rows[0] if sheet.rows else (0, ())
    names = {column.name: column for column in columns}
    headings = [narrow(plain(cell)).casefold().replace(" ", "_") for cell in cells]
    found: dict[int, Column] = {}
    strange: list[str] = []
    for place, heading in enumerate(headings):
        if heading in names and heading not in headings[:place]:
            found[place] = names[heading]
        elif heading in names:
            findings.error(sheet.name, line, heading, Sentence("column_twice"))
        elif heading:
            strange.append(plain(cells[place]))
    absent = [name for name in names if name not in headings]
    for heading in strange:
        # A column with an odd name beside a missing one is a slip of the pen, not a comment.
        near = difflib.get_close_matches(narrow(heading).casefold(), absent, n=1, cutoff=0.75)
        if near:
            told = Sentence("column_misspelt", given=quote(heading), near=near[0])
            findings.error(sheet.name, line, heading, told)
        else:
            findings.warn(sheet.name, line, heading, Sentence("column_ignored"))
    for name in absent:
        if names[name].needed:
            findings.error(sheet.name, line, name, Sentence("column_missing"))
    beyond = {
        place
        for _, row in sheet.rows[1:]
        for place in range(len(row))
        if row[place] is not None and (place >= len(headings) or not headings[place])
    }
    if any(plain(row[place]) for _, row in sheet.rows[1:] for place in beyond if place < len(row)):
        findings.warn(sheet.name, line, "", Sentence("no_heading"))
    return found
