"""A ticket that goes through everything supervision can do, in Tinytown, on the pure core.

Unsigned, returned twice, ruled, appealed, extended, held, whistled for, escalated to the last rung,
replied, sent back, rated badly, reworked three times, closed, reopened and archived.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from itertools import count
from typing import Any

from juanchi.domain.actions import parse_action
from juanchi.domain.lists import Pack
from juanchi.domain.policy import Policy
from juanchi.domain.terms import Role
from juanchi.domain.ticket import Clue, Reporter
from juanchi.intake.tools import Tools
from juanchi.packs.read import read_pack
from tests.pure import TINYTOWN, PureEngine

BEGINS = datetime(2026, 6, 1, 9, 40, tzinfo=UTC)

ROADS, BINS, WARDENS, DESK = "roads", "bins", "warden-mill", "town-desk"
BEFORE = {"kind": "site_before", "ref": "photo-2.jpg"}
AFTER = {"kind": "site_after", "ref": "photo-7.jpg"}

_ORDERS = {
    "yellow_card": {"leader": "lead/deputy_head", "requirement": "Say why it is late."},
    "red_card": {
        "leader": "lead/head",
        "requirement": "See to it yourself.",
        "copies": ["lead/deputy_head"],
    },
    "reported": {
        "leader": "centre/mayor",
        "requirement": "For a decision.",
        "copies": ["lead/head"],
    },
}
_LADDER = [
    {"kind": "reminder", "at": "50%"},
    {"kind": "warning", "at": "80%|due-1wd"},
    {"kind": "overdue", "at": "due"},
    {"kind": "escalated", "at": "due+1wd", "tell": ["lead/head", "centre/duty_leader"]},
    {"kind": "yellow_card", "at": "due+2wd", "order": _ORDERS["yellow_card"]},
    {"kind": "red_card", "at": "due+3wd", "order": _ORDERS["red_card"]},
    {"kind": "reported", "at": "due+6wd", "order": _ORDERS["reported"]},
]
_TRIGGERS = {
    "refusing": {"level": "yellow_card", "order": _ORDERS["yellow_card"]},
    "reworks": {"level": "reported", "order": _ORDERS["reported"]},
}


def stern_town() -> Pack:
    """Tinytown with a long ladder, and with names for those who lead its units."""
    pack = read_pack(TINYTOWN)
    policy = pack.policy.model_dump(mode="json")
    policy["rungs"]["handle"] = _LADDER
    policy["terms"]["triggers"] = _TRIGGERS
    leaders = {BINS: ("head=Ada Byron", "deputy_head=Tom Paine"), ROADS: ("head=John Snow",)}
    units = tuple(
        unit.model_copy(update={"leaders": leaders.get(unit.code, ())}) for unit in pack.units
    )
    return pack.model_copy(update={"policy": Policy.model_validate(policy), "units": units})


class Saga:
    """The ticket, and how people act on it at a time of the town's clock (UTC+1 in summer)."""

    def __init__(self) -> None:
        self.pack = stern_town()
        clue = Clue(
            channel="wall",
            external_id="saga",
            text="A deep pothole in Mill Parish, by the weir. My bicycle is broken!",
            reported_at=BEGINS,
            reporter=Reporter(id="r-1"),
        )
        self.engine = PureEngine(Tools(self.pack, "tinytown@1"), clue, BEGINS)
        self._ids = count(1)

    def at(self, moment: str) -> "Saga":
        """Let time pass until a moment, such as ``06-02 10:00``."""
        until = datetime.fromisoformat(f"2026-{moment}:00+01:00")
        self.engine.pass_time(until - self.engine.now)
        return self

    def does(self, kind: str, role: Role, unit: str | None = None, /, **more: Any) -> "Saga":
        """Somebody acts."""
        now = self.engine.now
        if proofs := more.get("evidence"):
            more["evidence"] = [{**proof, "at": now} for proof in proofs]
        actor = {"role": role, "unit": unit, "staff": ""}
        action = {"kind": kind, "id": f"a{next(self._ids)}", "at": now, "actor": actor, **more}
        self.engine.act(parse_action(action))
        return self

    def unit(self, kind: str, unit: str = BINS, /, **more: Any) -> "Saga":
        """A unit acts."""
        return self.does(kind, Role.UNIT, unit, **more)

    def desk(self, kind: str, role: Role, /, **more: Any) -> "Saga":
        """A desk of the centre acts."""
        return self.does(kind, role, DESK, **more)

    def replies(self, words: str) -> "Saga":
        """The lead replies, with pictures."""
        return self.unit("reply", outcome="solved", public=words, evidence=[BEFORE, AFTER])

    def reviewed(self, note: str = "", *, accepted: bool = False) -> "Saga":
        """A checker reviews."""
        return self.desk("review", Role.CHECKER, accepted=accepted, note=note)


def _passed_on(saga: Saga) -> None:
    """Verified, dispatched, unsigned, returned twice, both times refused."""
    saga.at("06-01 14:05").does(
        "verify",
        Role.STREET_TEAM,
        WARDENS,
        verdict="confirmed",
        note="Knee-deep, next to the weir.",
        evidence=[BEFORE],
    )
    saga.at("06-02 11:05").unit(
        "request_return",
        ROADS,
        reason="It lies in the park, not in the road.",
        basis="Parks Act s.2",
        to=BINS,
    )
    saga.at("06-02 12:40").desk(
        "answer_return", Role.DISPATCHER, agreed=False, note="The list says it is yours."
    )
    saga.at("06-02 15:02").unit("sign", ROADS)
    saga.at("06-02 16:30").unit(
        "request_return",
        ROADS,
        reason="Our crew has measured it: in the park.",
        basis="Parks Act s.2",
        to=BINS,
    )
    saga.at("06-02 17:10").desk(
        "answer_return", Role.DISPATCHER, agreed=False, note="Handle it first, argue later."
    )


def _ruled(saga: Saga) -> None:
    """Heard together, ruled, appealed, ruled for good."""
    saga.at("06-03 11:00").unit("feed_back", ROADS, note="The hole is fenced off.")
    saga.at("06-03 12:00").desk(
        "consult", Role.ARBITER, units=[ROADS, BINS], note="Bring your maps."
    )
    saga.at("06-04 16:20").desk(
        "rule",
        Role.ARBITER,
        lead=BINS,
        assisting=[ROADS],
        mandatory=[ROADS],
        backstop=DESK,
        basis="It lies in the park.",
        interim_until="2026-12-31",
        gap=True,
    )
    saga.at("06-04 18:30").unit("appeal", reason="The park ends before it.")
    saga.at("06-05 10:10").unit("sign")
    saga.at("06-05 11:30").desk(
        "rule", Role.ARBITER, lead=BINS, assisting=[ROADS], basis="The park reaches to the kerb."
    )


def _delayed(saga: Saga) -> None:
    """Extended, held, whistled for, raised to urgent and put back."""
    saga.at("06-08 10:00").unit("request_extension", reason="Rain until Thursday.", days=3)
    saga.at("06-08 15:30").desk(
        "answer_extension", Role.DISPATCHER, granted=True, note="Tell the reporter."
    )
    saga.at("06-09 10:30").unit(
        "request_hold",
        reason="The weir is in flood.",
        review_on="2026-06-22",
        phase_reply="Fenced off; we mend it when the flood is gone.",
    )
    saga.at("06-09 12:00").desk("answer_hold", Role.DISPATCHER, granted=True)
    saga.at("06-23 10:00").does(
        "whistle", Role.UNIT, WARDENS, units=["rescue"], requirement="Pump it dry."
    )
    saga.at("06-23 11:30").unit("arrive", "rescue", note="Two pumps are running.")
    saga.at("06-24 10:00").desk(
        "add_assisting",
        Role.SUPERVISOR,
        units=["south-roads"],
        requirement="Lend your asphalt lorry.",
    )
    saga.at("06-25 10:00").desk(
        "set_urgency", Role.SUPERVISOR, urgency="urgent", reason="The mayor's procession passes."
    )
    saga.at("06-26 10:00").unit("arrive", note="Plates laid over the hole.")
    saga.at("06-26 18:00").desk(
        "set_urgency", Role.SUPERVISOR, urgency="general", reason="The procession has passed."
    )


def _pressed(saga: Saga) -> None:
    """Up the ladder to its last rung; the mandatory task is done, and the reply is late."""
    saga.at("07-07 10:00").desk("press", Role.SUPERVISOR, requirement="Mend it this week.")
    saga.at("07-09 10:00").unit("feed_back", note="A second crew is on it.")
    saga.at("07-14 10:00").unit("assist_reply", ROADS, note="The lane was closed for the crew.")
    saga.at("07-15 11:00").desk(
        "release_assisting", Role.DISPATCHER, units=["south-roads"], reason="No lorry is needed."
    )
    saga.at("07-20 16:00").replies("The hole is filled.")


def _reworked(saga: Saga) -> None:
    """Sent back by the checker, by a bad rating that stands, and once more."""
    saga.at("07-21 10:00").reviewed("The picture shows another hole.")
    saga.at("07-22 16:00").replies("The right picture, sorry.")
    saga.at("07-23 10:00").reviewed(accepted=True)
    rating = {"overall": 1, "speed": 1, "comment": "It is a bump now!"}
    saga.at("07-23 15:00").does("rate", Role.REPORTER, rating=rating)
    saga.at("07-23 16:30").unit("appeal_rating", reason="It is level within 2 cm.")
    saga.at("07-24 10:00").desk(
        "answer_rating_appeal", Role.CHECKER, upheld=False, note="Two is not level."
    )
    saga.at("07-24 10:10").reviewed("Make it level.")
    saga.at("07-28 17:00").replies("Levelled.")
    saga.at("07-29 10:30").reviewed("Still a bump.")
    saga.at("07-30 15:00").unit("feed_back", note="The head has been there.")
    saga.at("07-31 10:00").desk("release_order", Role.SUPERVISOR, outcome="Seen on site.")
    saga.at("07-31 16:00").replies("Milled off and laid anew.")


def _closed(saga: Saga) -> None:
    """Closed with a good rating, reopened, closed unrated, archived."""
    saga.at("08-03 10:00").reviewed(accepted=True)
    rating = {"overall": 4, "speed": 2, "effect": 5}
    saga.at("08-03 12:00").does("rate", Role.REPORTER, rating=rating)
    saga.at("08-10 09:00").does("reopen", Role.REPORTER, reason="A new hole beside it.")
    saga.at("08-12 17:00").replies("That one too.")
    saga.at("08-13 10:00").reviewed(accepted=True)
    saga.at("08-13 11:00").desk("call", Role.CHECKER, result="not_reached")
    saga.at("08-13 16:00").desk("call", Role.CHECKER, result="not_reached")
    saga.at("08-31 10:00")


_PARTS: tuple[Callable[[Saga], None], ...] = (
    _passed_on,
    _ruled,
    _delayed,
    _pressed,
    _reworked,
    _closed,
)


@cache
def saga(parts: int = len(_PARTS)) -> Saga:
    """The whole of it, or its first parts; to be looked at only."""
    lived = Saga()
    for part in _PARTS[:parts]:
        part(lived)
    return lived
