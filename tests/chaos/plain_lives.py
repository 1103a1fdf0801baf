"""Lives that go straight through the stages, end early, or come back once."""

from juanchi.domain.clue import Received
from juanchi.domain.place import Place
from juanchi.domain.refusal import Code
from juanchi.domain.terms import ClockName, Role, RungKind
from tests.chaos.folk import Town
from tests.chaos.life import Life


async def straight(town: Town, id_: str) -> None:
    folk = town.people(Life("straight", end="closed", reason="rated"))
    await folk.report(id_)
    await folk.do(folk.verify())
    await folk.finish()


async def noise(town: Town, id_: str) -> None:
    life = Life("noise", end="discarded", reason="advertisement")
    await town.people(life).report(id_, "special offer: discount on everything")


async def unfounded(town: Town, id_: str) -> None:
    folk = town.people(Life("unfounded", end="unfounded", reason="unfounded_on_site"))
    await folk.report(id_)
    await folk.last(folk.verify("unfounded"))


async def bad_rating(town: Town, id_: str) -> None:
    folk = town.people(Life("bad_rating", end="closed", reason="rated", reworks=1))
    await folk.report(id_, channel="web")
    await folk.handle()
    await folk.do(folk.review(), folk.rate(1))
    await folk.do(folk.review(accepted=False))
    await folk.finish()


async def unsigned(town: Town, id_: str) -> None:
    """Everything on the clock of signing rings before anybody does something."""
    folk = town.people(Life("unsigned", end="closed", reason="rated", rang=("sign",)))
    await folk.report(id_, channel="web")
    await folk.until_rang(ClockName.SIGN, RungKind.ESCALATED)
    await folk.do(folk.by_desk("press", Role.SUPERVISOR, requirement="today, please"))
    await folk.finish()


async def withdrawn(town: Town, id_: str) -> None:
    folk = town.people(Life("withdrawn", end="withdrawn", reason="withdrawn_by_reporter"))
    await folk.report(id_)
    steps = [folk.verify, folk.sign, folk.reply, folk.review]
    for step in steps[: folk.rng.randint(0, len(steps))]:
        await folk.do(step())
    await folk.last(folk.withdraw())


async def reopened(town: Town, id_: str) -> None:
    """Broken again as soon as it was closed, unless it is in the archive by then."""
    life = Life("reopened", end="closed", reason="rated")
    folk = town.people(life)
    await folk.report(id_, channel="web", nature="enquiry")
    await folk.finish()
    again = folk.action("reopen", Role.REPORTER, reason="out again")
    if await folk.tried(again, Code.ENDED):
        life.reworks = 1
        await folk.finish()


async def recurring(town: Town, id_: str) -> None:
    """Closed, and reported again at once: the second ticket is a repeated matter."""
    place = Place(region="mill", address=f"post {id_}")
    first = town.people(Life("recurring", end="closed", reason="rated"))
    await first.report(f"{id_}-a", channel="web", place=place)
    await first.finish()
    life = Life("recurring", end="closed", reason="rated", orders=1)
    life.happened |= {"recurrence_seen", "supervised"}
    second = town.people(life)
    await second.report(f"{id_}-b", channel="web", place=place)
    await second.finish()


async def undispatched(town: Town, id_: str) -> None:
    """It could be about two things, and no dispatcher looks: the backstop unit takes it."""
    life = Life("undispatched", end="closed", reason="rated", lead="rescue", rang=("dispatch",))
    folk = town.people(life)
    await folk.report(id_, "A hole and a lamp in Mill Parish, please", "web")
    await folk.until_backstop()
    await folk.finish()


async def merged(town: Town, id_: str) -> None:
    """Two clues about one lamp; the second gives its voice to the first."""
    await _one_matter(town, id_, voices=1)


async def repeated(town: Town, id_: str) -> None:
    """So many clues about one lamp that the matter is a repeated one, which brings an order."""
    survivor = await _one_matter(town, id_, voices=2)
    survivor.orders = 1
    survivor.happened |= {"supervised"}


async def _one_matter(town: Town, id_: str, voices: int) -> Life:
    life = Life("survivor", end="closed", reason="rated")
    survivor = town.people(life)
    into = await survivor.report(f"{id_}-a")
    # Whoever says that it is another ticket's matter has seen that ticket in a list.
    await town.until(into, lambda event: isinstance(event, Received))
    verified = survivor.perhaps(0.3)
    if verified:
        await survivor.do(survivor.verify())
    for number in range(voices):
        life.voices += (await _voice(town, f"{id_}-{number}", into),)
    if not verified:
        await survivor.do(survivor.verify())
    await survivor.finish()
    return life


async def _voice(town: Town, id_: str, into: str) -> str:
    voice = town.people(Life("merged", end="merged", reason="same_matter", into=into))
    ticket = await voice.report(id_)
    if voice.perhaps(0.5):
        await voice.last(voice.verify("already_handled", into=into))
    else:
        merge = voice.action("merge", Role.DISPATCHER, into=into, reason="same lamp")
        await voice.last(merge)
    return ticket
