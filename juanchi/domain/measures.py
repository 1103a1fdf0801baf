"""The metrics of the city: what each counts, of what, and in which period it falls.

A *measure* is one thing counted: it is in the denominator of its metric, and if ``counted`` in the
numerator. It belongs to the period in which the thing happened (``at``); what became of it later
is looked up in the whole journal, so that nobody improves a month by being slow. Something that
must be done by a due time happens when it is done or when the due time passes, whichever comes
first; until then it is in no denominator. Silence is never praise: a reporter who was asked and did
not rate counts as not rated, and as nothing else.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum

from juanchi.domain.base import Moment, Value
from juanchi.domain.events import Entry
from juanchi.domain.metrics.story import Round, Spell, Story, passed
from juanchi.domain.metrics.telling import told
from juanchi.domain.overlays import Strength
from juanchi.domain.recurrence import RecurrenceSeen
from juanchi.domain.suggestions import FOR_SUGGESTIONS
from juanchi.domain.terms import Outcome

SATISFIED_FROM = 4
"""The overall rating from which on a reporter is satisfied; 3 is neither, and not satisfied."""


class Metric(StrEnum):
    """The metrics of rules 7. Each one's words are in the catalogues (``metric``)."""

    CONVERSION = "conversion"
    RIGHT_FIRST_TIME = "right_first_time"
    IN_TIME_DISPATCH = "in_time_dispatch"
    IN_TIME_SIGNING = "in_time_signing"
    ON_TIME = "on_time"
    ON_TIME_ORIGINAL = "on_time_original"
    RESPONSE = "response"
    RESPONSE_IN_TIME = "response_in_time"
    OVERDUE = "overdue"
    SOLVED = "solved"
    SATISFIED = "satisfied"
    SUGGESTED = "suggested"
    ADOPTED = "adopted"
    RATED = "rated"
    NOT_RATED = "not_rated"
    REWORK = "rework"
    RETURN = "return"
    WRONGFUL_RETURN = "wrongful_return"
    EXTENSION = "extension"
    HOLD = "hold"
    REPEAT = "repeat"
    FALSE_CLOSURE = "false_closure"
    FALSE_CLOSURE_WEAK = "false_closure_weak"


class Measure(Value):
    """One thing counted. ``unit`` led the ticket at that moment; None where no unit answers for it.

    ``counted``: whether it is in the numerator too.
    """

    metric: Metric
    ticket_id: str
    number: str | None
    unit: str | None
    district: str | None
    item: str | None
    channel: str
    at: Moment
    counted: bool


def measure(
    life: Sequence[Entry],
    until: datetime | None = None,
    recurred: Iterable[RecurrenceSeen] = (),
) -> list[Measure]:
    """All that a ticket's journal gives to the metrics, in no particular order.

    ``until`` is now: due times that have passed by then are missed (without it: by the last
    entry). ``recurred`` are the ``recurrence_seen`` of later tickets that name this one. Raises
    ``ValueError`` when the journal does not begin with the clue's receipt.
    """
    story = told([entry.event for entry in life], until, recurred)
    found = [
        *_of_clue(story),
        *_of_dispatch(story),
        *_of_spells(story),
        *_of_rounds(story),
        *_of_response(story),
        *_of_returns(story),
        *_of_closings(story),
        *_of_askings(story),
    ]
    return [_measure(story, *one) for one in found]


_Found = tuple[Metric, datetime, bool, Spell | None]


def _measure(
    story: Story, metric: Metric, at: datetime, counted: bool, spell: Spell | None
) -> Measure:
    clue = story.received.clue
    return Measure(
        metric=metric,
        ticket_id=story.received.ticket_id,
        number=story.number,
        unit=spell.unit if spell else None,
        district=story.district,
        item=spell.item if spell else None,
        channel=clue.channel,
        at=at,
        counted=counted,
    )


def _kept(
    due: datetime | None, done: datetime | None, until: datetime
) -> tuple[datetime, bool] | None:
    """When it was decided whether a due time is kept, and whether; None: it still may be."""
    if done is not None:
        # What never had a due time was done at once.
        return (done, True) if due is None or done <= due else (due, False)
    return (due, False) if due is not None and passed(due, until) else None


def _of_clue(story: Story) -> Iterator[_Found]:
    """Conversion: each clue received, once it was filed or had ended. Counted: filed.

    It belongs to the moment it was received, and to no unit.
    """
    if story.filed or story.ended:
        yield Metric.CONVERSION, story.received.at, story.filed is not None, None


def _of_dispatch(story: Story) -> Iterator[_Found]:
    """What the first dispatch decides.

    In-time dispatch: each ticket filed, decided by its first ``dispatched`` or the dispatch clock;
    the centre's, not a unit's. Right first time: each ticket dispatched, at its first dispatch,
    for its first lead; counted when it went to another unit only because the lists had changed,
    if at all, and the last ruling, if any, names the same unit. Repeat: the same tickets; counted
    with a ``recurrence_seen`` or ``voice_added``. Suggested: the same; counted: suggestions.
    """
    first = story.spells[0] if story.spells else None
    if story.filed is not None:
        done = first.began if first else None
        if kept := _kept(story.dispatch_due, done, story.ended or story.until):
            yield Metric.IN_TIME_DISPATCH, *kept, None
    if first is None:
        return
    stayed = all(spell.moved for spell in story.spells[:-1])
    right = stayed and story.ruled in (None, first.unit)
    yield Metric.RIGHT_FIRST_TIME, first.began, right, first
    yield Metric.REPEAT, first.began, story.repeated, first
    yield Metric.SUGGESTED, first.began, first.suggestion, first


def _of_spells(story: Story) -> Iterator[_Found]:
    """What each dispatch to a lead decides, the first and those after it.

    In-time signing: decided by ``signed`` or the signing clock; one that another unit's dispatch
    or the ticket's end took away before is not counted at all. Return, extension, hold, overdue:
    at the dispatch; counted when that unit then asked to return it (``return_requested``), got
    more time (``extension_granted``), put it on hold (``hold_granted``), or let a due time that
    ran pass without a reply.
    """
    for spell in story.spells:
        if kept := _kept(spell.sign_due, spell.signed, spell.over or story.until):
            yield Metric.IN_TIME_SIGNING, *kept, spell
        late = any(one.late(story.until) for one in spell.rounds)
        yield Metric.RETURN, spell.began, spell.returned, spell
        yield Metric.EXTENSION, spell.began, spell.extended, spell
        yield Metric.HOLD, spell.began, spell.held, spell
        yield Metric.OVERDUE, spell.began, late, spell


def _of_rounds(story: Story) -> Iterator[_Found]:
    """What each reply owed decides: the first of each lead, and one for each rework.

    On time: decided by ``replied`` or by the due time that ran, with its extensions and holds. On
    time (original): the same against that round's original due time, which nothing moves. Rework:
    each reply, once it was closed upon or sent back; counted when it was sent back or reopened.
    """
    for spell in story.spells:
        for one in spell.rounds:
            if kept := _running(one, story.until):
                yield Metric.ON_TIME, *kept, spell
            done = one.reply.at if one.reply else None
            if kept := _kept(one.original, done, one.over or story.until):
                yield Metric.ON_TIME_ORIGINAL, *kept, spell
            if one.reply is not None and one.again is not None:
                yield Metric.REWORK, one.reply.at, one.again, spell


def _running(one: Round, until: datetime) -> tuple[datetime, bool] | None:
    late = one.late(until)
    if late and one.due is not None:
        return one.due, False
    return (one.reply.at, not late) if one.reply is not None else None


def _of_response(story: Story) -> Iterator[_Found]:
    """Response: each ticket that was replied to or whose very first due time passed.

    Counted: a reply was given at all. In time: it came by that first due time, which no extension,
    hold or other unit moves: it is what the reporter was promised. For the lead of that moment.
    """
    reply = next((one.reply for one in story.rounds if one.reply), None)
    done = reply.at if reply else None
    if kept := _kept(story.first_due, done, story.ended or story.until):
        at, in_time = kept
        yield Metric.RESPONSE, at, reply is not None, story.led(at)
        yield Metric.RESPONSE_IN_TIME, at, in_time, story.led(at)


def _of_returns(story: Story) -> Iterator[_Found]:
    """Wrongful return: each ``return_requested`` that was decided, at its moment.

    Counted when it was refused, unless a ruling then named another unit; and when a ruling named
    the unit that had asked, even if the centre had agreed. The last ruling decides. One that
    lapsed, or still waits, is not counted at all.
    """
    for one in story.returns:
        if one.wrongful is not None:
            yield Metric.WRONGFUL_RETURN, one.at, one.wrongful, one.by


def _of_closings(story: Story) -> Iterator[_Found]:
    """What each ``closed`` decides, at that moment.

    Solved: of all but suggestions, which are adopted or not; counted with the outcome "solved",
    unless the ticket was reopened after it. Adopted: of suggestions alone; counted when adopted,
    wholly or in part, and not reopened. False closure: counted when a later ticket's
    ``recurrence_seen`` names this closing strongly; weak: when only weakly.
    """
    for closing in story.closings:
        if closing.outcome not in FOR_SUGGESTIONS:
            solved = closing.outcome is Outcome.SOLVED and not closing.reopened
            yield Metric.SOLVED, closing.at, solved, closing.by
        else:
            taken = closing.outcome in (Outcome.ADOPTED, Outcome.PARTLY_ADOPTED)
            yield Metric.ADOPTED, closing.at, taken and not closing.reopened, closing.by
        strength = closing.recurred
        yield Metric.FALSE_CLOSURE, closing.at, strength is Strength.STRONG, closing.by
        yield Metric.FALSE_CLOSURE_WEAK, closing.at, strength is Strength.WEAK, closing.by


def _of_askings(story: Story) -> Iterator[_Found]:
    """What each time that the reporter was asked decides: by ``rated``, or by a ``closed`` to
    which no rating came (not reached, or declined).

    A rating whose appeal was upheld counts as not rated. Satisfied: of the ratings alone. A matter
    without a reporter, and one that was taken back before its callback, asks nobody.
    """
    for asking in story.askings:
        rated = asking.overall is not None
        yield Metric.RATED, asking.at, rated, asking.by
        yield Metric.NOT_RATED, asking.at, not rated, asking.by
        if asking.overall is not None:
            yield Metric.SATISFIED, asking.at, asking.overall >= SATISFIED_FROM, asking.by
