"""Time, told: due times as they are set and as they move, and what rings."""

from collections.abc import Iterator
from datetime import timedelta

from juanchi.domain.clocks import Planned, Rang
from juanchi.domain.deadlines import Deadline, clock_key
from juanchi.domain.replanning import ReplanAsked
from juanchi.domain.terms import ClockName
from juanchi.words.catalogue import say
from juanchi.words.spans import limit_words, span
from juanchi.words.telling.voice import Detail, Facts, Tells, Voice

tells = Tells()


@tells.beside(Planned)
def _due_times(event: Planned, voice: Voice) -> Iterator[Detail]:
    moved = {clock_key(one.clock, one.subject): one for one in event.moved}
    for deadline in event.deadlines:
        clock = voice.clock(deadline.clock, deadline.subject)
        due = voice.short(deadline.due)
        if (one := moved.get(deadline.key)) is not None:
            was, why = voice.short(one.was), voice.word("moved", one.why)
            told = say("timeline.moved", voice.lang, clock=clock, due=due, was=was, why=why)
        else:
            limit = _limit(deadline, voice)
            told = say("timeline.planned", voice.lang, clock=clock, due=due, limit=limit)
        yield "timeline.due", told
    yield "timeline.wanted", voice.wanted(event.evidence_wanted or ())


def _limit(deadline: Deadline, voice: Voice) -> str:
    # The review date of a hold is its due time itself.
    return "" if deadline.clock is ClockName.HOLD else limit_words(deadline.why.limit, voice.lang)


@tells.sentence(Rang)
def _rang(event: Rang, voice: Voice) -> Facts:
    watch = event.clock is ClockName.WATCH
    clock = voice.clock(event.clock, event.subject)
    return {
        "rung": voice.word("rung", event.rung),
        "clock": say("timeline.still_overdue", voice.lang) if watch else clock,
        "late": span(timedelta(seconds=event.late_s), voice.lang) if event.late_s else "",
        "missed": voice.words("rung", event.missed),
    }


@tells.sentence(ReplanAsked)
def _replan_asked(event: ReplanAsked, voice: Voice) -> Facts:
    return {"lists": event.lists_version}
