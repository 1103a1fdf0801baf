"""The city's lists and the models in force, read from the ledger: what most activities need first.

A model that this program cannot read stops nobody: it is logged once, and the lists' own words
serve instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from juanchi.domain.models import ModelKind
from juanchi.intake.learning.learned import NOTHING_LEARNED, Learned, learned_of, load_model
from juanchi.intake.tools import Tools
from juanchi.ledger.city import CityReader
from juanchi.ledger.model_reader import InForce, ModelReader

if TYPE_CHECKING:
    from juanchi.intake.learning.learned import Model

log = structlog.get_logger(__name__)


def readable(kind: ModelKind, model: int, data: bytes) -> Model | None:
    """A model from its bytes; None, and a line in the log, when it cannot be read."""
    try:
        return load_model(kind, data)
    except Exception as error:
        log.warning("model unreadable: the lists' words serve", model=model, why=str(error))
        return None


class CityDesk:
    """Hands out the tools of the lists and models in force; made anew only when either changed."""

    def __init__(self, reader: CityReader, models: ModelReader[Model] | None = None) -> None:
        self._reader = reader
        self._models = models
        self._tools: Tools | None = None
        self._learned: tuple[InForce[Model] | None, Learned] = (None, NOTHING_LEARNED)

    async def tools(self) -> Tools:
        """The tools in force. Raises what the ledger raises while it is away."""
        city = await self._reader.city()
        learned = await self._in_force()
        tools = self._tools
        if tools is None or tools.version != city.version or tools.learned is not learned:
            tools = self._tools = Tools(city.pack, city.version, learned)
        return tools

    async def _in_force(self) -> Learned:
        if self._models is None:
            return NOTHING_LEARNED
        found = await self._models.in_force()
        seen, learned = self._learned
        if seen is None or seen.ids != found.ids:
            learned = learned_of(found.ids, found.loaded)
        self._learned = found, learned
        return learned
