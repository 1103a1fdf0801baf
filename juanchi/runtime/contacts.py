"""Reporters' contacts for the client: sealed, and the same person always one pseudonym."""

import hashlib
import hmac

from juanchi.runtime.encryption import KEY_FILE, Seal, seal_from
from juanchi.runtime.settings import Settings


class Contacts:
    """Implements the client's ``Sealing`` over the reporter keys."""

    def __init__(self, seal: Seal, secret: bytes) -> None:
        self._seal = seal
        self._secret = secret

    def __repr__(self) -> str:
        return "Contacts(...)"

    def seal(self, text: str) -> str:
        """A token that only the reporter keys open."""
        return self._seal.seal(text)

    def pseudonym(self, text: str) -> str:
        """Always the same for the same contact, however it is spaced; says nothing about it."""
        plain = "".join(text.split()).casefold()
        # Keyed: there are few enough telephone numbers to try them all against a plain hash.
        return f"r-{hmac.new(self._secret, plain.encode(), hashlib.sha256).hexdigest()[:32]}"


def contacts_from(settings: Settings) -> Contacts:
    """The contacts' keeper of these settings. Raises ``NoReporterKey``."""
    seal = seal_from(settings)
    if settings.reporter_key is not None:
        keys = settings.reporter_key.get_secret_value()
    else:
        keys = (settings.home / KEY_FILE).read_text("ascii")
    # The oldest key: a new one in front must not give everybody a new pseudonym.
    oldest = [key.strip() for key in keys.split(",") if key.strip()][-1]
    return Contacts(seal, hashlib.sha256(b"pseudonym:" + oldest.encode()).digest())
