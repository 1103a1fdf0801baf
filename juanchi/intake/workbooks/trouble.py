"""Workbooks that cannot be read at all."""


class WorkbookTrouble(Exception):
    """A file that is no workbook to read. ``code`` is stable; ``facts`` fill its sentence."""

    def __init__(self, code: str, **facts: object) -> None:
        self.code = code
        self.facts = {name: str(fact) for name, fact in facts.items()}
        super().__init__(f"{code} {self.facts or ''}".strip())
