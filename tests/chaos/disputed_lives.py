"""Lives of matters that units pass on: returned, refused, arbitrated, appealed, ruled."""

from juanchi.domain.refusal import Code
from juanchi.domain.terms import ClockName, RungKind
from tests.chaos.folk import Folk, Town
from tests.chaos.life import Life

BIN = "The bin is overflowing in Mill Parish, please"


async def disputed(town: Town, id_: str) -> None:
    """Refused twice, so it is ruled; the ruled unit appeals, and then it is ruled for good."""
    life = Life("disputed", end="closed", reason="rated", rulings=2, orders=1)
    folk = town.people(life)
    await folk.report_sign(id_)
    for _ in range(2):
        await folk.do(folk.request_return("bins"), folk.answer_return(agreed=False))
    await folk.argue()
    await folk.do(folk.rule("bins"))
    folk.lead_is("bins")
    await folk.denied(folk.request_return("roads"), Code.RULED_MAY_NOT_RETURN)
    await _appealed(folk)
    await folk.finish()


async def _appealed(folk: Folk) -> None:
    await folk.do(folk.appeal())
    await folk.argue(ClockName.APPEAL)
    final = folk.rng.choice(("bins", "rescue"))
    await folk.do(folk.rule(final))
    if final != folk.life.lead:
        folk.lead_is(final)
    await folk.denied(folk.appeal(), Code.RULED_FINALLY)
    await folk.denied(folk.request_return("roads"), Code.RULED_MAY_NOT_RETURN)
    await folk.denied(folk.open_arbitration(), Code.RULED_FINALLY)


async def second_unit(town: Town, id_: str) -> None:
    """Another unit gets it and returns it too: that alone opens an arbitration."""
    life = Life("second_unit", end="closed", reason="rated", rulings=1, orders=1)
    folk = town.people(life)
    await folk.report_sign(id_)
    await folk.do(folk.request_return("bins"), folk.answer_return(agreed=True))
    folk.lead_is("bins")
    await folk.do(folk.request_return("roads"))
    await folk.denied(folk.answer_return(agreed=True), Code.NO_REQUEST)
    await folk.argue()
    gap = folk.perhaps(0.5)
    if gap:
        life.happened |= {"duty_change_proposed"}
    await folk.do(folk.rule("roads", gap=gap))
    folk.lead_is("roads")
    await folk.finish()


async def redispatched(town: Town, id_: str) -> None:
    """Returned with reason, perhaps when it was signed already: the other unit handles it."""
    folk = town.people(Life("redispatched", end="closed", reason="rated"))
    await folk.report_sign(id_)
    if folk.perhaps(0.4):
        await folk.do(folk.sign())
    if await folk.tried(folk.request_return("bins"), Code.RETURN_TOO_LATE):
        folk.life.happened |= {"return_agreed"}
        if folk.perhaps(0.3):
            await folk.until_rang(ClockName.RETURN, RungKind.ESCALATED)
        await folk.do(folk.answer_return(agreed=True))
        folk.lead_is("bins")
    await folk.finish()


async def backstopped(town: Town, id_: str) -> None:
    """The ruled unit does not sign: its backstop takes it, and may not return it either."""
    life = Life("backstopped", end="closed", reason="rated", rulings=1, rang=("sign",))
    folk = town.people(life)
    await folk.report_sign(id_)
    await folk.do(folk.open_arbitration(), folk.rule("bins", backstop="rescue"))
    await folk.until_backstop()
    folk.lead_is("rescue")
    await folk.denied(folk.request_return("roads"), Code.RULED_MAY_NOT_RETURN)
    await folk.finish()


async def ruled_before(town: Town, id_: str) -> None:
    """What was ruled is a precedent: the next such ticket goes to the ruled unit at once."""
    bins = {"classified": {"item": "bin-full", "lead": "bins"}}
    first = town.people(Life("ruled", end="closed", reason="rated", lead="bins", rulings=1))
    await first.report(f"{id_}-a", BIN, "web", **bins)
    await first.do(first.open_arbitration(), first.rule("rescue"))
    first.lead_is("rescue")
    await first.finish()
    life = Life("ruled_before", end="closed", reason="rated", lead="rescue")
    second = town.people(life)
    await second.report(f"{id_}-b", BIN, "web")
    await second.finish()


async def undecided(town: Town, id_: str) -> None:
    """Nobody rules before the unit has replied; perhaps nobody ever does."""
    life = Life("undecided", end="closed", reason="rated", orders=1)
    folk = town.people(life)
    await folk.report_sign(id_)
    await folk.do(folk.open_arbitration())
    await folk.argue()
    await folk.handle()
    if folk.perhaps(0.5):
        await folk.do(folk.rule("bins"))
        life.rulings = 1
    else:
        life.happened |= {"dispute_lapsed"}
    await folk.settle()


async def given_up(town: Town, id_: str) -> None:
    """The reporter withdraws while things lie over the ticket: nothing ends in silence."""
    life = Life("given_up", end="withdrawn", reason="withdrawn_by_reporter")
    folk = town.people(life)
    await folk.report_sign(id_)
    if folk.perhaps(0.5):
        await folk.do(folk.request_return("bins"))
        life.happened |= {"request_lapsed"}
    else:
        await folk.do(folk.open_arbitration())
        life.happened |= {"dispute_lapsed", "order_released"}
    if folk.perhaps(0.5):
        await folk.do(folk.sign())
        if await folk.tried(folk.request_extension(), Code.OVERDUE_ALREADY):
            life.happened |= {"request_lapsed"}
    await folk.last(folk.withdraw())
