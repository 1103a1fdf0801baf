"""What a ruling that found a gap would put into the list, as a proposal."""

from datetime import date

from juanchi.domain.actor import ENGINE
from juanchi.domain.base import Key, Value
from juanchi.domain.duties import ANY
from juanchi.domain.duty_change.change import Origin, Proposal
from juanchi.domain.duty_change.rows import AddDuty, ReplaceDuty, in_force
from juanchi.domain.lines import ProposalLine
from juanchi.domain.lists import Pack


class Filed(Value):
    """A proposal that has its number: the same key has the same number for ever."""

    key: Key
    number: str
    proposal: Proposal


def key_of_ruling(ticket_id: str, ruling: str) -> str:
    """What names the proposal of a ruling: it becomes one change, however it is found."""
    return f"ruling/{ticket_id}/{ruling}"[-200:]


def of_ruling(line: ProposalLine, pack: Pack, on: date) -> Proposal:
    """A ruling's proposal: a row for its item and region, in place of the one in force, if any."""
    row = AddDuty(
        item=line.item,
        region=line.region or ANY,
        lead=line.lead,
        assisting=tuple(unit for unit in line.assisting if unit != line.lead),
        basis=line.basis[:200],
    )
    if in_force(pack.duties, row.key, on):
        replaced = ReplaceDuty(**row.model_dump(exclude={"kind"}))
        return _proposal(line, replaced)
    return _proposal(line, row)


def _proposal(line: ProposalLine, row: AddDuty | ReplaceDuty) -> Proposal:
    return Proposal(
        rows=(row,),
        reason=line.basis,
        by=ENGINE,
        origin=Origin.RULING,
        ruling=line.ruling,
        ticket_id=line.ticket_id[:200],
    )
