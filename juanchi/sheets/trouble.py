"""Files that cannot be read at all, and batches with something to put right."""

from collections.abc import Sequence

from juanchi.packs.problems import Problem
from juanchi.words import say
from juanchi.words.catalogue import ENGLISH


class SheetTrouble(Exception):
    """A file that is no workbook of lists. ``code`` is stable; ``facts`` fill its sentence."""

    def __init__(self, code: str, **facts: object) -> None:
        self.code = code
        self.facts = {name: str(fact) for name, fact in facts.items()}
        super().__init__(self.in_language(ENGLISH))

    def in_language(self, lang: str) -> str:
        """What is wrong with the file and what to do."""
        return say(f"sheets.trouble.{self.code}", lang, **self.facts)


class SheetErrors(Exception):
    """A batch that cannot be taken, with all that is wrong with it; nothing has changed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, problems)))


def placed(problem: Problem, lang: str) -> str:
    """A problem as a clerk finds it: sheet, row and column, then the sentence."""
    sentence = problem.in_language(lang)
    where = say(
        "sheets.place", lang, sheet=problem.file, row=problem.line or "", column=problem.column
    )
    kind = "sheets.warning" if problem.warning else "sheets.error"
    return say(kind, lang, where=where, sentence=sentence)
