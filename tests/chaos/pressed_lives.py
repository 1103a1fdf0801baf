"""Lives under pressure: more time, on hold, help that is late, orders, the ladder to its end."""

from juanchi.domain.refusal import Code
from juanchi.domain.terms import ClockName, Role, RungKind, Urgency
from tests.chaos.folk import Folk, Town
from tests.chaos.life import Life

UNHURRIED = "complaint"
"""The nature of matters that have more time than most."""


async def extended(town: Town, id_: str) -> None:
    """More time is asked for before it is due: granted, refused, or not answered at all."""
    folk = town.people(Life("extended", end="closed", reason="rated"))
    await folk.report_sign(id_, None if folk.perhaps(0.3) else UNHURRIED)
    await folk.do(folk.sign())
    if await folk.tried(folk.request_extension(), Code.OVERDUE_ALREADY):
        await _answered(folk)
    await folk.finish()


async def _answered(folk: Folk) -> None:
    happened = folk.life.happened
    if folk.perhaps(0.3):
        await folk.until_rang(ClockName.EXTENSION, RungKind.ESCALATED)
    chance = folk.rng.random()
    if chance < 0.2:
        await folk.do(folk.answer_extension(granted=False))
        happened |= {"extension_refused"}
    elif chance < 0.4:
        happened |= {"request_lapsed"}
    else:
        await folk.do(folk.answer_extension())
        happened |= {"extension_granted"}
        if chance < 0.7:
            await folk.do(folk.request_extension(), folk.answer_extension(Role.SUPERVISOR))
            await folk.denied(folk.request_extension(), Code.EXTENDED_ENOUGH)


async def held(town: Town, id_: str) -> None:
    """On hold for a while: the handling clock stands still, and goes on."""
    folk = town.people(Life("held", end="closed", reason="rated"))
    hurried = folk.perhaps(0.5)
    await folk.report_sign(id_, None if hurried else UNHURRIED)
    await folk.do(folk.sign())
    if await folk.tried(folk.request_hold(), Code.OVERDUE_ALREADY):
        granted = folk.perhaps(0.8)
        await folk.do(folk.answer_hold(granted=granted))
        if granted:
            await _on_hold(folk, hurried=hurried)
    await folk.finish()


async def _on_hold(folk: Folk, *, hurried: bool) -> None:
    folk.life.happened |= {"hold_granted", "hold_ended"}
    await folk.denied(folk.request_extension(), Code.ON_HOLD)
    # Long enough for rungs that should not ring.
    await folk.pause(1, 4)
    if folk.perhaps(0.3):
        return  # the reply ends it
    await folk.do(folk.by_lead("end_hold", reason="it thaws"))
    if hurried and folk.perhaps(0.5):
        folk.life.orders = 1
        await folk.until_rang(ClockName.HANDLE, RungKind.REPORTED)


async def assisted(town: Town, id_: str) -> None:
    """Another unit must be done before the lead may reply, and takes its time."""
    life = Life("assisted", end="closed", reason="rated")
    folk = town.people(life)
    await folk.report_sign(id_)
    added = folk.by_desk("add_assisting", Role.DISPATCHER, units=("bins",), mandatory=("bins",))
    await folk.do(added)
    await folk.do(folk.sign())
    await folk.denied(folk.reply(), Code.MANDATORY_OPEN)
    if folk.perhaps(0.5):
        await folk.until_rang(ClockName.ASSIST, RungKind.YELLOW_CARD, "bins")
        life.orders, life.rang = 1, ("assist:bins",)
    if folk.perhaps(0.7):
        done = folk.by_unit("bins", "assist_reply", note="we closed the lane")
    else:
        done = folk.by_desk("release_assisting", Role.SUPERVISOR, units=("bins",), reason="no need")
    await folk.do(done, folk.reply())
    await folk.settle()


async def whistled(town: Town, id_: str) -> None:
    """The street's wardens whistle: one unit turns up, the other when its clock has run out."""
    life = Life("whistled", end="closed", reason="rated")
    folk = town.people(life)
    await folk.report(id_)
    await folk.do(folk.verify())
    called = folk.by_unit(
        "warden-mill", "whistle", units=("bins", "rescue"), requirement="come and see"
    )
    await folk.do(called, folk.by_unit("bins", "arrive", note="here"))
    if folk.perhaps(0.5):
        life.rang = ("whistle:rescue",)
        await folk.until_rang(ClockName.WHISTLE, RungKind.ESCALATED, "rescue")
        await folk.do(folk.by_unit("rescue", "arrive", note="at last"))
    await folk.finish()


async def laddered(town: Town, id_: str) -> None:
    """Nobody replies until the last rung, through plans made anew; the last order is answered."""
    life = Life("laddered", end="closed", reason="rated", orders=1, rang=("handle",))
    folk = town.people(life)
    await folk.report_sign(id_)
    if folk.perhaps(0.6):
        await folk.do(folk.sign())
    for rung in (RungKind.REMINDER, RungKind.ESCALATED):
        if folk.perhaps(0.5):
            await folk.until_rang(ClockName.HANDLE, rung)
            again = folk.by_desk("replan", Role.SUPERVISOR, reason="a new calendar")
            await folk.do(again)
    await folk.until_rang(ClockName.HANDLE, RungKind.REPORTED)
    await folk.answer_order()
    await folk.finish()


async def reworked(town: Town, id_: str) -> None:
    """Sent back three times: that is reported to the top."""
    life = Life("reworked", end="closed", reason="rated", reworks=3, orders=1)
    life.happened |= {"supervised"}
    folk = town.people(life)
    await folk.report_sign(id_)
    await folk.handle()
    for _ in range(3):
        await folk.do(folk.review(accepted=False), folk.reply())
    await folk.settle()


async def raised(town: Town, id_: str) -> None:
    """Urgent for a while, with shorter limits and another ladder; perhaps late on site."""
    folk = town.people(Life("raised", end="closed", reason="rated"))
    await folk.report_sign(id_)
    if folk.perhaps(0.5):
        await folk.until_rang(ClockName.HANDLE, RungKind.REMINDER)
    await folk.do(folk.set_urgency(Urgency.URGENT))
    if folk.perhaps(0.5):
        await folk.do(folk.sign())
        await folk.denied(folk.request_extension(), Code.URGENT_NOT_EXTENDED)
    if folk.perhaps(0.3):
        folk.life.rang = ("on_site",)
        await folk.until_rang(ClockName.ON_SITE, RungKind.ESCALATED)
    if folk.perhaps(0.5):
        await folk.do(folk.by_lead("arrive", note="here"))
    if folk.perhaps(0.7):
        await folk.do(folk.set_urgency(Urgency.GENERAL))
        await folk.denied(folk.set_urgency(Urgency.GENERAL), Code.ALREADY_SO)
        if folk.perhaps(0.4):
            await folk.until_rang(ClockName.HANDLE, RungKind.REPORTED)
    await folk.finish()


async def rating_appealed(town: Town, id_: str) -> None:
    """A bad rating is appealed by the unit; upheld, it does not count."""
    life = Life("rating_appealed", end="closed", reason="bad_rating_reviewed")
    folk = town.people(life)
    await folk.report_sign(id_)
    await folk.handle()
    await folk.do(folk.review(), folk.rate(1))
    upheld = folk.perhaps(0.5)
    life.rated = not upheld
    await folk.do(folk.by_lead("appeal_rating", reason="it was the weather"))
    await folk.denied(folk.by_lead("appeal_rating", reason="again"), Code.APPEALED_ALREADY)
    if folk.perhaps(0.3):
        await folk.until_rang(ClockName.RATING_APPEAL, RungKind.ESCALATED)
    answer = folk.by_desk("answer_rating_appeal", Role.CHECKER, upheld=upheld, note="we looked")
    await folk.do(answer)
    await folk.do(folk.review())


async def ordered(town: Town, id_: str) -> None:
    """Orders by hand: answered, released, superseded, and void when it is closed."""
    life = Life("ordered", end="closed", reason="rated", orders=3)
    folk = town.people(life)
    await folk.report_sign(id_)
    await folk.do(folk.order(RungKind.YELLOW_CARD))
    await folk.answer_order()
    await folk.do(folk.order(RungKind.RED_CARD))
    if folk.perhaps(0.3):
        await folk.until_rang(ClockName.ORDER, RungKind.ESCALATED)
    await folk.do(folk.order(RungKind.RAISED))
    await folk.finish()
