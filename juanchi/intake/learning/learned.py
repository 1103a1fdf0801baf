"""The models in force, as the readers of words use them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, cast

from juanchi.domain.models import ModelKind

if TYPE_CHECKING:
    from juanchi.intake.learning.dispatch import DispatchModel
    from juanchi.intake.learning.texts import TextModel

    Model = TextModel | DispatchModel


class Learned(NamedTuple):
    """What has been learned of each kind, if anything; ``version`` names it on tickets."""

    item: TextModel | None = None
    nature: TextModel | None = None
    dispatch: DispatchModel | None = None
    version: str = ""
    screening: TextModel | None = None
    screening_version: str = ""


NOTHING_LEARNED = Learned()
_ON_TICKETS = (ModelKind.ITEM, ModelKind.NATURE, ModelKind.DISPATCH)
"""The kinds that a filed ticket names; a screening names its own."""


def load_model(kind: ModelKind, data: bytes) -> Model:
    """A model of a kind from its bytes. Raises ``ModelUnreadable``, also for another kind's."""
    # Loaded with the first model: without any, no command and no worker pays for the libraries.
    from juanchi.intake.learning.archive import ModelUnreadable, Unreadable
    from juanchi.intake.learning.dispatch import DispatchModel
    from juanchi.intake.learning.texts import TextModel

    try:
        model = (DispatchModel if kind is ModelKind.DISPATCH else TextModel).load(data)
    except ModelUnreadable:
        raise
    except Exception as error:
        raise ModelUnreadable(Unreadable.DAMAGED) from error
    if model.card.kind is not kind:
        raise ModelUnreadable(Unreadable.OTHER_KIND, found=model.card.kind.value, wanted=kind.value)
    return model


def learned_of(ids: Mapping[ModelKind, int], models: Mapping[ModelKind, Model]) -> Learned:
    """The models that could be read, and the version that names them: ``item#3 dispatch#7``."""
    return Learned(
        item=cast("TextModel | None", models.get(ModelKind.ITEM)),
        nature=cast("TextModel | None", models.get(ModelKind.NATURE)),
        dispatch=cast("DispatchModel | None", models.get(ModelKind.DISPATCH)),
        version=" ".join(f"{kind}#{ids[kind]}" for kind in _ON_TICKETS if kind in models),
        screening=cast("TextModel | None", models.get(ModelKind.SCREENING)),
        screening_version=" ".join(
            f"{kind}#{ids[kind]}" for kind in (ModelKind.SCREENING,) if kind in models
        ),
    )
