"""What happened, in sentences: one line for each event, and the lines below it."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, tzinfo

from juanchi.domain.actor import Actor
from juanchi.domain.clocks import Planned, Rang
from juanchi.domain.closure import Called, Closed, Rated, Rechecked, Reopened, Reviewed, SentBack
from juanchi.domain.clue import Located, PlaceGiven, Received, Screened
from juanchi.domain.ending import Ended
from juanchi.domain.events import ActionRefused
from juanchi.domain.filing import Dispatched, Filed
from juanchi.domain.merging import MergeAsked, MergeFailed, VoiceAdded
from juanchi.domain.messages import Event
from juanchi.domain.notices import NoticeFailed, NoticePosted
from juanchi.domain.place import Evidence
from juanchi.domain.supervision import Pressed, Progressed, Replied
from juanchi.domain.terms import Role, Urgency
from juanchi.domain.ticket import Rating
from juanchi.domain.verification import Verified
from juanchi.words.catalogue import comma, knows, listed, named, say
from juanchi.words.naming import Names
from juanchi.words.spans import limit_words, span

Detail = tuple[str, str]
"""A label (or its key in the catalogue) and what it labels."""

_RATED_PARTS = ("speed", "effect", "reply", "service")


class Teller:
    """Tells events in one language, with a city's names and in its time."""

    def __init__(self, names: Names, zone: tzinfo) -> None:
        self.names = names
        self.zone = zone
        self.lang = names.lang

    def moment(self, at: datetime, *, seconds: bool = False) -> str:
        """A moment in the city's time."""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M{':%S' if seconds else ''}}"

    def short(self, at: datetime) -> str:
        """A due time: to the second only where it has seconds that matter."""
        second = at.astimezone(self.zone).second
        return self.moment(at, seconds=second not in (0, 59))

    def who(self, actor: Actor) -> str:
        """Who acted; nothing for the engine itself."""
        if actor.role is Role.SYSTEM and actor.unit is None:
            return ""
        role = named("role", actor.role, self.lang)
        name = self.names.unit(actor.unit) or role
        return " · ".join(part for part in (name, actor.staff) if part)

    def sentence(self, event: Event) -> str:
        """The event in one line."""
        return say(f"event.{kind_of(event)}", self.lang, **self._facts(event))

    def details(self, event: Event) -> list[Detail]:
        """What else the event tells: labels and texts, in the order of reading."""
        return [(say(label, self.lang), text) for label, text in self._more(event) if text]

    def _named(self, section: str, value: object) -> str:
        return "" if value is None else named(section, value, self.lang)

    def _urgent(self, urgency: Urgency) -> str:
        return self._named("urgency", urgency) if urgency is Urgency.URGENT else ""

    def _facts(self, event: Event) -> dict[str, str]:
        match event:
            case Received():
                return {"channel": self.names.channel(event.clue.channel)}
            case Screened() | Located() | PlaceGiven() | Verified():
                return self._of_clue(event)
            case MergeAsked() | MergeFailed() | VoiceAdded():
                return self._of_merge(event)
            case Filed() | Dispatched():
                return self._of_filing(event)
            case Rang():
                return self._of_ring(event)
            case Replied() | SentBack() | Called() | Rated() | Rechecked() | Closed():
                return self._of_closure(event)
            case Ended():
                return {
                    "end": self._named("end", event.end),
                    "reason": self._named("reason", event.reason),
                    "pass_to": self.names.unit(event.pass_to),
                    "into": event.into or "",
                }
            case NoticePosted() | NoticeFailed() | ActionRefused():
                return self._of_machines(event)
        return {}

    def _of_clue(self, event: Screened | Located | PlaceGiven | Verified) -> dict[str, str]:
        match event:
            case Screened():
                return {
                    "verdict": self._named("verdict", event.verdict),
                    "nature": self._named("nature", event.nature),
                    "urgency": self._urgent(event.urgency),
                }
            case Located():
                return {
                    "place": self.names.place(event.place),
                    "problem": self._named("stuck", event.problem),
                }
            case PlaceGiven():
                return {"place": self.names.place(event.place)}
        return {"verdict": self._named("found", event.verdict)}

    def _of_merge(self, event: MergeAsked | MergeFailed | VoiceAdded) -> dict[str, str]:
        match event:
            case VoiceAdded():
                return {"voice": event.voice}
            case MergeFailed():
                return {"into": event.into, "reason": self._refusal(event.reason)}
        return {"into": event.into}

    def _of_filing(self, event: Filed | Dispatched) -> dict[str, str]:
        if isinstance(event, Filed):
            return {
                "number": event.number,
                "nature": self._named("nature", event.nature),
                "urgency": self._urgent(event.urgency),
                "problem": self._named("stuck", event.problem),
            }
        return {
            "lead": self.names.unit(event.lead),
            "assisting": comma(self.lang).join(map(self.names.unit, event.assisting)),
        }

    def _of_ring(self, event: Rang) -> dict[str, str]:
        return {
            "rung": self._named("rung", event.rung),
            "clock": self._named("clock", event.clock),
            "late": span(timedelta(seconds=event.late_s), self.lang) if event.late_s else "",
            "missed": listed("rung", event.missed, self.lang),
        }

    def _of_closure(
        self, event: Replied | SentBack | Called | Rated | Rechecked | Closed
    ) -> dict[str, str]:
        match event:
            case Replied():
                return {
                    "outcome": self._named("outcome", event.outcome),
                    "on_time": self._either("on_time", "overdue", event.on_time),
                }
            case SentBack():
                return {"reason": self._named("reason", event.reason)}
            case Called():
                return {"result": self._named("call", event.result)}
            case Rated():
                return {"overall": str(event.rating.overall), "parts": self._parts(event.rating)}
            case Rechecked():
                return {"fixed": self._either("fixed", "not_fixed", event.fixed)}
        return {
            "outcome": self._named("outcome", event.outcome),
            "reason": self._named("reason", event.reason),
        }

    def _of_machines(self, event: NoticePosted | NoticeFailed | ActionRefused) -> dict[str, str]:
        match event:
            case NoticePosted():
                return {"to": self.names.holder(event.to)}
            case NoticeFailed():
                retry = self.moment(event.retry_at) if event.retry_at else ""
                return {"to": self.names.holder(event.to), "error": event.error, "retry": retry}
        return {
            "action": self._named("action", event.action),
            "told": f"{event.code} {event.told}".strip(),
        }

    def _more(self, event: Event) -> Iterator[Detail]:
        match event:
            case Received():
                yield "timeline.text", event.clue.text
            case Screened():
                yield "timeline.rule", self._named("rule", event.rule)
            case Verified() | Progressed() | Rechecked():
                yield "timeline.note", event.note
                yield "timeline.evidence", self._evidence(event.evidence)
            case Dispatched():
                yield "timeline.item", self.names.item(event.item)
                yield "timeline.reason", event.reason
            case Planned():
                yield from self._planned(event)
            case Replied():
                yield "timeline.text", event.public
                yield "timeline.internal", event.internal
                yield "timeline.evidence", self._evidence(event.evidence)
            case Pressed():
                yield "timeline.requirement", event.requirement
            case Reviewed() | SentBack() | Called():
                yield "timeline.note", event.note
            case Rated():
                yield "timeline.note", event.rating.comment
            case Reopened():
                yield "timeline.reason", event.reason
            case Ended():
                yield "timeline.note", self._named("rule", event.note)
                yield "timeline.advice", event.advice

    def _planned(self, event: Planned) -> Iterator[Detail]:
        for deadline in event.deadlines:
            limit = limit_words(deadline.why.limit, self.lang)
            yield f"clock.{deadline.clock}", f"{self.short(deadline.due)} ({limit})"
        if event.evidence_wanted:
            yield "timeline.wanted", listed("evidence", event.evidence_wanted, self.lang)

    def _evidence(self, given: Iterable[Evidence]) -> str:
        return comma(self.lang).join(
            f"{self._named('evidence', proof.kind)} {proof.ref}".strip() for proof in given
        )

    def _either(self, yes: str, no: str, so: bool) -> str:
        return say(f"timeline.{yes if so else no}", self.lang)

    def _parts(self, rating: Rating) -> str:
        given = ((name, getattr(rating, name)) for name in _RATED_PARTS)
        return comma(self.lang).join(
            say(f"timeline.{name}", self.lang, n=n) for name, n in given if n is not None
        )

    def _refusal(self, code: str) -> str:
        key = f"refusal.{code}"
        return say(key, self.lang) if knows(key, self.lang) else code


def kind_of(event: Event) -> str:
    """The event's stable kind."""
    return str(event.__dict__["kind"])
