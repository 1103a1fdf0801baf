"""What a clue is: the first honest rule set, by the city's own words."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from juanchi.domain.clue import ScreenResult
from juanchi.domain.lists import Channel, Pack, Referral
from juanchi.domain.terms import ClueVerdict, Nature, Urgency
from juanchi.domain.ticket import Clue
from juanchi.intake.recognition import Recogniser

if TYPE_CHECKING:
    from juanchi.intake.learning.texts import TextModel

ADVERT_WORDS = 2
"""One advertising word may stand in a real report; two without any item in it are a spam post."""


class Screener:
    """Screens clues by a city's words. Build once per version of the lists.

    ``nature_model`` says what kind of demand a clue is where the words say nothing, and where it
    is as sure as its card demands.
    """

    def __init__(
        self, pack: Pack, recogniser: Recogniser, nature_model: "TextModel | None" = None
    ) -> None:
        self._words = pack.screening
        self._channels = {channel.code: channel for channel in pack.channels}
        self._recogniser = recogniser
        self._nature_model = nature_model

    def screen(self, clue: Clue) -> ScreenResult:
        """The verdict, and the rule that gave it. A channel nobody registered goes to a person."""
        channel = self._channels.get(clue.channel)
        if channel is None:
            return ScreenResult(verdict=ClueVerdict.UNSURE, rule="unknown_channel")
        if clue.classified is not None:
            return self._actionable(clue, channel, "classified_by_channel")
        text = clue.text.strip().casefold()
        if not any(char.isalnum() for char in text):
            return ScreenResult(verdict=ClueVerdict.EMPTY, rule="no_words")
        recognised = self._recogniser.names_an_item(text)
        return (
            self._refer(text, ClueVerdict.EMERGENCY)
            or self._discard(text, recognised)
            or self._refer(text, ClueVerdict.OUT_OF_REMIT)
            or self._actionable(clue, channel, "default")
        )

    def _refer(self, text: str, verdict: ClueVerdict) -> ScreenResult | None:
        for referral in self._words.referrals:
            if referral.verdict is verdict and (word := _first(text, referral.words)):
                return _referred(referral, word)
        return None

    def _discard(self, text: str, recognised: bool) -> ScreenResult | None:
        adverts = [word for word in self._words.advertisement if word.casefold() in text]
        # A real report with an advertisement glued to it is still a report.
        if adverts and (not recognised or len(adverts) > ADVERT_WORDS):
            rule = f"advertisement: {', '.join(adverts[:3])}"
            return ScreenResult(verdict=ClueVerdict.ADVERTISEMENT, rule=rule[:200])
        if not recognised and (word := _first(text, self._words.noise)):
            return ScreenResult(verdict=ClueVerdict.NOISE, rule=f"noise: {word}")
        return None

    def _actionable(self, clue: Clue, channel: Channel, rule: str) -> ScreenResult:
        nature = clue.nature or self._nature(clue.text.casefold()) or self._learned(clue.text)
        suggestion = nature is Nature.SUGGESTION
        return ScreenResult(
            verdict=ClueVerdict.SUGGESTION if suggestion else ClueVerdict.ACTIONABLE,
            rule=rule,
            nature=nature,
            urgency=self._urgency(clue),
            # Nothing stands on site that could prove or disprove a suggestion.
            verify=channel.verify and not suggestion,
        )

    def _nature(self, text: str) -> Nature | None:
        words = self._words
        for nature, marks in (
            (Nature.THANKS, words.thanks),
            (Nature.SUGGESTION, words.suggestion),
            (Nature.REPORT, words.report),
            (Nature.ENQUIRY, words.enquiry),
            (Nature.REQUEST, words.request),
        ):
            if _first(text, marks):
                return nature
        return None

    def _learned(self, text: str) -> Nature | None:
        model = self._nature_model
        if model is None or model.card.threshold is None:
            return None
        sure = [label for label, p in model.ranked(text, most=1) if p >= model.card.threshold]
        # A label that is no nature was not meant for us: the words have the last say.
        return Nature(sure[0]) if sure and sure[0] in set(Nature) else None

    def _urgency(self, clue: Clue) -> Urgency:
        if clue.urgency is not None:
            return clue.urgency
        return (
            Urgency.URGENT if _first(clue.text.casefold(), self._words.urgent) else Urgency.GENERAL
        )


def _first(text: str, words: Iterable[str]) -> str | None:
    """The first of the words in a text that is already folded."""
    return next((word for word in words if word.casefold() in text), None)


def _referred(referral: Referral, word: str) -> ScreenResult:
    return ScreenResult(
        verdict=referral.verdict,
        rule=f"{referral.code}: {word}",
        referral=referral.code,
        advice=referral.advice,
        pass_to=referral.unit,
        urgency=(Urgency.URGENT if referral.verdict is ClueVerdict.EMERGENCY else Urgency.GENERAL),
    )
