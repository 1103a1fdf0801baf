"""Changes of the lists, told: rows, consultation, opinion, approval, and how they enter."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from juanchi.domain.duties import ANY, ROLE
from juanchi.domain.duty_change.approval import ChangeApproved, ChangePostponed, OpinionGiven
from juanchi.domain.duty_change.consultation import (
    ConsultationOver,
    UnitAnswered,
    UnitsConsulted,
    UnitsSilent,
)
from juanchi.domain.duty_change.entering import ChangeInForce, ChangeUnfit, DateCome
from juanchi.domain.duty_change.fit import Misfit
from juanchi.domain.duty_change.proposal import ChangeProposed, ChangeSurveyed
from juanchi.domain.duty_change.rows import (
    AddDuty,
    AnyRow,
    EndDuty,
    EndHandling,
    EndItem,
    ReplaceDuty,
    SetHandling,
    SetItem,
)
from juanchi.domain.moving import MovedToList
from juanchi.words.catalogue import comma, say, tell
from juanchi.words.spans import limit_words, span
from juanchi.words.telling.voice import Detail, Facts, Tells, Voice

tells = Tells()


def row_told(row: AnyRow, voice: Voice) -> str:
    """What a row of a change does, in one line."""
    return say(f"duty_row.{row.kind}", voice.lang, **_facts(row, voice))


def _facts(row: AnyRow, voice: Voice) -> Facts:
    match row:
        case AddDuty() | ReplaceDuty():
            return {
                "item": _item(row.item, voice),
                "region": _region(row.region, voice),
                "lead": _who(row.lead, voice),
                "assisting": comma(voice.lang).join(_who(who, voice) for who in row.assisting),
                "basis": row.basis,
                "until": voice.day(row.valid_to),
            }
        case EndDuty():
            return {"item": _item(row.item, voice), "region": _region(row.region, voice)}
        case SetItem():
            return {"item": row.item.code, "name": row.item.name}
        case EndItem():
            return {"item": _item(row.item, voice)}
        case SetHandling():
            terms = row.handling
            return {
                "unit": _who(terms.unit, voice),
                "item": _item(terms.item, voice),
                "limit": limit_words(str(terms.limit), voice.lang) if terms.limit else "",
                "evidence": voice.wanted(terms.evidence),
            }
        case EndHandling():
            return {"unit": _who(row.unit, voice), "item": _item(row.item, voice)}


def _item(item: str, voice: Voice) -> str:
    return say("duty_row.every_item", voice.lang) if item == ANY else voice.names.item(item)


def _region(region: str, voice: Voice) -> str:
    return say("duty_row.everywhere", voice.lang) if region == ANY else voice.names.region(region)


def _who(who: str, voice: Voice) -> str:
    if who == ANY:
        return say("duty_row.every_unit", voice.lang)
    return who if who.startswith(ROLE) else voice.names.unit(who)


def _rows(rows: Iterable[AnyRow], voice: Voice) -> Iterator[Detail]:
    for row in rows:
        yield "duty.row", row_told(row, voice)


def _misfits(misfits: Iterable[Misfit], voice: Voice) -> Iterator[Detail]:
    for misfit in misfits:
        yield "duty.misfit", tell(misfit.refused(), voice.lang)


@tells.sentence(ChangeProposed)
def _proposed(event: ChangeProposed, voice: Voice) -> Facts:
    proposal = event.proposal
    origin = voice.word("duty_origin", proposal.origin)
    return {"number": event.number, "origin": origin, "ruling": proposal.ruling}


@tells.beside(ChangeProposed)
def _what(event: ChangeProposed, voice: Voice) -> Iterator[Detail]:
    yield from _rows(event.proposal.rows, voice)
    yield "timeline.reason", event.proposal.reason
    yield "duty.ticket", event.proposal.ticket_id


@tells.sentence(ChangeSurveyed)
def _surveyed(event: ChangeSurveyed, voice: Voice) -> Facts:
    key = "unfit" if event.misfits else "units" if event.units else "none"
    units = voice.units(event.units)
    return {"surveyed": say(f"duty.surveyed_{key}", voice.lang, units=units)}


@tells.beside(ChangeSurveyed, ChangeUnfit)
def _why_not(event: ChangeSurveyed | ChangeUnfit, voice: Voice) -> Iterator[Detail]:
    yield from _misfits(event.misfits, voice)


@tells.sentence(UnitsConsulted, UnitsSilent)
def _asked(event: UnitsConsulted | UnitsSilent, voice: Voice) -> Facts:
    return {"units": voice.units(event.units)}


@tells.sentence(UnitAnswered)
def _answered(event: UnitAnswered, voice: Voice) -> Facts:
    return {
        "unit": voice.names.unit(event.unit),
        "stance": voice.word("stance", event.stance),
        "late": say("duty.late", voice.lang) if event.late else "",
    }


@tells.beside(UnitAnswered)
def _answer(event: UnitAnswered, voice: Voice) -> Iterator[Detail]:
    yield "timeline.reason", event.reason
    yield "duty.alternative", event.alternative
    yield "duty.instead_lead", voice.names.unit(event.lead)


@tells.sentence(ConsultationOver)
def _over(event: ConsultationOver, voice: Voice) -> Facts:
    return {
        "agreed": str(event.agreed),
        "objected": str(event.objected),
        "silent": str(event.silent),
    }


@tells.sentence(OpinionGiven)
def _opinion(event: OpinionGiven, voice: Voice) -> Facts:
    return {"verdict": voice.word("opinion_verdict", event.verdict)}


@tells.beside(OpinionGiven)
def _amended(event: OpinionGiven, voice: Voice) -> Iterator[Detail]:
    yield "timeline.note", event.note
    yield from _rows(event.rows, voice)


@tells.sentence(ChangeApproved)
def _approved(event: ChangeApproved, voice: Voice) -> Facts:
    changed = say("duty.with_other_rows", voice.lang) if event.changed else ""
    return {"day": voice.day(event.in_force_on), "changed": changed}


@tells.beside(ChangeApproved)
def _as_approved(event: ChangeApproved, voice: Voice) -> Iterator[Detail]:
    yield "timeline.note", event.note
    if event.changed:
        yield from _rows(event.rows, voice)


@tells.sentence(ChangePostponed)
def _postponed(event: ChangePostponed, voice: Voice) -> Facts:
    return {"day": voice.day(event.until)}


@tells.sentence(DateCome)
def _date_come(event: DateCome, voice: Voice) -> Facts:
    late = span(timedelta(seconds=event.late_s), voice.lang) if event.late_s else ""
    return {"late": late}


@tells.sentence(ChangeInForce)
def _in_force(event: ChangeInForce, voice: Voice) -> Facts:
    return {"batch": str(event.batch), "lists": event.lists_version}


@tells.sentence(MovedToList)
def _moved(event: MovedToList, voice: Voice) -> Facts:
    return {"unit": voice.names.unit(event.unit)}
