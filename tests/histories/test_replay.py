"""What a released version has begun, this version goes on with."""

import json
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from juanchi.runtime.sandbox import runner
from tests.lives import LIVES
from workflows.admission import AdmissionWorkflow
from workflows.channel_watch import ChannelWatch
from workflows.duty_change import DutyChangeWorkflow
from workflows.ticket import TicketWorkflow

WORKFLOWS = [TicketWorkflow, DutyChangeWorkflow, ChannelWatch, AdmissionWorkflow]

OTHERS = ("escalated", "months", "duty_change", "channel_watch", "admission")

HERE = Path(__file__).parent
RECORDED = sorted(HERE.glob("*/*.json"))


def test_every_life_is_recorded() -> None:
    """A new way through the stages comes with its history."""
    newest = max((file.parent for file in RECORDED), key=lambda folder: folder.name)
    missing = {*LIVES, *OTHERS} - {file.stem for file in newest.glob("*.json")}
    assert not missing, f"record them: make histories VERSION=... ({sorted(missing)})"


@pytest.mark.parametrize("file", RECORDED, ids=lambda file: f"{file.parent.name}/{file.stem}")
async def test_replay(file: Path) -> None:
    history = WorkflowHistory.from_json(file.stem, file.read_text())
    replayer = Replayer(
        workflows=WORKFLOWS,
        workflow_runner=runner(shared=()),
        data_converter=pydantic_data_converter,
    )
    await replayer.replay_workflow(history)


async def test_a_changed_history_does_not_replay() -> None:
    """The replay can fail: a history in which a step is missing is caught."""
    file = next(file for file in RECORDED if file.stem == "straight")
    data = json.loads(file.read_text())
    marker = next(event for event in data["events"] if "markerRecordedEventAttributes" in event)
    data["events"].remove(marker)
    replayer = Replayer(
        workflows=WORKFLOWS,
        workflow_runner=runner(shared=()),
        data_converter=pydantic_data_converter,
    )
    history = WorkflowHistory.from_json(file.stem, data)
    outcome = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    assert outcome.replay_failure is not None
