"""What a simulated person does with a task of their inbox, as its ticket's script says. Pure."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from juanchi.demo.pace import Pace
from juanchi.demo.sample import REPEATS, Sample, SampleClue, Script
from juanchi.demo.stories import Story
from juanchi.domain.actor import Actor
from juanchi.domain.assisting import Arrive, AssistReply
from juanchi.domain.ball import TaskKind
from juanchi.domain.closure import Call, CallResult, Rate, Recheck, Review
from juanchi.domain.clue import Triage
from juanchi.domain.ending import Withdraw
from juanchi.domain.filing import Dispatch
from juanchi.domain.likely import NotSame
from juanchi.domain.lines import InboxLine
from juanchi.domain.merging import Merge
from juanchi.domain.messages import Action
from juanchi.domain.place import Evidence
from juanchi.domain.supervision import Press, Progress, Reply, Sign
from juanchi.domain.terms import ClueVerdict, EvidenceKind, Nature, Outcome, Role, SiteVerdict
from juanchi.domain.ticket import Rating, Ticket
from juanchi.domain.verification import Verify
from juanchi.words import say

_OUTCOMES: Final = {
    Script.BLOCKED: Outcome.BLOCKED,
    Script.SUGGESTION_ADOPTED: Outcome.ADOPTED,
    Script.SUGGESTION_NOT_ADOPTED: Outcome.NOT_ADOPTED,
}
_VERDICTS: Final = {
    Script.UNFOUNDED: SiteVerdict.UNFOUNDED,
    Script.ALREADY_HANDLED: SiteVerdict.ALREADY_HANDLED,
}
_TALKED_WITH: Final = (Nature.ENQUIRY, Nature.SUGGESTION, Nature.THANKS)
_BY_THEMSELVES: Final = ("app", "mailbox")
"""Channels whose reporters rate on their own screens; others are called."""

CALLS: Final = 3


class Cast:
    """Everybody in the play. Action ids come from the ticket's own state alone: whoever is
    restarted asks for the same again, which does nothing twice.
    """

    def __init__(
        self,
        sample: Sample,
        stories: Iterable[Story],
        pace: Pace,
        *,
        centre: str,
        roles: Mapping[str, str],
        lang: str,
    ) -> None:
        self.sample = sample
        self.pace = pace
        self.lang = lang
        self._centre = centre
        self._roles = roles
        self._story = {ticket: story for story in stories for ticket in story.tickets}

    def story(self, ticket_id: str) -> Story | None:
        """The story that a ticket is part of."""
        return self._story.get(ticket_id)

    def unhurried(self, ticket_id: str) -> bool:
        """Whether others will find that it is being handled already: its repair takes long."""
        return self.sample.voices(ticket_id) > 0

    def withdraws(self, ticket: Ticket) -> Action:
        """The reporter takes the matter back."""
        actor = Actor(role=Role.REPORTER)
        return Withdraw(
            id="withdraw", actor=actor, at=_now(), reason=self._words("withdraw", ticket.id)
        )

    def deeds(self, task: InboxLine, ticket: Ticket, *, pressed: bool) -> list[Action]:
        """What is done now, one after the other; nothing when the script says to wait.

        ``pressed``: whether the holder was told that a supervisor presses.
        """
        clue = self.sample.by_ticket[ticket.id]
        match task.kind:
            case TaskKind.TRIAGE | TaskKind.DISPATCH:
                return [self._decided(task, ticket, clue)]
            case TaskKind.VERIFY | TaskKind.RECHECK:
                return self._on_site(task, ticket, clue)
            case TaskKind.SIGN | TaskKind.ASSIST | TaskKind.GO_ON_SITE | TaskKind.REPLY:
                return self._in_unit(task, ticket, clue, pressed=pressed)
            case TaskKind.JUDGE_SAMENESS:
                return self._judged(task, ticket, clue)
            case TaskKind.PRESS:
                wanted = self._words("press", ticket.id)
                # A watch that rings again is another reason to press.
                id_ = f"press-{task.since:%H%M%S.%f}"
                return [Press(id=id_, actor=self._actor(task), at=_now(), requirement=wanted)]
        return self._checked(task, ticket, clue)

    def _actor(self, task: InboxLine) -> Actor:
        at_desk = task.holder == task.role
        return Actor(role=Role(task.role), unit=self._centre if at_desk else task.holder)

    def _words(self, what: str, ticket_id: str, role: str = "") -> str:
        story = self.story(ticket_id)
        for own in (f"{what}_{role}", what) if story else ():
            if words := story.words(own, self.lang) if story else "":
                return words
        return say(f"demo.said.{what}", self.lang)

    def _decided(self, task: InboxLine, ticket: Ticket, clue: SampleClue) -> Action:
        actor, id_ = self._actor(task), f"{task.kind}-{task.since:%H%M%S.%f}"
        reason = self._words(task.kind, ticket.id)
        if task.kind == TaskKind.TRIAGE:
            verdict = ClueVerdict.ACTIONABLE
            return Triage(id=id_, actor=actor, at=_now(), verdict=verdict, reason=reason)
        if clue.dispatch is not None:
            item, lead, others = clue.dispatch.item, clue.dispatch.lead, clue.dispatch.assisting
        elif ticket.candidates:
            best = ticket.candidates[0]
            item, lead, others = best.item, best.lead, best.assisting
        else:
            raise ValueError(f"{ticket.id} is stuck ({ticket.stuck}) and the sample has no advice")
        return Dispatch(
            id=id_, actor=actor, at=_now(), item=item, lead=lead, assisting=others, reason=reason
        )

    def _judged(self, task: InboxLine, ticket: Ticket, clue: SampleClue) -> list[Action]:
        """A dispatcher merges only what the script says is the same, and that is proposed."""
        proposed = ticket.proposed.tickets if ticket.proposed else ()
        actor, id_ = self._actor(task), f"{task.kind}-{task.since:%H%M%S.%f}"
        if clue.plot in REPEATS and (into := self.sample.survivor(clue)) in proposed:
            reason = self._words("same", ticket.id)
            return [Merge(id=id_, actor=actor, at=_now(), into=into, reason=reason)]
        reason = self._words("not_same", ticket.id)
        return [NotSame(id=id_, actor=actor, at=_now(), reason=reason)]

    def _on_site(self, task: InboxLine, ticket: Ticket, clue: SampleClue) -> list[Action]:
        actor, id_ = self._actor(task), f"{task.kind}-{ticket.reworks}"
        if task.kind == TaskKind.RECHECK:
            if self._voices_to_come(ticket):
                return []
            proof = _evidence(ticket, EvidenceKind.SITE_AFTER)
            note = self._words("recheck", ticket.id)
            return [Recheck(id=id_, actor=actor, at=_now(), fixed=True, evidence=proof, note=note)]
        verdict = _VERDICTS.get(clue.plot, SiteVerdict.CONFIRMED)
        into = self.sample.survivor(clue) if clue.plot is Script.ALREADY_HANDLED else None
        return [
            Verify(
                id=id_,
                actor=actor,
                at=_now(),
                verdict=verdict,
                note=self._words(f"verify_{verdict}", ticket.id),
                evidence=_evidence(ticket, EvidenceKind.SITE_BEFORE),
                into=into,
            )
        ]

    def _voices_to_come(self, ticket: Ticket) -> bool:
        return ticket.heard < self.sample.voices(ticket.id)

    def _in_unit(
        self, task: InboxLine, ticket: Ticket, clue: SampleClue, *, pressed: bool
    ) -> list[Action]:
        actor, role = self._actor(task), self._roles.get(task.holder, "")
        if task.kind == TaskKind.ASSIST:
            note = self._words("progress", ticket.id, role)
            return [AssistReply(id=f"assist-{task.holder}", actor=actor, at=_now(), note=note)]
        if task.kind == TaskKind.GO_ON_SITE:
            return [Arrive(id="on-site", actor=actor, at=_now())]
        if clue.plot is Script.NEVER_SIGNS and not pressed:
            return []
        if task.kind == TaskKind.SIGN:
            sign = Sign(id="sign", actor=actor, at=_now())
            return [sign, *self._progress(actor, ticket, role)]
        return [] if clue.plot is Script.WITHDRAWN else [self._reply(actor, ticket, clue)]

    def _progress(self, actor: Actor, ticket: Ticket, role: str) -> list[Action]:
        story = self.story(ticket.id)
        note = story.words(f"progress_{role}", self.lang) if story else ""
        if not note:
            return []
        return [Progress(id="progress-lead", actor=actor, at=_now(), note=note)]

    def _reply(self, actor: Actor, ticket: Ticket, clue: SampleClue) -> Action:
        outcome = _OUTCOMES.get(clue.plot)
        if outcome is None:
            suggestion = ticket.nature is Nature.SUGGESTION
            outcome = Outcome.ADOPTED if suggestion else Outcome.SOLVED
        return Reply(
            id=f"reply-{ticket.reworks}",
            actor=actor,
            at=_now(),
            outcome=outcome,
            public=self._words(_reply_words(ticket, outcome), ticket.id),
            reason=self._why(ticket, outcome),
            evidence=_evidence(ticket, *ticket.evidence_wanted),
        )

    def _why(self, ticket: Ticket, outcome: Outcome) -> str:
        declined = outcome is Outcome.NOT_ADOPTED
        return self._words("why_not_adopted", ticket.id) if declined else ""

    def _checked(self, task: InboxLine, ticket: Ticket, clue: SampleClue) -> list[Action]:
        actor, again = self._actor(task), ticket.reworks
        if task.kind == TaskKind.REVIEW:
            note = self._words("same_reply", ticket.id) if ticket.same_replies else ""
            id_ = f"review-{again}"
            return [Review(id=id_, actor=actor, at=_now(), accepted=True, note=note)]
        if task.kind == TaskKind.REVIEW_RATING:
            note = self._words("send_back", ticket.id)
            id_ = f"rating-{again}"
            return [Review(id=id_, actor=actor, at=_now(), accepted=False, note=note)]
        if self._voices_to_come(ticket):
            return []
        if clue.plot is Script.NOT_REACHED:
            return [
                Call(id=f"call-{again}-{n}", actor=actor, at=_now(), result=CallResult.NOT_REACHED)
                for n in range(len(ticket.missed_calls) + 1, CALLS + 1)
            ]
        return [self._asked(actor, ticket, clue)]

    def _asked(self, checker: Actor, ticket: Ticket, clue: SampleClue) -> Action:
        again = ticket.reworks
        overall = self.pace.rating(ticket.id)
        if clue.plot is Script.BAD_RATING:
            overall = 4 if again else 1
        if overall is None:
            id_ = f"call-{again}-declined"
            return Call(id=id_, actor=checker, at=_now(), result=CallResult.DECLINED)
        comment = self._words("bad_rating", ticket.id) if overall <= 2 else ""
        themselves = clue.channel in _BY_THEMSELVES
        return Rate(
            id=f"rate-{again}",
            actor=Actor(role=Role.REPORTER) if themselves else checker,
            at=_now(),
            rating=Rating(overall=overall, comment=comment),
        )


def _reply_words(ticket: Ticket, outcome: Outcome) -> str:
    if ticket.reworks:
        return "reply_again"
    talked = ticket.nature in _TALKED_WITH and outcome is Outcome.SOLVED
    return "reply_answered" if talked else f"reply_{outcome}"


def _evidence(ticket: Ticket, *kinds: EvidenceKind) -> tuple[Evidence, ...]:
    name = ticket.clue.external_id
    return tuple(Evidence(kind=kind, ref=f"demo:{name}/{kind}", at=_now()) for kind in kinds)


def _now() -> datetime:
    return datetime.now(UTC)
