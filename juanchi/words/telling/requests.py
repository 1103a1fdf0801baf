"""What a lead unit asks for, and the answers, told: return, extension, hold."""

from collections.abc import Iterator

from juanchi.domain.extension import ExtensionGranted, ExtensionRequested
from juanchi.domain.hold import HoldEnded, HoldGranted, HoldRequested
from juanchi.domain.requests import RequestLapsed
from juanchi.domain.returns import ReturnRefused, ReturnRequested
from juanchi.words.spans import limit_words
from juanchi.words.telling.voice import Detail, Facts, Tells, Voice

tells = Tells()


@tells.sentence(ReturnRequested)
def _return_requested(event: ReturnRequested, voice: Voice) -> Facts:
    return {"to": voice.names.unit(event.to)}


@tells.sentence(ReturnRefused)
def _return_refused(event: ReturnRefused, voice: Voice) -> Facts:
    return {"unit": voice.names.unit(event.unit)}


@tells.sentence(ExtensionRequested, ExtensionGranted)
def _extension(event: ExtensionRequested | ExtensionGranted, voice: Voice) -> Facts:
    return {"length": limit_words(f"{event.days}wd", voice.lang)}


@tells.sentence(HoldRequested, HoldGranted)
def _hold(event: HoldRequested | HoldGranted, voice: Voice) -> Facts:
    return {"until": voice.day(event.review_on)}


@tells.beside(HoldRequested)
def _hold_asked(event: HoldRequested, voice: Voice) -> Iterator[Detail]:
    yield "timeline.reason", event.reason
    yield "timeline.phase_reply", event.phase_reply


@tells.beside(HoldGranted)
def _hold_granted(event: HoldGranted, voice: Voice) -> Iterator[Detail]:
    # Its reason and the word to the reporter are those of the request.
    yield "timeline.note", event.note


@tells.sentence(HoldEnded)
def _hold_ended(event: HoldEnded, voice: Voice) -> Facts:
    return {"why": voice.word("hold_ended", event.why)}


@tells.sentence(RequestLapsed)
def _request_lapsed(event: RequestLapsed, voice: Voice) -> Facts:
    return {"request": voice.word("request", event.request)}
