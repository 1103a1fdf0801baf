"""Tells any event: by what its own part of a ticket's life says about it."""

from juanchi.domain.messages import Event
from juanchi.words.catalogue import say
from juanchi.words.telling import (
    beginning,
    clocks,
    closure,
    disputes,
    duty_changes,
    machines,
    merging,
    requests,
    supervision,
)
from juanchi.words.telling.voice import Detail, Voice, plainly

_PARTS = (
    beginning.tells,
    merging.tells,
    clocks.tells,
    supervision.tells,
    requests.tells,
    disputes.tells,
    closure.tells,
    machines.tells,
    duty_changes.tells,
)
_SENTENCES = {kind: facts for part in _PARTS for kind, facts in part.sentences.items()}
_DETAILS = {kind: more for part in _PARTS for kind, more in part.details.items()}


class Teller(Voice):
    """Tells events in one language, with a city's names and in its time."""

    def sentence(self, event: Event) -> str:
        """The event in one line."""
        facts = _SENTENCES.get(type(event))
        filled = facts(event, self) if facts else {}
        return say(f"event.{kind_of(event)}", self.lang, **filled)

    def details(self, event: Event) -> list[Detail]:
        """What else the event tells: labels and texts, in the order of reading."""
        more = _DETAILS.get(type(event), plainly)(event, self)
        return [(say(label, self.lang), text) for label, text in more if text]


def kind_of(event: Event) -> str:
    """The event's stable kind."""
    return str(event.__dict__["kind"])
