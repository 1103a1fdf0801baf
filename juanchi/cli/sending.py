"""``report`` and ``act``: what people send in from a terminal."""

import asyncio
import json
import sys
import uuid
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.text import Text

from juanchi.cli.actions import action_table, typed
from juanchi.cli.display import lang, line, out, safe, t
from juanchi.cli.session import (
    as_ticket,
    city,
    client_on,
    fail,
    open_client,
    open_ledger,
    run,
    teller,
)
from juanchi.client import Juanchi, parse_clue
from juanchi.domain import machine
from juanchi.domain.actions import KINDS, parse_action
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.terms import Role
from juanchi.runtime.settings import Settings
from juanchi.words import named
from juanchi.words.spans import countdown
from juanchi.words.telling import Teller

ANSWER_WITHIN_S = 30
"""An action waits for the worker and the ledger; a person should learn why nothing happens."""

LONGEST_INPUT = 4_000_000
"""Characters of standard input that are read at all; the longest clue fits many times."""


def report(
    source: Annotated[str, typer.Argument(help=t("help.report_source"))] = "",
    *,
    channel: Annotated[str, typer.Option(help=t("help.channel"))] = "",
    text: Annotated[str, typer.Option(help=t("help.text"))] = "",
    id_: Annotated[str, typer.Option("--id", help=t("help.external_id"))] = "",
    place: Annotated[str, typer.Option(help=t("help.place"))] = "",
    region: Annotated[str, typer.Option(help=t("help.region"))] = "",
    lon: Annotated[float | None, typer.Option(help=t("help.lon"))] = None,
    lat: Annotated[float | None, typer.Option(help=t("help.lat"))] = None,
    contact: Annotated[str, typer.Option(help=t("help.contact"))] = "",
    reported_at: Annotated[str, typer.Option(help=t("help.reported_at"))] = "",
    urgent: Annotated[bool, typer.Option("--urgent", help=t("help.urgent"))] = False,
) -> None:
    where = {"address": place, "region": region, "lon": lon, "lat": lat}
    given = {name: value for name, value in where.items() if value not in ("", None)}
    data: dict[str, Any] = {
        "channel": channel,
        "text": text,
        "external_id": id_,
        "place": given,
        "contact": contact,
        "reported_at": reported_at,
        "urgency": "urgent" if urgent else "",
    }
    typed = {name: value for name, value in data.items() if value not in ("", {})}

    async def work(settings: Settings) -> None:
        clue = {**(_from_stdin("clue") if source == "-" else {}), **typed}
        clue.setdefault("external_id", uuid.uuid4().hex)
        clue.setdefault("reported_at", datetime.now(UTC))
        contact = clue.pop("contact", None)
        if source not in ("", "-") or not (contact is None or isinstance(contact, str)):
            raise Refused(Code.BAD_INPUT, where="report", problem=t("only_dash"))
        parsed = parse_clue(clue)
        async with open_client(settings) as juanchi:
            reported = await juanchi.report(parsed, contact=contact or None)
        line(reported.ticket_id)

    run(work)


def _print_actions(wanted: bool) -> None:
    if wanted:
        out().print(action_table(lang()))
        line(t("actions_of"), "dim")
        raise typer.Exit


def act(
    ticket: Annotated[str, typer.Argument(help=t("help.ticket"))],
    kind: Annotated[str, typer.Argument(help=t("help.kind", kinds=", ".join(KINDS)))],
    *,
    role: Annotated[Role | None, typer.Option("--as", help=t("help.role"))] = None,
    unit: Annotated[str, typer.Option(help=t("help.unit"))] = "",
    staff: Annotated[str, typer.Option(help=t("help.staff"))] = "",
    values: Annotated[list[str] | None, typer.Option("--set", help=t("help.set"))] = None,
    proof: Annotated[list[str] | None, typer.Option("--evidence", help=t("help.evidence"))] = None,
    body: Annotated[str, typer.Option("--json", help=t("help.json_body"))] = "",
    id_: Annotated[str, typer.Option("--id", help=t("help.action_id"))] = "",
    actions: Annotated[
        bool,
        typer.Option("--actions", help=t("help.actions"), is_eager=True, callback=_print_actions),
    ] = False,
) -> None:
    async def work(settings: Settings) -> None:
        now = datetime.now(UTC)
        data = _from_stdin("action") if body == "-" else _object(body or "{}", "--json")
        for pair in values or ():
            _put(data, kind, pair)
        if proof:
            data["evidence"] = [_evidence(pair, now) for pair in proof]
        data = {"id": id_ or uuid.uuid4().hex, "at": now, **data, "kind": kind}
        who: dict[str, Any] = {"role": role, "unit": unit or None, "staff": staff}
        data.setdefault("actor", {**who, "role": role or _only_role(kind)})
        action = parse_action(data)
        async with open_ledger(settings) as engine:
            juanchi = await client_on(settings, engine)
            try:
                async with asyncio.timeout(ANSWER_WITHIN_S):
                    taken = await juanchi.act(as_ticket(ticket), action)
            except TimeoutError:
                fail(t("no_answer", seconds=ANSWER_WITHIN_S, id=action.id))
            done = t("done", action=named("action", kind, lang()), version=taken.version)
            line(done, "green")
            await _where_now(juanchi, taken.ticket_id, teller(await city(engine)))

    run(work)


async def _where_now(juanchi: Juanchi, ticket_id: str, tells: Teller) -> None:
    for task in await juanchi.ball(ticket_id):
        told = Text("→ ")
        holder = tells.names.holder(task.holder)
        told.append(safe(t("now", holder=holder, task=named("task", task.kind, lang()))))
        if task.due is not None:
            told.append(f" {countdown(task.due, datetime.now(UTC), lang())}", style="dim")
        out().print(told)


def _only_role(kind: str) -> Role:
    """The role that alone may do this. Refused: unknown_action; bad_input when there are more."""
    if kind not in KINDS:
        raise Refused(Code.UNKNOWN_ACTION, kind=kind[:60])
    roles = sorted(machine.rights()[KINDS[kind]].roles)
    if len(roles) != 1:
        raise Refused(Code.BAD_INPUT, where="--as", problem=t("which_role", roles=", ".join(roles)))
    return roles[0]


def _put(data: dict[str, Any], kind: str, pair: str) -> None:
    """Set ``name=value``; ``a.b=value`` goes one level down; ``{...}`` and ``[...]`` are JSON."""
    name, equals, value = pair.partition("=")
    if not equals or not name:
        raise Refused(Code.BAD_INPUT, where="--set", problem=t("not_a_pair", pair=pair[:60]))
    *above, last = name.split(".")
    for part in above:
        data = data.setdefault(part, {})
        if not isinstance(data, dict):
            raise Refused(Code.BAD_INPUT, where="--set", problem=t("not_a_pair", pair=pair[:60]))
    if value[:1] in ("{", "["):
        data[last] = _json(value, name)
    else:
        data[last] = value if above else typed(kind, name, value)


def _evidence(pair: str, now: datetime) -> dict[str, Any]:
    kind, equals, ref = pair.partition("=")
    if not equals:
        raise Refused(Code.BAD_INPUT, where="--evidence", problem=t("not_a_pair", pair=pair[:60]))
    return {"kind": kind, "ref": ref, "at": now}


def _from_stdin(where: str) -> dict[str, Any]:
    text = sys.stdin.read(LONGEST_INPUT + 1)
    if len(text) > LONGEST_INPUT:
        raise Refused(Code.BAD_INPUT, where=where, problem=t("too_long", n=LONGEST_INPUT))
    return _object(text, where)


def _object(text: str, where: str) -> dict[str, Any]:
    found = _json(text, where)
    if not isinstance(found, dict):
        raise Refused(Code.BAD_INPUT, where=where, problem=t("not_an_object"))
    return found


def _json(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused(Code.BAD_INPUT, where=where, problem=t("not_json", problem=error)) from None
