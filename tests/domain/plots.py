"""Plots: long ways to far places in a random life, whatever the ticket says to each step."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from juanchi.domain.ball import TaskKind, tasks
from juanchi.domain.extension import approver
from juanchi.domain.terms import Role
from juanchi.domain.ticket import Phase, Ticket
from tests.domain.sequences import YES_NO, Ask, Choose, InDays, usual

Step = Callable[[Ticket], Ask | None] | timedelta
"""What is asked when its turn comes (None: nothing to ask), or how long nobody does anything."""
Plot = Callable[[Choose], Iterator[Step]]


def forward(ticket: Ticket) -> Ask | None:
    """What moves the ticket on: the first task, or what stands in its way."""
    found = tasks(ticket)
    if not found:
        return None
    owing = next((t for t in found if t.kind is TaskKind.ASSIST), None)
    first = owing if found[0].kind is TaskKind.REPLY and owing else found[0]
    return usual(first, ticket)


def owed(kind: TaskKind, **fields: Any) -> Callable[[Ticket], Ask | None]:
    """What the holder of this task would do, with other fields."""

    def ask(ticket: Ticket) -> Ask | None:
        found = next((task for task in tasks(ticket) if task.kind is kind), None)
        made = usual(found, ticket) if found else None
        return made and made._replace(fields={**made.fields, **fields})

    return ask


def by_lead(kind: str, **fields: Any) -> Callable[[Ticket], Ask | None]:
    """What the lead unit asks."""
    return lambda ticket: Ask(kind, Role.UNIT, ticket.lead, fields)


def by_street(kind: str, **fields: Any) -> Callable[[Ticket], Ask | None]:
    """What the street asks where the matter is."""
    return lambda ticket: Ask(kind, Role.UNIT, ticket.street_team, fields)


def by(role: Role, kind: str, unit: str | None = None, **fields: Any) -> Callable[[Ticket], Ask]:
    """What somebody asks."""
    return lambda ticket: Ask(kind, role, unit, fields)


def until(*phases: Phase) -> Callable[[Ticket], Ask | None]:
    """One step on, unless the ticket is there."""
    return lambda ticket: None if ticket.phase in phases else forward(ticket)


def _goes_on(choose: Choose) -> Iterator[Step]:
    for _ in range(choose((1, 2, 4))):
        yield forward


def _to_unit() -> Iterator[Step]:
    yield from [until(Phase.UNSIGNED, Phase.HANDLING)] * 3


def _to_handling() -> Iterator[Step]:
    yield from [until(Phase.HANDLING)] * 4


def _return(to: str | None = None) -> Callable[[Ticket], Ask | None]:
    return by_lead("request_return", reason="not ours", basis="Charter 1", to=to)


def _returned(choose: Choose) -> Iterator[Step]:
    yield from _to_unit()
    for _ in range(choose((1, 2, 2, 3))):
        yield _return(choose((None, "bins")))
        yield owed(TaskKind.ANSWER_RETURN)


def _passed_on(choose: Choose) -> Iterator[Step]:
    yield from _to_unit()
    for lead in ("bins", "roads"):
        yield _return()
        yield owed(TaskKind.ANSWER_RETURN, agreed=True, lead=lead)
    yield _return()


def _disputed(choose: Choose) -> Iterator[Step]:
    yield from choose((_returned, _passed_on))(choose)
    yield by(Role.SUPERVISOR, "open_arbitration", reason="they pass it on")
    if choose(YES_NO):
        yield by(Role.ARBITER, "consult", units=["roads", "bins"])
    yield _ruling(choose)
    yield _return()
    if choose(YES_NO):
        yield by_lead("appeal", reason="wrong list")
        yield _ruling(choose)
        yield by_lead("appeal", reason="wrong again")


def _ruling(choose: Choose) -> Callable[[Ticket], Ask | None]:
    return owed(
        TaskKind.RULE,
        lead=choose(("roads", "bins", "rescue")),
        backstop=choose((None, "town-desk", "roads")),
        assisting=choose(([], ["warden-mill"])),
        gap=choose(YES_NO),
    )


def _held(choose: Choose) -> Iterator[Step]:
    yield from _to_handling()
    yield by_lead(
        "request_hold", reason="winter", review_on=InDays(choose((1, 5, 12))), phase_reply="wait"
    )
    yield owed(TaskKind.ANSWER_HOLD)
    if choose(YES_NO):
        yield by_lead("end_hold", reason="thaw")


def _extended(choose: Choose) -> Iterator[Step]:
    yield from _to_handling()
    for _ in range(choose((1, 2, 3))):
        yield by_lead("request_extension", reason="rain", days=choose((1, 3)))
        yield lambda ticket: Ask("answer_extension", approver(ticket), None, {"granted": True})


def _helped(choose: Choose) -> Iterator[Step]:
    yield from _to_unit()
    yield by(Role.DISPATCHER, "add_assisting", units=["rescue"], mandatory=["rescue"])
    yield by_street("whistle", units=["bins"], requirement="come")
    yield by_lead("reply", outcome="solved", public="mended", proof=True)
    yield owed(choose((TaskKind.ASSIST, TaskKind.TURN_UP)))


def _ordered(choose: Choose) -> Iterator[Step]:
    yield from _to_unit()
    yield by(Role.SUPERVISOR, "order", requirement="at once", leader="lead/head")
    if choose(YES_NO):
        yield owed(TaskKind.FEED_BACK)
        yield owed(TaskKind.RELEASE_ORDER)


def _storm(choose: Choose) -> Iterator[Step]:
    incident = choose(("", "storm-1"))
    yield by(Role.SYSTEM, "set_urgency", urgency="urgent", reason="storm", incident=incident)
    if choose(YES_NO):
        yield by(Role.SYSTEM, "set_urgency", urgency="general", reason="over", incident=incident)


def _reworked(choose: Choose) -> Iterator[Step]:
    yield from _to_handling()
    for _ in range(choose((1, 3, 4))):
        yield from [until(Phase.REVIEW)] * 3
        yield owed(TaskKind.REVIEW, accepted=False, note="the hole is still there")


def _ruled_and_slept_on(choose: Choose) -> Iterator[Step]:
    """Nobody signs, before the ruling or after it."""
    yield from [until(Phase.UNSIGNED)] * 3
    yield timedelta(days=choose((0, 30)))
    yield by(Role.SUPERVISOR, "open_arbitration", reason="nobody signs")
    yield _ruling(choose)
    yield timedelta(days=choose((1, 30)))


def _moved(choose: Choose) -> Iterator[Step]:
    """A unit asks for whatever it likes, and the ticket is taken from it; then by the list back."""
    yield from choose((_to_unit, _to_handling))()
    yield choose(
        (
            _return(),
            by_lead("request_extension", reason="rain", days=2),
            by(Role.SUPERVISOR, "order", requirement="at once", leader="lead/head"),
            forward,
        )
    )
    for lead in ("bins", None):
        yield by(Role.DISPATCHER, "move_to_list", reason="the list has changed", lead=lead)


def _asks_all(choose: Choose) -> Iterator[Step]:
    """All requests at once, and what may come between a request and its answer."""
    yield from _to_handling()
    yield _return("bins")
    yield by_lead("request_extension", reason="rain", days=2)
    yield by_lead("request_hold", reason="rain", review_on=InDays(9), phase_reply="wait")
    between: list[Step] = [
        by(Role.SYSTEM, "set_urgency", urgency="urgent", reason="storm"),
        by(Role.SUPERVISOR, "open_arbitration", reason="they pass it on"),
        owed(TaskKind.ANSWER_HOLD),
        owed(TaskKind.ANSWER_EXTENSION),
        owed(TaskKind.ANSWER_RETURN, agreed=True),
        owed(TaskKind.RULE),
        forward,
        timedelta(days=2),
    ]
    for _ in range(3):
        yield choose(between)


def _closes(choose: Choose) -> Iterator[Step]:
    yield from _to_handling()
    yield from [until(Phase.CLOSED)] * 5


def _rated_badly(choose: Choose) -> Iterator[Step]:
    yield from _to_handling()
    yield from [until(Phase.CALLBACK, Phase.RECHECK)] * 4
    yield owed(TaskKind.CALL_BACK, rating={"overall": 1})
    yield by_lead("appeal_rating", reason="rain")
    if choose(YES_NO):
        yield owed(TaskKind.ANSWER_RATING_APPEAL, upheld=choose(YES_NO))
    yield owed(TaskKind.REVIEW_RATING, accepted=choose(YES_NO))


def _suggested(choose: Choose) -> Iterator[Step]:
    """A suggestion is answered, and rated after it has closed; perhaps badly, perhaps twice."""
    yield by(Role.DISPATCHER, "dispatch", item="lamp", lead="roads", nature="suggestion")
    yield from _to_handling()
    outcome = choose(("adopted", "partly_adopted", "not_adopted"))
    yield by_lead("reply", outcome=outcome, public="thank you", reason=choose(("", "no money")))
    yield from [until(Phase.CLOSED)] * 2
    yield by(Role.REPORTER, "rate", rating={"overall": choose((1, 2, 5))})
    yield by(Role.REPORTER, "rate", rating={"overall": choose((1, 5))})
    if choose(YES_NO):
        yield by_lead("appeal_rating", reason="rain")
    yield owed(TaskKind.REVIEW_RATING, accepted=choose(YES_NO))
    yield by(Role.REPORTER, "rate", rating={"overall": 4})


def _comes_back(choose: Choose) -> Iterator[Step]:
    yield from _closes(choose)
    yield by(Role.REPORTER, "reopen", reason="broken again")


def _overturned(choose: Choose) -> Iterator[Step]:
    """A discard is taken up again, at once or much later."""
    yield timedelta(days=choose((0, 30)))
    yield by(
        choose((Role.DISPATCHER, Role.SUPERVISOR)),
        "overturn",
        reason="a real matter",
        place=choose((None, {"region": "mill"})),
        verify=choose(YES_NO),
    )
    yield from _to_unit()


def _proposed(choose: Choose) -> Iterator[Step]:
    """A dispatcher answers what comparing proposes; or nobody does."""
    answers: list[Step] = [
        *[owed(TaskKind.JUDGE_SAMENESS)] * 2,
        by(Role.DISPATCHER, "merge", into="ticket/web/other", reason="the same lamp"),
        timedelta(days=3),
        forward,
    ]
    yield choose(answers)
    yield from _to_unit()


def _merged_and_back(choose: Choose) -> Iterator[Step]:
    """A merge by hand is taken back, at once or when its workflow is long over."""
    yield from choose((_goes_on, _proposed))(choose)
    yield by(Role.DISPATCHER, "merge", into="ticket/wall/1", reason="the same lamp")
    yield timedelta(days=choose((0, 40)))
    yield by(Role.DISPATCHER, "unmerge", reason="another lamp")
    yield from _to_unit()


def _voiced(choose: Choose) -> Iterator[Step]:
    """Others say the same, before the reply and after it, and rate it; one speaks for itself."""
    voices = ("ticket/web/third", "ticket/web/fourth")
    yield from choose((_to_unit, _to_handling))()
    yield by(Role.SYSTEM, "absorb", voice=voices[0], urgent=choose(YES_NO))
    yield from [until(Phase.CALLBACK, Phase.RECHECK)] * 5
    if choose(YES_NO):
        yield by(Role.SYSTEM, "absorb", voice=voices[1], brings=2)
    yield from [until(Phase.CLOSED)] * choose((0, 2))
    for voice in voices:
        rating = {"overall": choose((1, 5))}
        yield by(Role.REPORTER, "rate_voice", voice=voice, rating=rating)
    if choose(YES_NO):
        yield by(Role.SYSTEM, "let_go", voice=choose(voices))
    yield owed(TaskKind.REVIEW_RATING, accepted=choose(YES_NO), note="looked at it")
    yield forward


PLOTS: Mapping[str, Plot] = {
    "goes_on": _goes_on,
    "returned": _returned,
    "passed_on": _passed_on,
    "disputed": _disputed,
    "held": _held,
    "extended": _extended,
    "helped": _helped,
    "ordered": _ordered,
    "storm": _storm,
    "asks_all": _asks_all,
    "moved": _moved,
    "ruled_and_slept_on": _ruled_and_slept_on,
    "reworked": _reworked,
    "closes": _closes,
    "rated_badly": _rated_badly,
    "comes_back": _comes_back,
    "overturned": _overturned,
    "proposed": _proposed,
    "merged_and_back": _merged_and_back,
    "voiced": _voiced,
    "suggested": _suggested,
}


@cache
def plots() -> tuple[str, ...]:
    """The names of all plots."""
    return tuple(PLOTS)
