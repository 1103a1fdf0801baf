"""Closure, told: review, callback, rating, rework, and the end."""

from collections.abc import Iterator

from juanchi.domain.closure import Called, Closed, Rated, Rechecked, SentBack
from juanchi.domain.rating_appeal import RatingAppealAnswered
from juanchi.domain.suggestions import TemplateFlagged
from juanchi.domain.ticket import Rating
from juanchi.words.catalogue import comma, say
from juanchi.words.telling.voice import Detail, Facts, Tells, Voice

tells = Tells()

_RATED_PARTS = ("speed", "effect", "reply", "service")


@tells.sentence(SentBack)
def _sent_back(event: SentBack, voice: Voice) -> Facts:
    return {"reason": voice.word("reason", event.reason)}


@tells.beside(SentBack)
def _note(event: SentBack, voice: Voice) -> Iterator[Detail]:
    yield "timeline.note", event.note


@tells.sentence(TemplateFlagged)
def _template_flagged(event: TemplateFlagged, voice: Voice) -> Facts:
    return {"n": str(event.times)}


@tells.sentence(Called)
def _called(event: Called, voice: Voice) -> Facts:
    return {"result": voice.word("call", event.result)}


@tells.sentence(Rated)
def _rated(event: Rated, voice: Voice) -> Facts:
    return {"overall": str(event.rating.overall), "parts": rating_parts(event.rating, voice)}


@tells.beside(Rated)
def _comment(event: Rated, voice: Voice) -> Iterator[Detail]:
    yield "timeline.note", event.rating.comment


def rating_parts(rating: Rating, voice: Voice) -> str:
    """What was rated besides the whole."""
    given = ((name, getattr(rating, name)) for name in _RATED_PARTS)
    return comma(voice.lang).join(
        say(f"timeline.{name}", voice.lang, n=n) for name, n in given if n is not None
    )


@tells.sentence(Rechecked)
def _rechecked(event: Rechecked, voice: Voice) -> Facts:
    return {"fixed": voice.either("fixed", "not_fixed", event.fixed)}


@tells.sentence(RatingAppealAnswered)
def _appeal_answered(event: RatingAppealAnswered, voice: Voice) -> Facts:
    return {"answer": voice.either("rating_void", "rating_stands", event.upheld)}


@tells.sentence(Closed)
def _closed(event: Closed, voice: Voice) -> Facts:
    return {
        "outcome": voice.word("outcome", event.outcome),
        "reason": voice.word("reason", event.reason),
    }


tells.alone(Closed)
