"""The words people see, by language: nothing a person reads is spelt in code."""

from juanchi.words.catalogue import LANGUAGES, language, named, say, tell

__all__ = ["LANGUAGES", "language", "named", "say", "tell"]
