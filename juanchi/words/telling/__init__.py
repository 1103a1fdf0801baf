"""What happened, in sentences: one line for each event, and the lines below it.

A module for each part of a ticket's life says how its events are told; ``Teller`` tells any.
"""

from juanchi.words.telling.teller import Teller, kind_of
from juanchi.words.telling.voice import Detail

__all__ = ["Detail", "Teller", "kind_of"]
