"""The choice between the ways to take a clue: ended when sure, to a person when in doubt."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from juanchi.domain.clue import DISCARDS, Reading, ScreenResult
from juanchi.domain.lists import Channel, Pack
from juanchi.domain.terms import ClueVerdict, Nature, Urgency
from juanchi.domain.ticket import Clue
from juanchi.intake.recognition import Recogniser
from juanchi.intake.screening.advertising import Adverts, Cut
from juanchi.intake.screening.lexicon import UNIT, Lexicon, Spoken
from juanchi.intake.screening.reasons import DOUBT, SURE, Heard, readings
from juanchi.intake.screening.signs import Signs, plain

if TYPE_CHECKING:
    from juanchi.intake.learning.texts import TextModel

GOES_ON: Final = (ClueVerdict.ACTIONABLE, ClueVerdict.SUGGESTION)
LEARNED: Final = "learned"
_SHOWN: Final = 3
_WORTH_A_WORD: Final = 0.1
"""How likely, by what was learned, a verdict must be to be spoken of at all."""

_NATURES: Final = (
    ("thanks", Nature.THANKS),
    ("suggestion", Nature.SUGGESTION),
    ("report", Nature.REPORT),
    ("enquiry", Nature.ENQUIRY),
    ("request", Nature.REQUEST),
)
"""What kind of demand a word speaks of; the first that is there."""


class Screener:
    """Screens clues by a city's words and what was learned. Build once per version of the lists.

    ``nature_model`` says what kind of demand a clue is where the words say nothing, and where it
    is as sure as its card demands; ``model`` what to make of a clue, likewise. ``version`` names
    the words and the model, for whoever asks later why.
    """

    def __init__(
        self,
        pack: Pack,
        recogniser: Recogniser,
        nature_model: "TextModel | None" = None,
        model: "TextModel | None" = None,
        version: str = "",
    ) -> None:
        self._pack = pack
        self._channels = {channel.code: channel for channel in pack.channels}
        self._referrals = {referral.code: referral for referral in pack.screening.referrals}
        self._answers = {known.code: known for known in pack.screening.answers}
        self._recogniser = recogniser
        self._nature_model = nature_model
        self._model = model
        self._version = (version or f"{pack.code}@{pack.version}")[:200]
        self._lexicon = Lexicon(pack)
        self._adverts = Adverts(self._lexicon, recogniser.names_an_item)

    def screen(self, clue: Clue) -> ScreenResult:
        """The verdict, how sure it is, and the rule and version that gave it.

        A channel nobody registered goes to a person.
        """
        channel = self._channels.get(clue.channel)
        if channel is None:
            return self._unsure("unknown_channel")
        text = plain(clue.text)
        if clue.classified is not None:
            return self._goes_on(clue, channel, self._lexicon.read(text), "classified_by_channel")
        if not any(char.isalnum() for char in text):
            return ScreenResult(
                verdict=ClueVerdict.EMPTY, rule="no_words", score=1.0, version=self._version
            )
        spoken, cut = self._lexicon.read(text), Cut(clue.text, 0)
        if "advertisement" in spoken:
            cut = self._adverts.cut(clue.text)
        if cut.cut:
            text = plain(cut.matter)
            spoken = self._lexicon.read(text)
        item = self._recogniser.names_an_item(text)
        heard = Heard(text, spoken, Signs(text), item, channel.kind, clue.nature)
        return self._decided(clue, channel, heard, cut)

    def _decided(self, clue: Clue, channel: Channel, heard: Heard, cut: Cut) -> ScreenResult:
        told = [one for one in readings(heard, self._pack) if one.score > 0]
        ranked = sorted(self._with_learned(heard, told), key=_rank)
        best = ranked[0] if ranked else None
        if best is None or best.score < DOUBT:
            result = self._goes_on(clue, channel, heard.spoken, "default")
        elif best.score < SURE or _may_be_an_emergency(best, ranked):
            result = self._unsure(best.rule, ranked)
        else:
            result = self._ends(best, heard)
        if not cut.cut:
            return result
        return result.model_copy(update={"matter": cut.matter, "cut": cut.cut})

    def _with_learned(self, heard: Heard, told: list[Reading]) -> Iterable[Reading]:
        """What the words say, and what people's decisions about such texts say beside it.

        The model is asked where the words speak against the clue, or where nothing speaks for it.
        """
        model = self._model
        if model is None or not (told or not (heard.item or heard.asks)):
            return told
        said = model.ranked(heard.text, most=_SHOWN)
        sure = model.card.threshold
        first, chance = said[0] if said else ("", 0.0)
        if sure is not None and chance >= max(sure, SURE) and first in GOES_ON:
            # People keep what the words would discard: it is not discarded without one of them.
            # Of an emergency the words have the last say.
            kept = (one for one in told if one.score >= SURE or _of_emergency(one))
            return [one if _of_emergency(one) else _at_most(one, SURE - 0.05) for one in kept]
        likely = [(label, p) for label, p in said if label in _VERDICTS and p >= _WORTH_A_WORD]
        learned = [self._learned(label, p, heard) for label, p in likely]
        if sure is None or chance < sure:
            learned = [_at_most(one, SURE - 0.05) for one in learned]
        return [*told, *(one for one in learned if one.verdict not in GOES_ON)]

    def _learned(self, label: str, chance: float, heard: Heard) -> Reading:
        verdict = ClueVerdict(label)
        score = min(max(chance, 0.0), 1.0)
        # A model never sends anybody to the fire brigade, and never discards a matter in so many
        # words; it says so to a person.
        if verdict is ClueVerdict.EMERGENCY or heard.item or heard.asks:
            score = min(score, SURE - 0.05)
        return Reading(verdict=verdict, score=round(score, 3), rule=LEARNED)

    def _unsure(self, rule: str, ranked: Iterable[Reading] = ()) -> ScreenResult:
        found = tuple(ranked)[:_SHOWN]
        urgent = any(map(_of_emergency, found))
        return ScreenResult(
            verdict=ClueVerdict.UNSURE,
            rule=rule,
            score=found[0].score if found else None,
            version=self._version,
            readings=found,
            urgency=Urgency.URGENT if urgent else Urgency.GENERAL,
        )

    def _ends(self, best: Reading, heard: Heard) -> ScreenResult:
        """A clue that needs nobody to act on it, with a word for whoever wrote it."""
        words, code = self._pack.screening, best.rule.partition(":")[0]
        result = ScreenResult(
            verdict=best.verdict, rule=best.rule, score=best.score, version=self._version
        )
        if referral := self._referrals.get(code):
            urgent = referral.verdict is ClueVerdict.EMERGENCY
            update: dict[str, object] = {
                "referral": referral.code,
                "advice": referral.advice,
                "pass_to": referral.unit,
                "urgency": Urgency.URGENT if urgent else Urgency.GENERAL,
            }
        elif known := self._answers.get(best.rule.partition(": ")[2]):
            update = {"advice": known.answer, "referral": known.code}
        elif best.verdict is ClueVerdict.ALREADY_ANSWERED:
            update = {"advice": words.settled_reply}
        elif best.verdict is ClueVerdict.THANKS:
            praised = heard.spoken.means(UNIT)
            update = {
                "advice": words.thanks_reply,
                "nature": Nature.THANKS,
                # Passed on where it is clear to whom.
                "pass_to": praised[0] if len(praised) == 1 else None,
            }
        else:
            return result
        return result.model_copy(update=update)

    def _goes_on(self, clue: Clue, channel: Channel, spoken: Spoken, rule: str) -> ScreenResult:
        nature = clue.nature or _nature(spoken) or self._learned_nature(clue.text)
        suggestion = nature is Nature.SUGGESTION
        urgent = Urgency.URGENT if "urgent" in spoken else Urgency.GENERAL
        return ScreenResult(
            verdict=ClueVerdict.SUGGESTION if suggestion else ClueVerdict.ACTIONABLE,
            rule=rule,
            version=self._version,
            nature=nature,
            urgency=clue.urgency or urgent,
            # Nothing stands on site that could prove or disprove a suggestion.
            verify=channel.verify and not suggestion,
        )

    def _learned_nature(self, text: str) -> Nature | None:
        model = self._nature_model
        if model is None or model.card.threshold is None:
            return None
        sure = [label for label, p in model.ranked(text, most=1) if p >= model.card.threshold]
        # A label that is no nature was not meant for us: the words have the last say.
        return Nature(sure[0]) if sure and sure[0] in set(Nature) else None


_VERDICTS: Final = frozenset(ClueVerdict) - {ClueVerdict.UNSURE, ClueVerdict.EMPTY}


def _nature(spoken: Spoken) -> Nature | None:
    return next((nature for of, nature in _NATURES if of in spoken), None)


def _rank(one: Reading) -> tuple[bool, float, str]:
    """An emergency first whenever it is as good as sure; else what is likeliest."""
    emergency = _of_emergency(one) and one.score >= SURE
    return not emergency, -one.score, one.verdict


def _may_be_an_emergency(best: Reading, ranked: Iterable[Reading]) -> bool:
    """Whether what would be discarded may be an emergency: that is never discarded by a rule."""
    return best.verdict in DISCARDS and any(map(_of_emergency, ranked))


def _of_emergency(one: Reading) -> bool:
    return one.verdict is ClueVerdict.EMERGENCY


def _at_most(one: Reading, most: float) -> Reading:
    return one.model_copy(update={"score": min(one.score, most)})
