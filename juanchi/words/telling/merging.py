"""Tickets that become one matter, told: compared, proposed, merged, heard, taken back."""

from collections.abc import Iterable, Iterator

from juanchi.domain.comparing import Compared
from juanchi.domain.likely import NotSameSaid, SameLapsed, SameProposed
from juanchi.domain.merging import MergeAsked, MergeFailed, VoiceAdded
from juanchi.domain.overlays import Alike
from juanchi.domain.unmerging import SurvivorLeft, Unmerged, VoiceRemoved
from juanchi.domain.voice_rating import VoiceRated
from juanchi.domain.voices import VoicesTold
from juanchi.words.catalogue import comma, knows, say
from juanchi.words.telling.closure import rating_parts
from juanchi.words.telling.voice import Detail, Facts, Tells, Voice

tells = Tells()


@tells.sentence(Compared)
def _compared(event: Compared, voice: Voice) -> Facts:
    return {"found": _count(event.found, voice), "problem": voice.word("stuck", event.problem)}


def _count(found: int, voice: Voice) -> str:
    match found:
        case 0:
            return say("timeline.nothing_like_it", voice.lang)
        case 1:
            return say("timeline.one_like_it", voice.lang)
    return say("timeline.some_like_it", voice.lang, n=found)


@tells.sentence(SameProposed)
def _same_proposed(event: SameProposed, voice: Voice) -> Facts:
    return {"candidates": alike_words(event.candidates, voice)}


def alike_words(candidates: Iterable[Alike], voice: Voice) -> str:
    """Tickets that are alike, each with how much, 0 to 1, and by what."""
    return comma(voice.lang).join(
        say(
            "timeline.alike",
            voice.lang,
            ticket=one.ticket_id,
            score=f"{one.score:.2f}",
            grounds=voice.words("ground", one.reasons),
        )
        for one in candidates
    )


@tells.sentence(NotSameSaid)
def _not_same_said(event: NotSameSaid, voice: Voice) -> Facts:
    return {"of": comma(voice.lang).join(event.of)}


@tells.sentence(SameLapsed)
def _same_lapsed(event: SameLapsed, voice: Voice) -> Facts:
    return {"of": comma(voice.lang).join(event.of), "why": voice.word("same_lapsed", event.why)}


@tells.sentence(MergeAsked)
def _merge_asked(event: MergeAsked, voice: Voice) -> Facts:
    return {"into": event.into}


@tells.beside(MergeAsked)
def _why_merged(event: MergeAsked, voice: Voice) -> Iterator[Detail]:
    yield "timeline.reason", event.reason
    if event.score is not None:
        grounds = voice.words("ground", event.reasons)
        yield "timeline.because", f"{grounds} ({event.score:.2f})".strip()


@tells.sentence(MergeFailed)
def _merge_failed(event: MergeFailed, voice: Voice) -> Facts:
    return {"into": event.into, "reason": _refusal(event.reason, voice)}


tells.alone(MergeFailed)


def _refusal(code: str, voice: Voice) -> str:
    key = f"refusal.{code}"
    return say(key, voice.lang) if code and knows(key, voice.lang) else code


@tells.sentence(VoiceAdded, VoiceRemoved)
def _voice(event: VoiceAdded | VoiceRemoved, voice: Voice) -> Facts:
    return {"voice": event.voice}


@tells.sentence(VoicesTold)
def _voices_told(event: VoicesTold, voice: Voice) -> Facts:
    return {"n": str(event.told)}


@tells.sentence(VoiceRated)
def _voice_rated(event: VoiceRated, voice: Voice) -> Facts:
    return {
        "overall": str(event.rating.overall),
        "parts": rating_parts(event.rating, voice),
        "voice": event.voice,
    }


@tells.beside(VoiceRated)
def _comment(event: VoiceRated, voice: Voice) -> Iterator[Detail]:
    yield "timeline.note", event.rating.comment


@tells.sentence(Unmerged)
def _unmerged(event: Unmerged, voice: Voice) -> Facts:
    return {"of": event.of}


@tells.sentence(SurvivorLeft)
def _survivor_left(event: SurvivorLeft, voice: Voice) -> Facts:
    return {"of": event.of, "over": _refusal(event.over, voice)}


tells.alone(SurvivorLeft)
