"""Labelled texts from a file: every row an example, or a problem with its line and column."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from juanchi.domain.examples import Example, gist
from juanchi.domain.lists import Pack
from juanchi.domain.models import ModelKind
from juanchi.domain.terms import ClueVerdict, Nature
from juanchi.intake.encodings import FileTrouble
from juanchi.intake.files import Problem, Row, Source
from juanchi.intake.matching import by_name, folded

LONGEST: Final = 20_000
LABELS: Final[Mapping[ModelKind, str]] = {
    ModelKind.ITEM: "item",
    ModelKind.NATURE: "nature",
    ModelKind.DISPATCH: "lead",
    ModelKind.SCREENING: "verdict",
}
"""The column that holds what is right, for each kind; ``label`` where it is one kind alone."""

LABEL: Final = "label"


class Labelled:
    """A file of labelled texts: columns ``text``, and what is right (``LABELS``, or ``label``).

    Optional: ``group`` (ties near-duplicates), ``region``, ``address``, ``channel``, ``at``. Items,
    units and regions may be given by code, name or alias. Raises ``FileTrouble``; also
    ``no_text_column``, ``no_label_column``, and ``label_of_what`` when ``label`` is there and no
    single kind was asked for.
    """

    def __init__(self, path: Path, pack: Pack, kind: ModelKind | None) -> None:
        self._source = Source(path)
        self._zone = ZoneInfo(pack.timezone)
        self._known = {
            "item": by_name(pack.items),
            "lead": by_name(pack.units),
            "region": by_name(pack.regions),
            "nature": {folded(nature): [nature.value] for nature in Nature},
            "verdict": {folded(verdict): [verdict.value] for verdict in ClueVerdict},
        }
        self._label = LABELS[kind] if kind else ""
        self._checked(path, kind)

    def _checked(self, path: Path, kind: ModelKind | None) -> None:
        # JSON lines have no header: each of their rows is looked at by itself.
        if not (columns := self._source.columns):
            return
        if "text" not in columns:
            raise FileTrouble(path, "no_text_column")
        if LABEL in columns and kind is None:
            raise FileTrouble(path, "label_of_what")
        wanted = [LABELS[kind], LABEL] if kind else list(LABELS.values())
        if not set(wanted) & set(columns):
            raise FileTrouble(path, "no_label_column", columns=", ".join(wanted))

    def rows(self) -> Iterator[Example | Problem]:
        """Every row in order: an example, or the first thing that is wrong with it."""
        for row in self._source.rows():
            yield row.problem or self._example(row)

    def _example(self, row: Row) -> Example | Problem:
        cells = {name: cell.strip() for name, cell in row.cells.items()}
        if self._label and not cells.get(self._label):
            cells[self._label] = cells.get(LABEL, "")
        text = cells.get("text", "")
        if not text:
            return Problem(row.line, "text", "", "no_text")
        if len(text) > LONGEST:
            return Problem(row.line, "text", text[:40], "text_too_long", {"most": LONGEST})
        found: dict[str, str | None] = {}
        for column, names in self._known.items():
            given = cells.get(column, "")
            codes = names.get(folded(given), []) if given else []
            if given and len(codes) != 1:
                return Problem(row.line, self._told(column, row), given, f"label_{column}")
            found[column] = codes[0] if codes else None
        try:
            at = datetime.fromisoformat(cells["at"]) if cells.get("at") else None
        except ValueError:
            return Problem(row.line, "at", cells["at"], "bad_time")
        return Example(
            text=text,
            at=at if at is None or at.tzinfo else at.replace(tzinfo=self._zone),
            channel=cells.get("channel", ""),
            item=found["item"],
            nature=Nature(found["nature"]) if found["nature"] else None,
            region=found["region"],
            address=cells.get("address", ""),
            lead=found["lead"],
            group=cells.get("group") or gist(text),
            verdict=ClueVerdict(found["verdict"]) if found["verdict"] else None,
        )

    def _told(self, column: str, row: Row) -> str:
        """The column where the value stands."""
        by_label = column == self._label and not row.cells.get(column, "").strip()
        return LABEL if by_label else column
