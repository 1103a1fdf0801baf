"""Sealing reporters' contact data before it is stored."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from juanchi.runtime.errors import NoReporterKey
from juanchi.runtime.settings import Settings

KEY_FILE = "reporter.key"


class Seal:
    """Seals text under the first key and opens what any of its keys sealed.

    `keys` is one Fernet key, or several separated by commas with the newest first: add the new
    key in front, `renew` what is stored, then drop the old one.
    """

    def __init__(self, keys: str) -> None:
        parts = [part.strip() for part in keys.split(",") if part.strip()]
        if not parts:
            raise NoReporterKey("The reporter key is empty. " + _ADVICE)
        try:
            self._fernet = MultiFernet([Fernet(part) for part in parts])
        except ValueError:
            # The cause is cut off: it may quote the key.
            raise NoReporterKey("The reporter key is not a Fernet key. " + _ADVICE) from None

    def __repr__(self) -> str:
        return "Seal(...)"

    def seal(self, text: str) -> str:
        """Return a token; sealing the same text twice gives different tokens."""
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def open(self, token: str) -> str:
        """Return the text of a token; `NoReporterKey` if none of the keys sealed it."""
        try:
            return self._fernet.decrypt(token).decode()
        except InvalidToken:
            raise NoReporterKey(_WRONG_KEY) from None

    def renew(self, token: str) -> str:
        """Return the same text sealed under the newest key."""
        try:
            return self._fernet.rotate(token).decode("ascii")
        except InvalidToken:
            raise NoReporterKey(_WRONG_KEY) from None


def seal_from(settings: Settings) -> Seal:
    """Return the seal of these settings.

    The key is `JUANCHI_REPORTER_KEY`. Only when the database is the embedded one may a key be
    made and kept beside it (`reporter.key`, readable by its owner only); with a database of your
    own a missing key raises `NoReporterKey`, for a key invented on one machine would lock the
    others out.
    """
    if settings.reporter_key is not None:
        return Seal(settings.reporter_key.get_secret_value())
    if settings.own_database:
        raise NoReporterKey("No reporter key is set, and the database is not embedded. " + _ADVICE)
    return Seal(_kept_key(settings.home / KEY_FILE))


def new_key() -> str:
    """Return a fresh Fernet key."""
    return Fernet.generate_key().decode("ascii")


def _kept_key(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        # O_EXCL: of two processes that start at once, one writes and the other reads its key.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii")
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(new_key())
        file.flush()
        os.fsync(file.fileno())
    return path.read_text("ascii")


_ADVICE = (
    "Set JUANCHI_REPORTER_KEY to one or more Fernet keys, newest first, separated by commas; "
    "`python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'` "
    "makes one."
)
_WRONG_KEY = (
    "This contact data was not sealed by any of the reporter keys in use. "
    "Put the key that sealed it back, behind the newest one."
)
