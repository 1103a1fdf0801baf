"""The beginning, told: clue, verification, filing, and tickets that become one."""

from collections.abc import Iterator

from juanchi.domain.clue import Located, PlaceGiven, Received, Screened
from juanchi.domain.ending import Ended
from juanchi.domain.filing import Dispatched, Filed
from juanchi.domain.merging import MergeAsked, MergeFailed, VoiceAdded
from juanchi.domain.terms import Role, Urgency
from juanchi.domain.ticket import Candidate
from juanchi.domain.verification import Verified
from juanchi.words.basis import basis_words
from juanchi.words.catalogue import knows, say
from juanchi.words.telling.voice import Detail, Facts, Tells, Voice

tells = Tells()


def _urgent(urgency: Urgency, voice: Voice) -> str:
    """Only what is out of the ordinary is told."""
    return voice.word("urgency", urgency) if urgency is Urgency.URGENT else ""


@tells.sentence(Received)
def _received(event: Received, voice: Voice) -> Facts:
    return {"channel": voice.names.channel(event.clue.channel)}


@tells.beside(Received)
def _clue(event: Received, voice: Voice) -> Iterator[Detail]:
    yield "timeline.text", event.clue.text
    if event.clue.mended:
        yield "timeline.mended", event.clue.mended


@tells.sentence(Screened)
def _screened(event: Screened, voice: Voice) -> Facts:
    return {
        "verdict": voice.word("verdict", event.verdict),
        "nature": voice.word("nature", event.nature),
        "urgency": _urgent(event.urgency, voice),
    }


@tells.beside(Screened)
def _rule(event: Screened, voice: Voice) -> Iterator[Detail]:
    yield "timeline.rule", voice.word("rule", event.rule)


@tells.sentence(Located)
def _located(event: Located, voice: Voice) -> Facts:
    return {
        "place": voice.names.place(event.place),
        "problem": voice.word("stuck", event.problem),
        "possible": voice.names.one_of(event.possible_regions),
    }


@tells.sentence(PlaceGiven)
def _place_given(event: PlaceGiven, voice: Voice) -> Facts:
    return {"place": voice.names.place(event.place)}


@tells.sentence(Verified)
def _verified(event: Verified, voice: Voice) -> Facts:
    return {"verdict": voice.word("found", event.verdict)}


@tells.sentence(MergeAsked)
def _merge_asked(event: MergeAsked, voice: Voice) -> Facts:
    return {"into": event.into}


@tells.sentence(MergeFailed)
def _merge_failed(event: MergeFailed, voice: Voice) -> Facts:
    key = f"refusal.{event.reason}"
    reason = say(key, voice.lang) if knows(key, voice.lang) else event.reason
    return {"into": event.into, "reason": reason}


tells.alone(MergeFailed)


@tells.sentence(VoiceAdded)
def _voice_added(event: VoiceAdded, voice: Voice) -> Facts:
    return {"voice": event.voice}


@tells.sentence(Filed)
def _filed(event: Filed, voice: Voice) -> Facts:
    return {
        "number": event.number,
        "nature": voice.word("nature", event.nature),
        "urgency": _urgent(event.urgency, voice),
        "problem": voice.word("stuck", event.problem),
    }


@tells.beside(Filed)
def _why_urgent_and_who(event: Filed, voice: Voice) -> Iterator[Detail]:
    yield "timeline.urgent_why", basis_words(event.urgency_why, voice.names)
    if event.problem:  # a dispatcher decides, and wants to know between whom
        for candidate in event.candidates:
            yield "dispatch.candidate", _candidate(candidate, voice)


def _candidate(candidate: Candidate, voice: Voice) -> str:
    chance = candidate.probability
    return say(
        "dispatch.candidate_told",
        voice.lang,
        unit=voice.names.unit(candidate.lead),
        chance="" if chance is None else f"{chance:.0%}",
        source=voice.word("source", candidate.source),
        reason=basis_words(candidate.reason, voice.names),
        item=voice.names.item(candidate.item),
    )


@tells.sentence(Dispatched)
def _dispatched(event: Dispatched, voice: Voice) -> Facts:
    return {
        "lead": voice.names.unit(event.lead),
        "assisting": voice.units(event.assisting),
        "ruling": event.ruling,
        "backstop": say("timeline.nobody_took_it", voice.lang) if event.backstop else "",
    }


@tells.beside(Dispatched)
def _why_dispatched(event: Dispatched, voice: Voice) -> Iterator[Detail]:
    yield "timeline.item", voice.names.item(event.item)
    # An arbiter dispatches by a ruling that has just been told, with its basis.
    ruled = event.by.role is Role.ARBITER or event.reason == f"ruling {event.ruling}"
    if not ruled:
        yield "timeline.reason", basis_words(event.reason, voice.names)
    yield "timeline.mandatory", voice.units(event.mandatory)


@tells.sentence(Ended)
def _ended(event: Ended, voice: Voice) -> Facts:
    return {
        "end": voice.word("end", event.end),
        "reason": voice.word("reason", event.reason),
        "pass_to": voice.names.unit(event.pass_to),
        "into": event.into or "",
    }


@tells.beside(Ended)
def _advice(event: Ended, voice: Voice) -> Iterator[Detail]:
    yield "timeline.note", voice.word("rule", event.note)
    yield "timeline.advice", event.advice
