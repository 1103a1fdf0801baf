"""How a story is told: what each event means for who owes what. No state is folded."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from juanchi.domain.clocks import Planned
from juanchi.domain.closure import Closed, Rated, Reopened, SentBack
from juanchi.domain.clue import Located, Received
from juanchi.domain.ending import Ended
from juanchi.domain.extension import ExtensionGranted
from juanchi.domain.filing import Dispatched, Filed
from juanchi.domain.hold import HoldGranted
from juanchi.domain.merging import VoiceAdded
from juanchi.domain.messages import Event
from juanchi.domain.metrics.story import Asking, Closing, Return, Round, Spell, Story
from juanchi.domain.moving import MovedToList
from juanchi.domain.overlays import Strength
from juanchi.domain.overturning import Overturned
from juanchi.domain.rating_appeal import RatingAppealAnswered
from juanchi.domain.recurrence import RecurrenceSeen
from juanchi.domain.returns import ReturnAgreed, ReturnRefused, ReturnRequested
from juanchi.domain.ruling import RulingGiven
from juanchi.domain.suggestions import TOLD
from juanchi.domain.supervision import Replied, Signed
from juanchi.domain.terms import ClockName, Nature
from juanchi.domain.unmerging import Unmerged

Tell = TypeVar("Tell", bound=Callable[[Story, Any], None])

_TELLERS: dict[type[Event], Callable[[Story, Any], None]] = {}


def _tells(*kinds: type[Event]) -> Callable[[Tell], Tell]:
    def register(tell: Tell) -> Tell:
        _TELLERS.update(dict.fromkeys(kinds, tell))
        return tell

    return register


def kinds() -> frozenset[str]:
    """The kinds of events that a story is told from; no other matters to it."""
    told_from: tuple[type[Event], ...] = (Received, *_TELLERS)
    return frozenset(kind.model_fields["kind"].default for kind in told_from)


def told(
    events: Sequence[Event],
    until: datetime | None = None,
    recurred: Iterable[RecurrenceSeen] = (),
) -> Story:
    """The story of a life, which must begin with the clue's receipt.

    ``until`` is the moment of telling: a due time that has passed by then was missed; without it
    the last event's. ``recurred`` are what later tickets have seen of this one. Raises
    ``ValueError`` when the life does not begin with the receipt.
    """
    if not events or not isinstance(events[0], Received):
        raise ValueError("a life begins with its clue")
    story = Story(received=events[0], until=until or events[-1].at)
    for event in events:
        if tell := _TELLERS.get(type(event)):
            tell(story, event)
    for seen in recurred:
        _recurred(story, seen)
    return story


@_tells(Located)
def _located(story: Story, event: Located) -> None:
    story.district = event.district


@_tells(Filed)
def _filed(story: Story, event: Filed) -> None:
    story.number, story.filed = event.number, event.at


@_tells(Dispatched)
def _dispatched(story: Story, event: Dispatched) -> None:
    _over(story, event.at)
    suggestion = event.nature is Nature.SUGGESTION
    story.spells.append(
        Spell(unit=event.lead, item=event.item, began=event.at, suggestion=suggestion)
    )


@_tells(MovedToList)
def _moved(story: Story, event: MovedToList) -> None:
    story.spells[-1].moved = True


@_tells(Ended)
def _ended(story: Story, event: Ended) -> None:
    _over(story, event.at)
    story.ended = event.at


@_tells(Overturned, Unmerged)
def _goes_on(story: Story, event: Overturned | Unmerged) -> None:
    story.ended = None


def _over(story: Story, at: datetime) -> None:
    if story.spells:
        story.spells[-1].over = at
        story.spells[-1].rounds[-1].over = at


@_tells(Planned)
def _planned(story: Story, event: Planned) -> None:
    for deadline in event.deadlines:
        match deadline.clock:
            case ClockName.DISPATCH:
                story.dispatch_due = deadline.due
            case ClockName.SIGN:
                story.spells[-1].sign_due = deadline.due
            case ClockName.HANDLE:
                owed = story.spells[-1].rounds[-1]
                owed.due, owed.original = deadline.due, deadline.original_due
                # It is planned when a hold is over, unless the unit need not go on.
                owed.stopped = None
                story.first_due = story.first_due or deadline.due


@_tells(Signed)
def _signed(story: Story, event: Signed) -> None:
    story.spells[-1].signed = event.at


@_tells(Replied)
def _replied(story: Story, event: Replied) -> None:
    story.spells[-1].rounds[-1].reply = event


@_tells(ExtensionGranted)
def _extended(story: Story, event: ExtensionGranted) -> None:
    story.spells[-1].extended = True


@_tells(HoldGranted)
def _held(story: Story, event: HoldGranted) -> None:
    story.spells[-1].held = True
    story.spells[-1].rounds[-1].stopped = event.at


@_tells(ReturnRequested)
def _returned(story: Story, event: ReturnRequested) -> None:
    story.spells[-1].returned = True
    story.returns.append(Return(by=story.spells[-1], at=event.at))


@_tells(ReturnAgreed)
def _return_agreed(story: Story, event: ReturnAgreed) -> None:
    story.returns[-1].wrongful = False


@_tells(ReturnRefused)
def _return_refused(story: Story, event: ReturnRefused) -> None:
    story.returns[-1].wrongful = True


@_tells(RulingGiven)
def _ruled(story: Story, event: RulingGiven) -> None:
    """The ruling has the last word on every return there was, whatever the centre answered."""
    story.ruled = event.lead
    for one in story.returns:
        one.wrongful = one.by.unit == event.lead


@_tells(SentBack, Reopened)
def _again(story: Story, event: SentBack | Reopened) -> None:
    rounds = story.spells[-1].rounds
    # A voice that rates badly brings a closed ticket back to the checker, who may send it back.
    closed = rounds[-1].again is False
    rounds[-1].again = True
    rounds.append(Round())
    if closed or isinstance(event, Reopened):
        story.closings[-1].reopened = True
    if story.askings:
        story.askings[-1].open = False


@_tells(Rated)
def _rated(story: Story, event: Rated) -> None:
    story.spells[-1].rounds[-1].asked = True
    last = story.askings[-1] if story.askings else None
    if last is not None and last.open:
        last.overall, last.open = event.rating.overall, False
        return
    story.askings.append(Asking(story.spells[-1], event.at, event.rating.overall))


@_tells(RatingAppealAnswered)
def _appeal_answered(story: Story, event: RatingAppealAnswered) -> None:
    if event.upheld:
        story.askings[-1].overall = None


@_tells(Closed)
def _closed(story: Story, event: Closed) -> None:
    spell = story.spells[-1]
    last = spell.rounds[-1]
    if last.again is False:  # closed before, and a voice's bad rating was looked into
        return
    last.again = False
    story.closings.append(Closing(by=spell, at=event.at, outcome=event.outcome))
    # A rating that was overruled before the closing is told of already.
    if not event.rated and not last.asked and story.received.clue.reporter is not None:
        story.askings.append(Asking(spell, event.at, None, open=event.reason == TOLD))


@_tells(VoiceAdded, RecurrenceSeen)
def _repeated(story: Story, event: VoiceAdded | RecurrenceSeen) -> None:
    story.repeated = True


def _recurred(story: Story, seen: RecurrenceSeen) -> None:
    """A later ticket names the closing that it found; the stronger sign stays."""
    for closing in reversed(story.closings):
        if closing.at <= seen.closed_at:
            if closing.recurred is not Strength.STRONG:
                closing.recurred = seen.strength
            return
