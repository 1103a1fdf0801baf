"""``train``: models from the ledger or a file, at once or every night."""

import asyncio
from datetime import datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, NamedTuple
from zoneinfo import ZoneInfo

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.cli.cards import Judged, judged_view, kind_named, mo, why_told
from juanchi.cli.display import err, lang, line, out
from juanchi.cli.measuring import period_asked
from juanchi.cli.session import fail, open_ledger, run, teller
from juanchi.domain.examples import Example, Settled
from juanchi.domain.lists import Pack
from juanchi.domain.models import Decision, Deed, ModelKind
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.retraining import Enough, Retrain
from juanchi.intake.encodings import FileTrouble
from juanchi.intake.files import Problem
from juanchi.intake.learning.course import (
    Course,
    Graded,
    Split,
    split_groups,
    split_newest,
)
from juanchi.intake.learning.course import train as trained_by
from juanchi.intake.learning.labelled import Labelled
from juanchi.ledger.city import current_pack
from juanchi.ledger.examples import Span, Taught, taught, taught_screenings
from juanchi.ledger.models import Trained, decide, in_force, keep, model_bytes
from juanchi.nightly import end_nightly, set_nightly
from juanchi.runtime.settings import Settings
from juanchi.runtime.temporal import connect
from juanchi.words import say
from juanchi.words.catalogue import knows

BY: Final = "starter.py train"
OFF: Final = "off"
MOST_TOLD: Final = 20


class Kinds(StrEnum):
    """What may be asked for: one kind of model, or all."""

    ITEM = "item"
    NATURE = "nature"
    DISPATCH = "dispatch"
    SCREENING = "screening"
    ALL = "all"

    @property
    def kinds(self) -> tuple[ModelKind, ...]:
        """The kinds that are meant."""
        return tuple(ModelKind) if self is Kinds.ALL else (ModelKind(self.value),)

    @property
    def screens(self) -> bool:
        """Whether screening is among them, which learns from other tickets."""
        return ModelKind.SCREENING in self.kinds


class _Source(NamedTuple):
    """Where examples come from: a file's, or what the ledger's tickets teach."""

    file: list[Example] | None
    ledger: list[Settled]
    screenings: list[Settled]
    told: str

    def split(self, kind: ModelKind, newest: timedelta) -> Split:
        if self.file is not None:
            return split_groups(self.file, kind)
        found = self.screenings if kind is ModelKind.SCREENING else self.ledger
        return split_newest(found, newest, kind)


def train(
    *,
    kind: Annotated[Kinds, typer.Option(help=mo("help.kind"))] = Kinds.ALL,
    file: Annotated[Path | None, typer.Option(help=mo("help.file"))] = None,
    period: Annotated[str | None, typer.Option(help=mo("help.period"))] = None,
    least: Annotated[int, typer.Option(min=2, help=mo("help.least"))] = Enough().learn,
    newest: Annotated[int, typer.Option(min=1, help=mo("help.newest"))] = 7,
    promote: Annotated[bool, typer.Option("--promote", help=mo("help.promote_better"))] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=mo("help.dry_run"))] = False,
    nightly: Annotated[str | None, typer.Option(help=mo("help.nightly"))] = None,
) -> None:
    enough = Enough(learn=least, held_out=max(least // 10, 1))
    days = timedelta(days=newest)

    async def work(settings: Settings) -> None:
        if nightly is not None:
            asked = Retrain(kinds=kind.kinds, newest=days, enough=enough)
            await _set_nightly(settings, nightly, asked)
            return
        async with open_ledger(settings) as engine:
            pack, version = await current_pack(engine)
            source = await _source(engine, pack, kind, file, period)
            for one in kind.kinds:
                rival = (await in_force(engine)).get(one)
                course = Course(
                    kind=one,
                    split=source.split(one, days),
                    pack=pack,
                    version=version,
                    on=datetime.now(ZoneInfo(pack.timezone)).date(),
                    enough=enough,
                    trained_on=source.told,
                    rival=None if rival is None else await model_bytes(engine, rival),
                )
                with err().status(mo("training", kind=kind_named(one))):
                    graded = await asyncio.to_thread(trained_by, course)
                await _keep(engine, course, graded, rival, promote=promote, dry_run=dry_run)

    run(work)


async def _source(
    engine: AsyncEngine, pack: Pack, kind: Kinds, file: Path | None, period: str | None
) -> _Source:
    if file is not None:
        if period is not None:
            raise Refused(Code.BAD_INPUT, where="--period", problem=mo("file_or_period"))
        examples = _examples(file, pack, None if kind is Kinds.ALL else kind.kinds[0])
        return _Source(examples, [], [], f"file {file.name}"[:200])
    span, told = None, "ledger"
    if period is not None:
        meant = period_asked(period, teller(pack))
        span, told = Span(meant.start, meant.end), f"ledger {meant.first}..{meant.last}"
    with err().status(mo("reading")):
        screenings = await taught_screenings(engine, span) if kind.screens else Taught([], [])
        found = await taught(engine, span) if kind is not Kinds.SCREENING else Taught([], [])
    if damaged := [*dict.fromkeys([*found.damaged, *screenings.damaged])]:
        line(mo("damaged", n=len(damaged), tickets=", ".join(damaged[:5])), "yellow")
    return _Source(None, found.settled, screenings.settled, told)


def _examples(file: Path, pack: Pack, kind: ModelKind | None) -> list[Example]:
    """The examples of a file; ends with its problems when it has any: all or nothing."""
    examples: list[Example] = []
    problems: list[Problem] = []
    try:
        for row in Labelled(file, pack, kind).rows():
            if isinstance(row, Problem):
                problems.append(row)
            else:
                examples.append(row)
    except FileTrouble as trouble:
        fail(_file_told(trouble))
    for problem in problems[:MOST_TOLD]:
        line(_row_told(file, problem), "red")
    if problems:
        fail(mo("bad_rows", n=len(problems), file=file))
    return examples


def _file_told(trouble: FileTrouble) -> str:
    own = f"models.file.{trouble.code}"
    key = own if knows(own) else f"import.file.{trouble.code}"
    return say(key, lang(), **trouble.facts)


def _row_told(file: Path, problem: Problem) -> str:
    own = f"models.row.{problem.code}"
    key = own if knows(own) else f"import.row.{problem.code}"
    told = say(key, lang(), given=problem.value, **problem.facts)
    return mo("row_problem", file=file, line=problem.line, column=problem.column, told=told)


async def _keep(
    engine: AsyncEngine,
    course: Course,
    graded: Graded,
    rival: int | None,
    *,
    promote: bool,
    dry_run: bool,
) -> None:
    """Say how it did, and keep it unless this is a dry run; in force only if asked and better."""
    kind = course.kind
    judgement = graded.judgement
    if graded.data is None or graded.card is None or judgement is None:
        told = mo(
            "not_enough",
            kind=kind_named(kind),
            learn=graded.examples,
            held_out=graded.held_out,
            classes=graded.classes,
            least=course.enough.learn,
            least_held_out=course.enough.held_out,
        )
        line(told, "yellow")
        return
    out().print(judged_view(Judged(graded.card, graded.judged, graded.rival, rival)))
    line(why_told(judgement.why), "green" if judgement.promote else "yellow")
    if dry_run:
        line(mo("dry_run"), "dim")
        return
    trained = Trained(graded.data, graded.card)
    if not promote:
        kept = await keep(engine, trained, BY)
        line(mo("kept", id=kept.id), "green")
        return
    decision = Decision(
        kind=kind,
        deed=Deed.PROMOTED if judgement.promote else Deed.REJECTED,
        by=BY,
        why=judgement.why,
        card=graded.judged,
        rival=rival,
        rival_card=graded.rival,
    )
    entry = await decide(engine, decision, trained)
    told = "promoted" if judgement.promote else "rejected"
    line(mo(told, id=entry.decision.model), "bold green" if judgement.promote else "yellow")


async def _set_nightly(settings: Settings, text: str, asked: Retrain) -> None:
    queue = settings.queue("learn")
    if text.strip().lower() == OFF:
        ended = await end_nightly(await connect(settings), queue)
        line(mo("nightly_ended" if ended else "nightly_none"), "green")
        return
    try:
        at = time.fromisoformat(text.strip())
    except ValueError:
        raise Refused(Code.BAD_INPUT, where="--nightly", problem=mo("bad_nightly")) from None
    async with open_ledger(settings) as engine:
        pack, _ = await current_pack(engine)
    new = await set_nightly(await connect(settings), queue, at, pack.timezone, asked)
    told = mo("nightly_set" if new else "nightly_moved", at=f"{at:%H:%M}", zone=pack.timezone)
    line(told, "green")
