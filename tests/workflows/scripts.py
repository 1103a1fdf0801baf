"""A random life written down beforehand, played on the real servers, and told again afterwards.

The pure engine improvises the script, since what is asked depends on how the ticket stands by then.
On the real servers the same things are asked, and the same time is let pass.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from random import Random
from typing import Any, NamedTuple

from juanchi.domain import machine
from juanchi.domain.actions import parse_action
from juanchi.domain.actor import ENGINE
from juanchi.domain.clocks import Plan
from juanchi.domain.clue import Received
from juanchi.domain.events import AnyEvent, Entry
from juanchi.domain.filing import Dispatched, Filed, Route, RouteResult
from juanchi.domain.messages import Action, Result, Step
from juanchi.domain.overlays import Recurrence
from juanchi.domain.recurrence import RecurrenceSeen
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.suggestions import TemplateFlagged
from juanchi.domain.ticket import Clue, Phase
from juanchi.domain.voices import AnswerVoices, AnswerVoicesResult, VoicesTold
from juanchi.intake.tools import Tools
from tests.domain.plots import PLOTS, plots
from tests.domain.sequences import Ask, anything
from tests.pure import PureEngine

WAITS = (timedelta(minutes=6), timedelta(hours=5), timedelta(days=2), timedelta(days=9))


class Sent(NamedTuple):
    """An action as it is sent: as an update, or told by a signal."""

    data: dict[str, Any]
    by_signal: bool

    @property
    def key(self) -> str:
        return f"{self.data['kind']}:{self.data['id']}"


Deed = Sent | timedelta


class Writer:
    """Improvises a script."""

    def __init__(self, tools: Tools, clue: Clue, now: datetime, seed: int) -> None:
        self._random = Random(seed)
        self._engine = PureEngine(tools, clue, now)
        self._engine.survivor_refuses = Code.NOT_FOUND
        self._began = now
        self._deeds: list[Deed] = []

    def write(self, length: int = 5, *, to_the_end: bool = False) -> list[Deed]:
        """So many turns, or fewer if the ticket's life is over before; then perhaps the rest."""
        choose = self._random.choice
        for _ in range(length):
            if self._engine.ticket.phase is Phase.ENDED:
                break
            match choose(("plot", "plot", "anybody", "machine", "again", "wait")):
                case "plot":
                    self._pursue(choose(plots()))
                case "anybody":
                    self._note(anything(choose))
                case "machine":
                    self._note(anything(choose), by_signal=True)
                case "again" if sent := [deed for deed in self._deeds if isinstance(deed, Sent)]:
                    self._send(choose(sent))
                case _:
                    self._note(choose(WAITS))
        if to_the_end:
            self._pursue("closes")
            self._note(timedelta(days=30))
        return self._deeds

    def _pursue(self, plot: str) -> None:
        for step in PLOTS[plot](self._random.choice):
            made = step if isinstance(step, timedelta) else step(self._engine.ticket)
            self._note(made, by_signal=self._random.random() < 0.2)

    def _note(self, made: Ask | timedelta | None, *, by_signal: bool = False) -> None:
        if self._engine.ticket.phase is Phase.ENDED:
            return
        if isinstance(made, timedelta):
            if made:
                self._deeds.append(made)
                self._engine.pass_time(made)
        elif made is not None:
            data = made.at(self._engine.now, len(self._deeds))
            # Sent from a machine whose clock is right: virtual time runs ahead of it.
            began = self._began.isoformat()
            data = {**data, "at": began}
            for proof in data.get("evidence", ()):
                proof["at"] = began
            self._send(Sent(data, by_signal))

    def _send(self, sent: Sent) -> None:
        if self._engine.ticket.phase is Phase.ENDED:
            return
        self._deeds.append(sent)
        self._engine.tell(parse_action(sent.data))


class Told(PureEngine):
    """The same life again on the pure core, at the times that a journal tells of.

    What depends on other tickets (the number, rulings and incidents in force, what recurs) is taken
    as it was told.
    """

    def __init__(self, tools: Tools, entries: Sequence[Entry]) -> None:
        self.told = [line.event for line in entries]
        received = self.told[0]
        assert isinstance(received, Received)
        super().__init__(tools, received.clue, received.at)
        self.survivor_refuses = Code.NOT_FOUND

    def does(self, deed: Deed, over: datetime | None) -> Code | None:
        """Live through a deed, and return the code of its refusal, if it was refused.

        ``over`` is when it was over; None: it was taken, and the journal tells when.
        """
        if isinstance(deed, Sent):
            happened = self.told[len(self.entries) :]
            taken = (e.at for e in happened if e.cause == deed.key)
            over = next((at for at in taken if over is None or at <= over), over)
        over = over or self.now
        self._rings_until(over)
        self.now = max(self.now, over)
        if isinstance(deed, timedelta):
            return None
        return self._sends(parse_action(deed.data), by_signal=deed.by_signal)

    def _sends(self, action: Action, *, by_signal: bool) -> Code | None:
        try:
            if self.ticket.phase is Phase.ENDED:
                raise Refused(Code.ENDED)
            if by_signal:
                self.tell(action)
            else:
                # An update is checked at the door, before the lists are asked about names.
                machine.decide(self.ticket, action, self.now)
                self.act(action)
        except Refused as refused:
            if action.key not in self.ticket.processed:
                return refused.code
        before = self.ticket.processed[action.key].refused
        return Code(before) if before else None

    def _rings_until(self, time: datetime) -> None:
        while ahead := self.told[len(self.entries) :]:
            if ahead[0].cause is not None or ahead[0].at > time:
                break
            before = len(self.entries)
            self.now = ahead[0].at
            self.ring()
            assert len(self.entries) > before, f"{ahead[0].kind} happened, and here nothing does"

    def _perform(self, step: Step) -> Result:
        ahead = self.told[len(self.entries) :]
        if not ahead:
            return super()._perform(step)
        self.now = ahead[0].at
        match step:
            case Route():
                return _routed(ahead)
            case Plan():
                planned = self.tools.planner.planned(self.ticket, step)
                flagged = [one.times for one in ahead[1:2] if isinstance(one, TemplateFlagged)]
                found = {
                    "recurs": tuple(_recurring(ahead[1:])),
                    "same_replies": flagged[0] if flagged else 0,
                }
                return planned.model_copy(update=found)
            case AnswerVoices():
                assert isinstance(ahead[0], VoicesTold)
                return AnswerVoicesResult(after=ahead[0].after, told=ahead[0].told)
        return super()._perform(step)


def _routed(ahead: Sequence[AnyEvent]) -> RouteResult:
    filed, after = ahead[0], ahead[1] if len(ahead) > 1 else None
    assert isinstance(filed, Filed)
    by_engine = after if isinstance(after, Dispatched) and after.by == ENGINE else None
    return RouteResult(
        number=filed.number,
        candidates=filed.candidates,
        sure=by_engine is not None,
        nature=filed.nature,
        urgency=filed.urgency,
        urgency_why=filed.urgency_why,
        incident=filed.incident,
        ruling=by_engine.ruling if by_engine else "",
        lists_version=by_engine.lists_version if by_engine else "",
        problem=filed.problem,
    )


def _recurring(ahead: Sequence[AnyEvent]) -> Iterator[Recurrence]:
    for event in takewhile(lambda event: isinstance(event, RecurrenceSeen), ahead):
        assert isinstance(event, RecurrenceSeen)
        yield Recurrence(ticket_id=event.of, closed_at=event.closed_at, strength=event.strength)
