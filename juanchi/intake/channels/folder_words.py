"""What is said of dropped files: to who dropped one, beside it, and to who looks after the channel.

The one module of intake that knows words: nobody else stands between a folder and its people.
"""

from juanchi.intake.channels import plain
from juanchi.intake.channels.folder_rows import Refusal
from juanchi.intake.files import Problem
from juanchi.words import LANGUAGES, say
from juanchi.words.catalogue import ENGLISH, knows


def why_refused(refusal: Refusal) -> str:
    """Why a file was not read and what to do, in every language."""
    return "".join(f"{_refused(refusal, lang)}\n" for lang in LANGUAGES)


def refused_line(refusal: Refusal) -> str:
    """Why a file was not read, as a channel's problems are written."""
    return plain.line(_refused(refusal, ENGLISH))


def row_line(file: str, problem: Problem) -> str:
    """What is wrong with a row, and where it stands."""
    own = f"folder.row.{problem.code}"
    key = own if knows(own) else f"import.row.{problem.code}"
    column = f", column {problem.column}" if problem.column else ""
    told = say(key, ENGLISH, **problem.facts)
    return plain.line(f"{file}, row {problem.line}{column}: {told}")


def _refused(refusal: Refusal, lang: str) -> str:
    return say(f"folder.refused.{refusal.code}", lang, **refusal.facts)
