"""The one way a ticket says no."""

from enum import StrEnum


class Code(StrEnum):
    """Stable codes of refusal; every catalogue has a sentence for each."""

    BAD_INPUT = "bad_input"
    UNKNOWN_ACTION = "unknown_action"
    NOT_FOUND = "not_found"
    ENDED = "ended"
    TIME_IN_FUTURE = "time_in_future"
    STALE_VERSION = "stale_version"
    WRONG_ROLE = "wrong_role"
    WRONG_UNIT = "wrong_unit"
    WRONG_PHASE = "wrong_phase"
    UNKNOWN_UNIT = "unknown_unit"
    UNKNOWN_ITEM = "unknown_item"
    UNKNOWN_REGION = "unknown_region"
    PLACE_OUTSIDE = "place_outside"
    MISSING_EVIDENCE = "missing_evidence"
    MISSING_REASON = "missing_reason"
    MISSING_SURVIVOR = "missing_survivor"
    MERGE_INTO_ITSELF = "merge_into_itself"
    MERGING = "merging"
    OUTCOME_NOT_FOR_NATURE = "outcome_not_for_nature"
    CHECKER_HANDLED_IT = "checker_handled_it"


class Refused(Exception):
    """An action the ticket does not take. Nothing has changed.

    ``code`` is stable; ``facts`` fill the sentence that a catalogue holds for the code.
    """

    def __init__(self, code: Code, **facts: object) -> None:
        self.code = code
        self.facts = {name: str(value) for name, value in facts.items()}
        told = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        super().__init__(f"{code}: {told}" if told else str(code))
