"""Checks of the screening words: referrals and known answers that could never do their part."""

from juanchi.domain.lists import ScreeningWords
from juanchi.domain.terms import ClueVerdict
from juanchi.packs.documents import Document
from juanchi.packs.draft import Draft
from juanchi.packs.problems import Findings, Sentence, quote


def check_screening(draft: Draft, findings: Findings) -> None:
    """Note what does not fit together in ``screening.toml``."""
    file = draft.screening_file
    if draft.screening is None or file is None:
        return
    _answers(draft.screening, file, findings)
    seen: set[str] = set()
    for index, referral in enumerate(draft.screening.referrals):

        def note(key: str, message: str, index: int = index) -> None:
            line = file.line("referrals", index, key)
            findings.error(file.file, line, f"referrals.{index}.{key}", message)

        if referral.code in seen:
            note("code", f"{quote(referral.code)} is used by another referral; each code once")
        seen.add(referral.code)
        if not referral.words:
            note("words", "a referral without words never applies; add some or remove it")
        if referral.unit and draft.units.lacks(referral.unit):
            unit = quote(referral.unit)
            note("unit", Sentence("no_unit", unit=unit, file=draft.units.file))
        if referral.verdict is ClueVerdict.EMERGENCY and not referral.unit:
            note("unit", "an emergency is passed on at once; name the unit that it goes to")
        if referral.code in ScreeningWords.model_fields:
            note("code", f"{quote(referral.code)} is the name of a list of words; choose another")


def _answers(words: ScreeningWords, file: Document, findings: Findings) -> None:
    for index, known in enumerate(words.answers):
        if not known.asked:
            key = f"answers.{index}.asked"
            line = file.line("answers", index, "asked")
            findings.error(file.file, line, key, "an answer that no question asks for; add some")
