"""``duty propose``, ``answer``, ``approve`` and their like: what people do about changes."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.bulk import Bulk
from juanchi.cli.changing import OPERATOR, print_swept, watched
from juanchi.cli.display import lang, line, t
from juanchi.cli.duty_rows import d, row_of_words, rows_of_file
from juanchi.cli.session import fail, open_ledger, run
from juanchi.domain.actor import Actor
from juanchi.domain.duty_change.actions import parse_duty_action
from juanchi.domain.duty_change.change import Origin, Proposal, Verdict
from juanchi.domain.duty_change.fit import misfits, unknown
from juanchi.domain.duty_change.gaps import key_of_ruling, of_ruling
from juanchi.domain.duty_change.machine import relive
from juanchi.domain.duty_change.rows import Rows
from juanchi.domain.lists import Pack
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.terms import Role
from juanchi.duties import Duties
from juanchi.ledger.city import current_pack
from juanchi.ledger.duty_changes import file as file_proposal
from juanchi.ledger.duty_changes import gap, read
from juanchi.runtime.settings import Settings
from juanchi.runtime.temporal import connect
from juanchi.words import named

ANSWER_WITHIN_S = 30

_Number = Annotated[str, typer.Argument(help=d("help.number"))]
_Reason = Annotated[str, typer.Option(help=d("help.reason"))]
_Note = Annotated[str, typer.Option(help=d("help.note"))]
_File = Annotated[Path | None, typer.Option("--file", help=d("help.file"))]
_Staff = Annotated[str, typer.Option(help=t("help.staff"))]
_Id = Annotated[str, typer.Option("--id", help=d("help.id"))]
_Role = Annotated[Role, typer.Option("--as", help=d("help.role"))]
_Many = list[str] | None


class _Here(NamedTuple):
    """What the commands stand on."""

    engine: AsyncEngine
    duties: Duties
    pack: Pack

    @property
    def today(self) -> date:
        return datetime.now(ZoneInfo(self.pack.timezone)).date()


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[_Here]:
    async with open_ledger(settings) as engine:
        pack, _ = await current_pack(engine)
        filing, journal = partial(file_proposal, engine), partial(read, engine)
        duties = Duties(await connect(settings), filing, journal, settings.queue("bulk"))
        yield _Here(engine, duties, pack)


def propose(
    *,
    item: Annotated[str, typer.Option(help=d("help.item"))] = "",
    region: Annotated[str, typer.Option(help=d("help.region"))] = "*",
    lead: Annotated[str, typer.Option(help=d("help.lead"))] = "",
    assisting: Annotated[_Many, typer.Option(help=d("help.assisting"))] = None,
    mandatory: Annotated[_Many, typer.Option(help=d("help.mandatory"))] = None,
    basis: Annotated[str, typer.Option(help=d("help.basis"))] = "",
    valid_to: Annotated[str, typer.Option(help=d("help.valid_to"))] = "",
    replace: Annotated[bool, typer.Option("--replace", help=d("help.replace"))] = False,
    end: Annotated[bool, typer.Option("--end", help=d("help.end"))] = False,
    file: _File = None,
    from_ruling: Annotated[str, typer.Option(help=d("help.from_ruling"))] = "",
    doctor: Annotated[bool, typer.Option("--doctor", help=d("help.from_doctor"))] = False,
    reason: _Reason = "",
    unit: Annotated[_Many, typer.Option(help=d("help.unit"))] = None,
    role: _Role = Role.DISPATCHER,
    staff: _Staff = "",
    id_: _Id = "",
) -> None:
    if sum(map(bool, (item, file, from_ruling))) != 1:
        fail(d("one_of"))
    row = {"item": item, "region": region, "lead": lead, "basis": basis, "valid_to": valid_to}
    helpers = {"assisting": assisting or [], "mandatory": mandatory or []}

    async def work(settings: Settings) -> None:
        async with _opened(settings) as here:
            if from_ruling:
                number = await _of_ruling(here, from_ruling)
            else:
                typed = partial(row_of_words, {**row, **helpers}, replace=replace, end=end)
                rows = rows_of_file(file) if file else typed()
                _fit(here, rows, unit or ())
                if not (reason or basis).strip():
                    raise Refused(Code.MISSING_REASON)
                proposal = Proposal(
                    rows=rows,
                    reason=reason or basis,
                    by=Actor(role=role, staff=staff),
                    origin=Origin.DOCTOR if doctor else Origin.HAND,
                    units=tuple(unit or ()),
                )
                key = f"hand/{id_ or uuid.uuid4().hex}"
                number = await here.duties.propose(key, proposal)
        line(d("proposed_as", number=number), "green")

    run(work)


def _fit(here: _Here, rows: Rows, units: Sequence[str]) -> None:
    """Refused: by the first thing for which it could not be in force today."""
    for misfit in (*misfits(here.pack, rows, here.today), *unknown(here.pack, units)):
        raise misfit.refused()


async def _of_ruling(here: _Here, ruling: str) -> str:
    """The change of a ruling that found a gap: the one that the watch begins, if it has."""
    found = await gap(here.engine, ruling)
    if found is None:
        raise Refused(
            Code.BAD_INPUT, where="--from-ruling", problem=d("no_ruling", ruling=ruling[:60])
        )
    key = key_of_ruling(found.ticket_id, found.ruling)
    return await here.duties.propose(key, of_ruling(found, here.pack, here.today))


def consult(
    number: _Number,
    *,
    unit: Annotated[list[str], typer.Option(help=d("help.unit"))],
    note: _Note = "",
    role: _Role = Role.DISPATCHER,
    staff: _Staff = "",
    id_: _Id = "",
) -> None:
    _act(number, "consult", Actor(role=role, staff=staff), id_, units=unit, note=note)


def answer(
    number: _Number,
    *,
    unit: Annotated[str, typer.Option(help=d("help.as_unit"))],
    agree: Annotated[bool, typer.Option("--agree/--object", help=d("help.agree"))],
    reason: _Reason = "",
    alternative: Annotated[str, typer.Option(help=d("help.alternative"))] = "",
    lead: Annotated[str, typer.Option(help=d("help.instead"))] = "",
    staff: _Staff = "",
    id_: _Id = "",
) -> None:
    _act(
        number,
        "answer",
        _actor(Role.UNIT, staff, unit),
        id_,
        stance="agree" if agree else "object",
        reason=reason,
        alternative=alternative,
        lead=lead or None,
    )


def opinion(
    number: _Number,
    verdict: Annotated[Verdict, typer.Argument(help=d("help.verdict"))],
    *,
    note: _Note = "",
    file: _File = None,
    staff: _Staff = "",
    id_: _Id = "",
) -> None:
    who = _actor(Role.STAFFING, staff)
    _act(number, "opinion", who, id_, file, verdict=verdict, note=note)


def approve(
    number: _Number,
    *,
    in_force: Annotated[str, typer.Option(help=d("help.in_force"))],
    note: _Note = "",
    as_amended: Annotated[bool, typer.Option("--as-amended", help=d("help.as_amended"))] = False,
    file: _File = None,
    staff: _Staff = "",
    id_: _Id = "",
) -> None:
    who = _actor(Role.APPROVER, staff)
    said: dict[str, Any] = {"in_force_on": in_force, "note": note, "as_amended": as_amended}
    _act(number, "approve", who, id_, file, **said)


def reject(number: _Number, *, reason: _Reason, staff: _Staff = "", id_: _Id = "") -> None:
    _act(number, "reject", _actor(Role.APPROVER, staff), id_, reason=reason)


def postpone(
    number: _Number,
    *,
    until: Annotated[str, typer.Option(help=d("help.until"))],
    reason: _Reason,
    staff: _Staff = "",
    id_: _Id = "",
) -> None:
    _act(number, "postpone", _actor(Role.APPROVER, staff), id_, until=until, reason=reason)


def withdraw(
    number: _Number,
    *,
    reason: _Reason,
    role: _Role = Role.DISPATCHER,
    staff: _Staff = "",
    id_: _Id = "",
) -> None:
    _act(number, "withdraw", Actor(role=role, staff=staff), id_, reason=reason)


def _actor(role: Role, staff: str, unit: str | None = None) -> Actor:
    return Actor(role=role, staff=staff, unit=unit)


def _act(
    number: str, kind: str, actor: Actor, id_: str, file: Path | None = None, **fields: Any
) -> None:
    async def work(settings: Settings) -> None:
        data = {"kind": kind, "id": id_ or uuid.uuid4().hex, "at": datetime.now(UTC), **fields}
        if file:
            data["rows"] = rows_of_file(file)
        action = parse_duty_action({**data, "actor": actor})
        async with _opened(settings) as here:
            try:
                async with asyncio.timeout(ANSWER_WITHIN_S):
                    taken = await here.duties.act(number, action)
            except TimeoutError:
                fail(t("no_answer", seconds=ANSWER_WITHIN_S, id=action.id))
        word = named("duty_action", kind, lang())
        line(d("done", action=word, version=taken.version), "green")

    run(work)


def move(
    number: _Number,
    *,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help=d("help.wait"))] = True,
) -> None:
    async def work(settings: Settings) -> int:
        async with _opened(settings) as here:
            entries = await read(here.engine, number)
        if not entries:
            raise Refused(Code.NO_SUCH_CHANGE, number=number[:60])
        change = relive([entry.event for entry in entries])
        bulk = Bulk(await connect(settings), settings.queue("bulk"))
        reason = d("move_reason", number=number)
        sweeps = await bulk.move(change, reason, OPERATOR, here.pack)
        if not sweeps:
            line(d("no_duties"), "dim")
        failed = 0
        for sweep in sweeps:
            if wait:
                swept = await watched(sweep, "moving")
                failed = print_swept(swept, "moved", f"duty move {number}") or failed
            else:
                line(d("moving", id=sweep.id))
        return failed

    run(work)
