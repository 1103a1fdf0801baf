"""Models trained anew: examples from the ledger, training apart, the decision in the ledger."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.apart import apart
from juanchi.domain.models import Decision, Deed, ModelEntry, ModelKind
from juanchi.domain.retraining import Learnt, Lesson
from juanchi.intake.learning.course import (
    Course,
    Graded,
    is_enough,
    sized,
    split_newest,
    train,
)
from juanchi.ledger.city import City, CityReader
from juanchi.ledger.errors import NoCity
from juanchi.ledger.examples import taught, taught_screenings
from juanchi.ledger.models import Trained, decide, decided, in_force, model_bytes

log = structlog.get_logger(__name__)

BEAT_S: Final = 5.0
NOT_ENOUGH: Final = "not_enough"


class TrainingActivities:
    """Trains one kind of model. Begun again after any crash; decided once for each lesson's key."""

    def __init__(self, engine: AsyncEngine, city: CityReader) -> None:
        self._engine = engine
        self._city = city

    @activity.defn
    async def retrain(self, lesson: Lesson) -> Learnt:
        """Learn from all but the newest tickets, judge by those, promote only what is better.

        Raises ``Overtaken`` when another model was put in force meanwhile: tried again, it is
        judged beside that one.
        """
        if (known := await decided(self._engine, lesson.key)) is not None:
            return _learnt(known, Graded(0, 0, 0))
        async with _beating():
            course, rival = await self._course(lesson, await self._in_town())
            graded = sized(course)
            if is_enough(course, graded):
                graded = await apart(train, course)
            entry = await self._decide(lesson, graded, rival)
        return _learnt(entry, graded)

    async def _in_town(self) -> City:
        try:
            return await self._city.city()
        except NoCity as error:
            raise ApplicationError(str(error), type="NoCity", non_retryable=True) from error

    async def _course(self, lesson: Lesson, city: City) -> tuple[Course, int | None]:
        """What is to be learned, and the model in force that it is judged beside."""
        now = datetime.now(UTC)
        screens = lesson.kind is ModelKind.SCREENING
        found = await (taught_screenings if screens else taught)(self._engine)
        if found.damaged:
            log.warning("journals left out of training", tickets=found.damaged[:10])
        split = await asyncio.to_thread(split_newest, found.settled, lesson.newest, lesson.kind)
        rival = (await in_force(self._engine)).get(lesson.kind)
        course = Course(
            kind=lesson.kind,
            split=split,
            pack=city.pack,
            version=city.version,
            on=now.astimezone(ZoneInfo(city.pack.timezone)).date(),
            enough=lesson.enough,
            trained_on=f"ledger without its newest {lesson.newest.days} days, {now:%Y-%m-%d}",
            rival=None if rival is None else await model_bytes(self._engine, rival),
        )
        return course, rival

    async def _decide(self, lesson: Lesson, graded: Graded, rival: int | None) -> ModelEntry:
        if graded.data is None or graded.card is None or graded.judgement is None:
            decision = Decision(
                kind=lesson.kind,
                deed=Deed.NOT_ENOUGH,
                by=lesson.by,
                why=NOT_ENOUGH,
                rival=rival,
                key=lesson.key,
            )
            return await decide(self._engine, decision, None)
        better = graded.judgement.promote
        decision = Decision(
            kind=lesson.kind,
            deed=Deed.PROMOTED if better else Deed.REJECTED,
            by=lesson.by,
            why=graded.judgement.why,
            card=graded.judged,
            rival=rival,
            rival_card=graded.rival,
            key=lesson.key,
        )
        return await decide(self._engine, decision, Trained(graded.data, graded.card))


def _learnt(entry: ModelEntry, graded: Graded) -> Learnt:
    decision = entry.decision
    return Learnt(
        kind=decision.kind,
        deed=decision.deed,
        model=decision.model,
        why=decision.why,
        examples=graded.examples,
        held_out=graded.held_out,
    )


@asynccontextmanager
async def _beating() -> AsyncIterator[None]:
    """Say every few seconds that it goes on, also while the ledger is read."""

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(BEAT_S)

    beats = asyncio.create_task(beat())
    try:
        yield
    finally:
        beats.cancel()
        with suppress(asyncio.CancelledError):
            await beats
