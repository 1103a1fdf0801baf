"""Every way to say no has a sentence in both languages."""

import pytest

from juanchi.intake.channels.signature import Flaw
from juanchi.listening.declining import STATUS, Why
from juanchi.words import LANGUAGES, say
from juanchi.words.accepted import accepted
from juanchi.words.catalogue import keys


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_has_a_status_and_a_sentence(lang: str) -> None:
    head = "listening.declined."
    assert {key.removeprefix(head) for key in keys(lang) if key.startswith(head)} == set(Why)
    assert set(STATUS) == set(Why)
    assert set(Flaw) <= set(Why)
    for why in Why:
        assert "{" not in say(f"{head}{why}", lang)
        assert "?" not in say(f"{head}{why}", lang)


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        ("", "en"),
        ("*", "en"),
        ("zh", "zh-CN"),
        ("zh-Hant-TW, en;q=0.5", "zh-CN"),
        ("en;q=0.5, zh;q=0.9", "zh-CN"),
        ("zh;q=0", "en"),
        ("de, fr;q=0.5", "en"),
        (";;;,,q=1," * 100, "en"),
        ("zh;q=nan", "en"),
    ],
)
def test_the_language_that_is_liked_best_is_spoken(header: str, lang: str) -> None:
    assert accepted(header) == lang
