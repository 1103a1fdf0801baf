"""Secrets that channels' settings mention by name: one file each, in a folder of the settings.

Read when they are asked for, so that a changed password needs no restart.
"""

import re
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}")
LARGEST: Final = 65_536
"""Bytes of a secret: keys and passwords fit many times."""


class NoSecret(LookupError):
    """A secret that is not there, or cannot be read. Never says what is in it."""


class Secrets:
    """The secrets of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, name: str) -> str:
        """The secret of this name, without the line's end that editors add.

        Raises ``NoSecret``.
        """
        if not _NAME.fullmatch(name):
            raise NoSecret(f"{name[:64]!r} is no name of a secret: letters, digits, _ . -")
        file = self._folder / name
        try:
            if file.stat().st_size > LARGEST:
                raise NoSecret(f"{file} is too large for a secret")
            secret = file.read_text("utf-8").strip("\r\n")
        except FileNotFoundError:
            raise NoSecret(f"there is no file {file}; write the secret into it") from None
        except (OSError, UnicodeDecodeError) as error:
            raise NoSecret(f"{file} cannot be read: {type(error).__name__}") from None
        if not secret:
            raise NoSecret(f"{file} is empty; write the secret into it")
        return secret
