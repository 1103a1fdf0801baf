"""Errors of the room, worded for the person who has to do something about them."""

from __future__ import annotations


class RuntimeTrouble(Exception):
    """Something the engine runs on is not as it must be; the message says what to do."""


class CannotReach(RuntimeTrouble):
    """A server did not answer.

    `what` names the server, `address` is where it was looked for (never with a password) and
    `reason` is what the attempt said.
    """

    def __init__(self, what: str, address: str, reason: str, advice: str | None = None) -> None:
        self.what = what
        self.address = address
        self.reason = reason
        self.advice = advice or "Start the embedded servers with `make up`, or check the address."
        super().__init__(f"Cannot reach {what} at {address}: {reason}. {self.advice}")


class DataVersionMismatch(RuntimeTrouble):
    """The data in the home directory was written by another version of a server."""

    def __init__(self, what: str, path: object, has: str, needs: str) -> None:
        self.what = what
        self.has = has
        self.needs = needs
        super().__init__(
            f"The {what} data in {path} belongs to version {has}, but the installed {what} is "
            f"version {needs}. Nothing was touched. Use another home directory (JUANCHI_HOME), "
            f"move {path} away to start empty, or install the version that wrote it."
        )


class ServerFailed(RuntimeTrouble):
    """An embedded server could not be started; the message has the end of its log."""


class MissingPackage(RuntimeTrouble):
    """A package that the embedded servers come in is not installed."""


class NoReporterKey(RuntimeTrouble):
    """Contact data cannot be sealed or opened: there is no usable key."""
