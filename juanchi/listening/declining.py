"""The ways in which the door says no, each with its code, its HTTP status and its sentence."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

NO_FACTS: Final[Mapping[str, object]] = MappingProxyType({})


class Why(StrEnum):
    """Stable codes; the catalogue has a sentence for each at ``listening.declined``."""

    NO_SUCH_CHANNEL = "no_such_channel"
    CHANNEL_PAUSED = "channel_paused"
    NOT_READY = "not_ready"
    UNSIGNED = "unsigned"
    BAD_MESSAGE_ID = "bad_message_id"
    BAD_TIMESTAMP = "bad_timestamp"
    WRONG_SIGNATURE = "wrong_signature"
    OUTSIDE_WINDOW = "outside_window"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    PACKED = "packed"
    NOT_JSON_TYPE = "not_json_type"
    NOT_JSON = "not_json"
    NOT_ARRIVALS = "not_arrivals"
    EMPTY = "empty"
    TOO_MANY = "too_many"
    BAD_ITEM = "bad_item"
    LEDGER_AWAY = "ledger_away"
    NO_SUCH_PLACE = "no_such_place"
    WRONG_METHOD = "wrong_method"
    BROKEN = "broken"


STATUS: Final[dict[Why, HTTPStatus]] = {
    Why.NO_SUCH_CHANNEL: HTTPStatus.NOT_FOUND,
    Why.CHANNEL_PAUSED: HTTPStatus.NOT_FOUND,
    Why.NOT_READY: HTTPStatus.SERVICE_UNAVAILABLE,
    Why.UNSIGNED: HTTPStatus.UNAUTHORIZED,
    Why.BAD_MESSAGE_ID: HTTPStatus.UNAUTHORIZED,
    Why.BAD_TIMESTAMP: HTTPStatus.UNAUTHORIZED,
    Why.WRONG_SIGNATURE: HTTPStatus.UNAUTHORIZED,
    Why.OUTSIDE_WINDOW: HTTPStatus.UNAUTHORIZED,
    Why.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Why.TOO_SLOW: HTTPStatus.REQUEST_TIMEOUT,
    Why.PACKED: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Why.NOT_JSON_TYPE: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Why.NOT_JSON: HTTPStatus.BAD_REQUEST,
    Why.NOT_ARRIVALS: HTTPStatus.BAD_REQUEST,
    Why.EMPTY: HTTPStatus.BAD_REQUEST,
    Why.TOO_MANY: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Why.BAD_ITEM: HTTPStatus.BAD_REQUEST,
    Why.LEDGER_AWAY: HTTPStatus.SERVICE_UNAVAILABLE,
    Why.NO_SUCH_PLACE: HTTPStatus.NOT_FOUND,
    Why.WRONG_METHOD: HTTPStatus.METHOD_NOT_ALLOWED,
    Why.BROKEN: HTTPStatus.INTERNAL_SERVER_ERROR,
}


class Declined(Exception):
    """A message that was not taken. Nothing of it is kept: the sender still has it.

    ``facts`` fill the sentence; ``items`` says what is wrong with each thing in it;
    ``retry_after`` in seconds.
    """

    def __init__(
        self,
        why: Why,
        *,
        retry_after: int | None = None,
        items: Sequence[Mapping[str, str]] = (),
        facts: Mapping[str, object] = NO_FACTS,
    ) -> None:
        super().__init__(str(why))
        self.why = why
        self.retry_after = retry_after
        self.items = items
        self.facts = facts
