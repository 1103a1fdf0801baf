"""What the bench counts, and what it keeps: without servers."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent, MarkerRecordedEventAttributes

from bench import core, doctor, history, messages, metropolis, recognising, recognition
from bench.load import at_work
from bench.process import Skipped
from bench.report import TARGETS, TOLD, save, show
from juanchi.domain.actions import parse_action
from juanchi.domain.lists import Pack
from juanchi.domain.ticket import Clue
from juanchi.intake.tools import Tools
from tests.intake.lessons import lessons

TASK = HistoryEvent(event_type=EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)
START = HistoryEvent(event_type=EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED)
UPDATE = HistoryEvent(event_type=EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED)
TIMER = HistoryEvent(event_type=EventType.EVENT_TYPE_TIMER_STARTED)
CANCELLED = HistoryEvent(event_type=EventType.EVENT_TYPE_TIMER_CANCELED)


def local(size: int) -> HistoryEvent:
    """A local activity that returned so many bytes."""
    result = Payloads(payloads=[Payload(data=b"x" * size)])
    return HistoryEvent(
        event_type=EventType.EVENT_TYPE_MARKER_RECORDED,
        marker_recorded_event_attributes=MarkerRecordedEventAttributes(
            marker_name="core_local_activity", details={"result": result}
        ),
    )


LIFE = [START, TASK, local(3), local(4), TIMER, TASK, UPDATE, local(5), CANCELLED, TIMER]


def test_local_activities_of_one_task_are_billed_once() -> None:
    assert history.actions(LIFE) == 6


def test_turns_begin_with_their_update() -> None:
    assert history.turns(LIFE) == [[3, 4], [5]]


def test_the_straight_life_is_made_of_actions() -> None:
    kinds = [parse_action(message).name for message in messages.straight()]
    assert kinds == ["verify", "sign", "reply", "review", "rate"]


def test_the_core_closes_a_straight_life() -> None:
    figures = core.measure(quick=True)
    assert float(figures["core_decisions_per_s"]) > 0


def test_the_made_up_city_ails() -> None:
    figures = doctor.measure(quick=True)
    assert 0 < int(figures["doctor_errors"]) < int(figures["doctor_findings"])
    assert doctor.city(50) == doctor.city(50)


async def test_every_life_is_lived_once() -> None:
    lived: list[str] = []

    async def live(name: str) -> None:
        lived.append(name)

    await at_work(live, 20, 4)
    assert len(set(lived)) == 20


def test_what_was_not_measured_stays(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    save({"noise_events": 8, "core_decisions_per_s": 23456.7}, {"date": "then"}, file)
    save({"noise_events": 9}, {"date": "now"}, file)
    kept = json.loads(file.read_text("utf-8"))
    assert kept == {"noise_events": 9, "core_decisions_per_s": 23457, "date": "now"}


@pytest.mark.parametrize(("value", "fine"), [(9, True), (10, False)])
def test_a_missed_target_is_told(value: int, fine: bool) -> None:
    told = io.StringIO()
    assert show({"noise_events": value}, {"importing": "no data"}, Console(file=told)) is fine
    assert "no data" in told.getvalue()


def test_every_target_has_its_words() -> None:
    assert set(TARGETS) <= set(TOLD)


def test_the_made_up_city_is_as_big_as_said_and_always_the_same() -> None:
    pack = metropolis.metropolis()
    assert (len(pack.items), len(pack.regions)) == (4000, 85)
    assert Pack.model_validate(pack.model_dump()) == pack
    past = metropolis.letters(pack, 20)
    assert past == metropolis.letters(pack, 20)
    units = {unit.code for unit in pack.units}
    assert {one.lead for one in past} <= units


def test_a_clue_goes_from_its_words_to_its_unit() -> None:
    pack = metropolis.metropolis(200)
    tools = Tools(pack, "metropolis@1")
    text = metropolis.letters(pack, 1)[0].text
    clue = Clue(
        channel=pack.channels[0].code, external_id="1", text=text, reported_at=metropolis.START
    )
    assert recognising.recognise(tools, clue).candidates


def test_recognition_is_skipped_without_its_data(tmp_path: Path) -> None:
    with pytest.raises(Skipped, match="JUANCHI_DATA"):
        recognition.measure(None)
    with pytest.raises(Skipped, match=r"category_7\.csv is not there"):
        recognition.measure(tmp_path)


def test_recognition_is_measured_on_folds_by_group(tmp_path: Path) -> None:
    file = tmp_path / recognition.MESSAGES
    file.parent.mkdir()
    rows = [f"{at},{text},{label},{at // 2}" for at, (text, label, _) in enumerate(lessons(80))]
    file.write_text("\n".join(["id,text,label,group", *rows]), "utf-8")
    figures = recognition.measure(tmp_path)
    assert set(figures) <= set(TOLD)
    assert 0.9 < float(figures["category_macro_f1"]) <= 1
    assert float(figures["category_macro_f1_reference"]) > 0.8
