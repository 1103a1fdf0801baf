"""The city's lists, read from the ledger: what most activities need before anything else."""

from juanchi.intake.tools import Tools
from juanchi.ledger.city import CityReader


class CityDesk:
    """Hands out the tools of the lists in force; made anew only when a batch has changed them."""

    def __init__(self, reader: CityReader) -> None:
        self._reader = reader
        self._tools: Tools | None = None

    async def tools(self) -> Tools:
        """The tools of the newest batch. Raises what the ledger raises while it is away."""
        city = await self._reader.city()
        if self._tools is None or self._tools.version != city.version:
            self._tools = Tools(city.pack, city.version)
        return self._tools
