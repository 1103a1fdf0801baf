"""The one place that knows how the time-skipping server is started.

The feature is experimental and its flags are being renamed: when the server changes, this file
changes and nothing else.
"""

from __future__ import annotations

from typing import Final

from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from juanchi.runtime import attributes
from juanchi.runtime.embedded_temporal import DYNAMIC_CONFIG, temporal_program

_TIME_SKIPPING: Final = {
    "frontend.WorkflowTimeSkippingEnabled": "true",
    # The timer queue looks ahead this far: 1 s by default, which every skip would then cost.
    "history.timerProcessorMaxTimeShift": '"10ms"',
    # A run that was continued as new within a second of real time would wait for its first task,
    # and virtual time would pass meanwhile.
    "history.workflowIdReuseMinimalInterval": '"0s"',
    # A long life in a test is continued as new as one of years would be.
    "limit.historyCount.suggestContinueAsNew": "150",
}


async def start_time_skipping() -> WorkflowEnvironment:
    """Start a server whose workflows each have a virtual clock; shut it down when done.

    Start workflows through its `client`. The clocks of different workflows diverge.
    """
    arguments = []
    for key, value in {**DYNAMIC_CONFIG, **_TIME_SKIPPING}.items():
        arguments += ["--dynamic-config-value", f"{key}={value}"]
    return await WorkflowEnvironment.start_time_skipping_v2(
        dev_server_existing_path=temporal_program(),
        dev_server_extra_args=arguments,
        dev_server_log_level="error",
        data_converter=pydantic_data_converter,
        search_attributes=list(attributes.ALL),
    )
