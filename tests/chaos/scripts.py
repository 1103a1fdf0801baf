"""The lives that a storm blows through, and how often each of them is lived."""

from collections.abc import Awaitable, Callable

from tests.chaos import disputed_lives as disputes
from tests.chaos import plain_lives as plain
from tests.chaos import pressed_lives as pressed
from tests.chaos.folk import Town

Script = Callable[[Town, str], Awaitable[None]]

MIX: tuple[Script, ...] = (
    *(disputes.disputed, plain.straight, pressed.laddered, plain.merged, pressed.extended),
    *(disputes.second_unit, plain.bad_rating, pressed.held, plain.withdrawn, pressed.assisted),
    *(disputes.redispatched, plain.straight, pressed.whistled, plain.unsigned, pressed.raised),
    *(disputes.backstopped, plain.noise, pressed.reworked, plain.repeated, plain.straight),
    *(disputes.undecided, plain.unfounded, pressed.rating_appealed, plain.reopened),
    *(disputes.given_up, plain.withdrawn, pressed.ordered, plain.straight, disputes.disputed),
    *(plain.recurring, plain.straight, disputes.ruled_before, plain.withdrawn),
    *(plain.undispatched, plain.straight, plain.unfounded, plain.straight),
)
"""One round of scripts: more than half of its tickets know a dispute, a request or an order."""

TICKETS: dict[Script, int] = {
    plain.merged: 2,
    plain.repeated: 3,
    plain.recurring: 2,
    disputes.ruled_before: 2,
}
"""How many tickets a script makes, if not one."""
