"""The search attributes that operators filter tickets by in Temporal.

They hold no personal data. Workflows import this file, so it imports nothing but Temporal's own
keys. SQL visibility allows 10 keyword attributes and 3 of each other kind.
"""

from __future__ import annotations

from typing import Any, Final

from temporalio.common import SearchAttributeKey

STAGE: Final = SearchAttributeKey.for_keyword("JuanchiStage")
UNIT: Final = SearchAttributeKey.for_keyword("JuanchiUnit")
DISTRICT: Final = SearchAttributeKey.for_keyword("JuanchiDistrict")
ITEM: Final = SearchAttributeKey.for_keyword("JuanchiItem")
URGENCY: Final = SearchAttributeKey.for_keyword("JuanchiUrgency")
DUE: Final = SearchAttributeKey.for_datetime("JuanchiDue")

ALL: Final[tuple[SearchAttributeKey[Any], ...]] = (STAGE, UNIT, DISTRICT, ITEM, URGENCY, DUE)
