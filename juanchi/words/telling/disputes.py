"""Disputes, told: arbitration, rulings, appeals."""

from collections.abc import Iterator

from juanchi.domain.arbitration import (
    AppealLodged,
    ArbitrationOpened,
    ConsultationCalled,
    DisputeLapsed,
)
from juanchi.domain.ruling import DutyChangeProposed, RulingGiven
from juanchi.words.catalogue import say
from juanchi.words.telling.voice import Detail, Facts, Tells, Voice

tells = Tells()


@tells.sentence(ArbitrationOpened)
def _arbitration_opened(event: ArbitrationOpened, voice: Voice) -> Facts:
    return {"number": event.number, "dispute": voice.word("dispute", event.dispute)}


@tells.sentence(ConsultationCalled)
def _consultation_called(event: ConsultationCalled, voice: Voice) -> Facts:
    return {"units": voice.units(event.units)}


@tells.sentence(RulingGiven)
def _ruling_given(event: RulingGiven, voice: Voice) -> Facts:
    return {
        "number": event.number,
        "lead": voice.names.unit(event.lead),
        "assisting": voice.units(event.assisting),
        "final": say("timeline.final", voice.lang) if event.final else "",
    }


@tells.beside(RulingGiven)
def _ruling(event: RulingGiven, voice: Voice) -> Iterator[Detail]:
    yield "timeline.basis", event.basis
    yield "timeline.backstop", voice.names.unit(event.backstop)
    yield "timeline.interim", voice.day(event.interim_until)


@tells.sentence(DutyChangeProposed)
def _duty_change_proposed(event: DutyChangeProposed, voice: Voice) -> Facts:
    return {
        "item": voice.names.item(event.item),
        "region": voice.names.region(event.region),
        "lead": voice.names.unit(event.lead),
    }


# Its basis is that of the ruling just before it.
tells.alone(DutyChangeProposed)


@tells.sentence(AppealLodged, DisputeLapsed)
def _numbered(event: AppealLodged | DisputeLapsed, voice: Voice) -> Facts:
    return {"number": event.number}
