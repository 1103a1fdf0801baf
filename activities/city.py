"""The city's lists, its channels and the models in force: what most activities need first.

A model that this program cannot read stops nobody: it is logged once, and the lists' own words
serve instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from juanchi.domain.channels import with_registered
from juanchi.domain.models import ModelKind
from juanchi.intake.learning.learned import NOTHING_LEARNED, Learned, learned_of, load_model
from juanchi.intake.tools import Tools
from juanchi.ledger.channels import Registered, RegistryReader
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


NOTHING_REGISTERED = Registered(0, ())


class CityDesk:
    """Hands out the tools of the lists and models in force, with the registered channels among
    those of the lists; made anew only when one of the three has changed.
    """

    def __init__(
        self,
        reader: CityReader,
        models: ModelReader[Model] | None = None,
        registry: RegistryReader | None = None,
    ) -> None:
        self._reader = reader
        self._models = models
        self._registry = registry
        self._tools: Tools | None = None
        self._with: Registered = NOTHING_REGISTERED
        self._learned: tuple[InForce[Model] | None, Learned] = (None, NOTHING_LEARNED)

    async def tools(self) -> Tools:
        """The tools in force. Raises what the ledger raises while it is away."""
        city = await self._reader.city()
        learned = await self._in_force()
        registry = await self._registered()
        tools = self._tools
        if (
            tools is None
            or tools.version != city.version
            or tools.learned is not learned
            or registry is not self._with
        ):
            pack = with_registered(city.pack, registry.channels)
            tools, self._with = Tools(pack, city.version, learned), registry
            self._tools = tools
        return tools

    async def _registered(self) -> Registered:
        if self._registry is None:
            return NOTHING_REGISTERED
        return await self._registry.registered()

    async def _in_force(self) -> Learned:
        if self._models is None:
            return NOTHING_LEARNED
        found = await self._models.in_force()
        seen, learned = self._learned
        if seen is None or seen.ids != found.ids:
            learned = learned_of(found.ids, found.loaded)
        self._learned = found, learned
        return learned
