"""One look for every log line, whoever wrote it.

structlog and the standard library end in the same renderer, so that `workflow.logger` (the only
logger that is safe inside a workflow's sandbox) reads like the rest. Contact data never belongs
in a log: fields that carry it are dropped by name, and what looks like a phone or identity
number is masked wherever it stands.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any, Final, TextIO

import structlog
import temporalio.activity
import temporalio.workflow
from structlog.typing import EventDict, Processor, WrappedLogger

from juanchi.runtime.settings import Settings

PRIVATE_FIELDS: Final = frozenset(
    {"reporter", "reporter_name", "contact", "contacts", "phone", "mobile", "email", "id_card"}
)
_MASK: Final = "***"
# Mainland mobile and identity numbers; the guards keep hashes and longer ids whole.
_NUMBERS: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:\d{17}[\dXx]|(?:\+?86[- ]?)?1[3-9]\d{9})(?![0-9A-Za-z])"
)
_NOISY: Final = {"httpx": logging.WARNING, "httpcore": logging.WARNING, "asyncio": logging.WARNING}


def configure_logging(settings: Settings, stream: TextIO | None = None) -> None:
    """Send all logging to `stream` (standard error), as text for people or one JSON a line.

    May be called again: the last call counts.
    """
    target = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        _lift_temporal,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_contact_data,
    ]
    if settings.log_json:
        # Before the last cleaning, for a traceback may quote a message.
        rendering: list[Processor] = [
            structlog.processors.format_exc_info,
            _without_contact_data,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    else:
        rendering = [
            structlog.processors.format_exc_info,
            _without_contact_data,
            structlog.dev.ConsoleRenderer(
                colors=target.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ]

    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    for name, level in _NOISY.items():
        logging.getLogger(name).setLevel(level)

    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *(step for step in shared if not isinstance(step, structlog.stdlib.ExtraAdder)),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        # A cached logger would keep the configuration of an earlier call.
        cache_logger_on_first_use=False,
    )
    # Temporal appends its context to the message as text; it comes as fields already.
    temporalio.workflow.logger.workflow_info_on_message = False
    temporalio.activity.logger.activity_info_on_message = False


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return a structlog logger; inside workflows use `workflow.logger` instead."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


_LIFTED: Final = (
    "workflow_id",
    "run_id",
    "workflow_type",
    "activity_type",
    "attempt",
    "task_queue",
)


def _lift_temporal(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Turn Temporal's nested context into plain fields, the few that help."""
    for key in ("temporal_workflow", "temporal_activity"):
        details = event.pop(key, None)
        if isinstance(details, Mapping):
            for name in _LIFTED:
                if name in details:
                    event.setdefault(name, details[name])
    return event


def _without_contact_data(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    for key, value in event.items():
        if not key.startswith("_"):
            event[key] = _MASK if key.lower() in PRIVATE_FIELDS else _masked(value)
    return event


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return _NUMBERS.sub(_MASK, value)
    if isinstance(value, Mapping):
        return {
            key: _MASK if str(key).lower() in PRIVATE_FIELDS else _masked(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_masked(inner) for inner in value]
    return value
