"""Each way to take a clue that is not ours to act on, and how surely: the city's words say it.

Where they may be wrong (a long letter that only tells of a fire two years ago) it is for a person.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from juanchi.domain.clue import Reading
from juanchi.domain.lists import ChannelKind, Pack, Referral
from juanchi.domain.terms import ClueVerdict, Nature
from juanchi.intake.screening.advertising import advertised
from juanchi.intake.screening.lexicon import ASKS, CITY, PLACE, REFERRAL, Spoken
from juanchi.intake.screening.signs import REPEATS, Signs, plain

SURE: Final = 0.9
"""From here on a clue ends without a person."""

DOUBT: Final = 0.6
"""From here on a person decides."""

_CERTAIN: Final = 0.95
_PERHAPS: Final = 0.75
_SHORT: Final = 150
"""Letters up to which a word that stands there is what the text is about."""

_BEGINNING: Final = 12
_BRIEF: Final = 60
_WRITTEN_TO_US: Final = (ChannelKind.HOTLINE, ChannelKind.APP, ChannelKind.MAILBOX)


class Heard(NamedTuple):
    """A clue's matter as it was heard: its words and signs, and whether it names an item."""

    text: str
    spoken: Spoken
    signs: Signs
    item: bool
    channel: ChannelKind
    nature: Nature | None = None

    @property
    def asks(self) -> bool:
        """Whether somebody wants something dealt with."""
        return self.spoken.count(*ASKS) > 0

    @property
    def short(self) -> bool:
        return self.signs.letters <= _SHORT


def readings(heard: Heard, pack: Pack) -> Iterator[Reading]:
    """Each way to take it other than as a matter to act on, in no order."""
    for referral in pack.screening.referrals:
        if words := heard.spoken.words(f"{REFERRAL}{referral.code}"):
            score = _referred(heard, referral, words)
            yield _reading(referral.verdict, score, f"{referral.code}: {', '.join(words[:3])}")
    words = heard.spoken.words("advertisement")
    if score := advertised(heard.spoken, heard.signs, heard.item):
        yield _reading(ClueVerdict.ADVERTISEMENT, score, f"advertisement: {', '.join(words[:3])}")
    yield from _says_nothing(heard)
    yield from _needs_nobody(heard, pack)


def _reading(verdict: ClueVerdict, score: float, rule: str) -> Reading:
    return Reading(verdict=verdict, score=round(score, 3), rule=rule[:200])


def _referred(heard: Heard, referral: Referral, words: tuple[str, ...]) -> float:
    match referral.verdict:
        case ClueVerdict.EMERGENCY:
            told = "past" in heard.spoken or heard.spoken.count(*ASKS) > 1
            happening = "now" in heard.spoken or (heard.short and not told)
            return _CERTAIN if happening and heard.signs.letters <= 2 * _SHORT else _PERHAPS
        case ClueVerdict.NOT_THIS_CITY:
            # Other cities are named for comparison too: what it is about is said first.
            if PLACE in heard.spoken or not heard.short:
                return 0.0
            first = min(heard.text.find(plain(word)) for word in words) <= _BEGINNING
            return _CERTAIN if first and CITY not in heard.spoken else _PERHAPS
    return _CERTAIN if heard.short else _PERHAPS


def _says_nothing(heard: Heard) -> Iterator[Reading]:
    """Noise, and what is no matter of a city."""
    if heard.item or heard.asks:
        return
    # Whoever wrote to the city itself gets a person's eye first.
    most = SURE - 0.05 if heard.channel in _WRITTEN_TO_US else 1.0
    spoken, seen = heard.spoken, heard.signs
    if (words := spoken.words("noise")) and seen.letters <= _BRIEF:
        yield _reading(ClueVerdict.NOISE, min(_CERTAIN, most), f"noise: {words[0]}")
    if seen.letters <= 1 or (seen.letters > 3 and seen.repeated > REPEATS):
        yield _reading(ClueVerdict.NOISE, min(_CERTAIN, most), "says_nothing")
    words = spoken.words("off_topic")
    if words and heard.short and PLACE not in spoken:
        score = _CERTAIN if len(words) > 1 else _PERHAPS
        yield _reading(ClueVerdict.OFF_TOPIC, min(score, most), f"off_topic: {words[0]}")


def _needs_nobody(heard: Heard, pack: Pack) -> Iterator[Reading]:
    """Thanks, what is settled by now, and questions whose answer is known."""
    spoken = heard.spoken
    if heard.asks or not heard.short or heard.nature not in (None, Nature.THANKS, Nature.ENQUIRY):
        return
    if "thanks" in spoken and "enquiry" not in spoken:
        yield _reading(ClueVerdict.THANKS, _CERTAIN, f"thanks: {spoken.words('thanks')[0]}")
    elif "settled" in spoken and "enquiry" not in spoken:
        rule = f"settled: {spoken.words('settled')[0]}"
        yield _reading(ClueVerdict.ALREADY_ANSWERED, _CERTAIN, rule)
    elif "enquiry" in spoken and heard.signs.letters <= _BRIEF:
        for known in pack.screening.answers:
            if any(all(term in heard.text for term in _terms(way)) for way in known.asked):
                rule = f"answer: {known.code}"
                yield _reading(ClueVerdict.ALREADY_ANSWERED, _CERTAIN, rule)


def _terms(way: str) -> list[str]:
    return [plain(term) for term in way.split("+")]
