"""One look for every line, and nobody's phone number in it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
import temporalio.workflow

from juanchi.runtime.logging import configure_logging, get_logger
from juanchi.runtime.settings import Settings


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging(Settings(log_json=True, log_level="INFO"), stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def read(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_both_kinds_of_logger_give_the_same_fields(lines: io.StringIO) -> None:
    get_logger("a").info("已签收", unit="SZ-01")
    logging.getLogger("a").info("已签收", extra={"unit": "SZ-01"})

    ours, theirs = read(lines)
    assert ours.pop("timestamp")
    assert theirs.pop("timestamp")
    assert ours == theirs == {"event": "已签收", "unit": "SZ-01", "level": "info", "logger": "a"}


def test_temporal_context_becomes_plain_fields(lines: io.StringIO) -> None:
    context = {"workflow_id": "ticket/12345/1", "namespace": "default", "attempt": 1}
    logging.getLogger("t").info("armed", extra={"temporal_workflow": context})

    (line,) = read(lines)
    assert line["workflow_id"] == "ticket/12345/1"
    assert "temporal_workflow" not in line
    assert temporalio.workflow.logger.workflow_info_on_message is False


def test_contact_data_is_masked(lines: io.StringIO) -> None:
    log = get_logger("c")
    log.info(
        "call 13800138000 now", phone="13800138000", body={"contact": "张", "n": ["+8613912345678"]}
    )
    log.info("id 11010519491231002X", ticket="SZ-20261122-000123", digest="a13800138000b")
    try:
        raise ValueError("13800138000")
    except ValueError:
        log.exception("failed")

    text = lines.getvalue()
    first, second, third = read(lines)
    assert "13912345678" not in text
    assert "张" not in text
    assert first["event"] == "call *** now"
    assert first["phone"] == "***"
    assert second["event"] == "id ***"
    assert second["ticket"] == "SZ-20261122-000123"
    assert second["digest"] == "a13800138000b"
    assert "ValueError: ***" in str(third["exception"])


def test_console_lines_are_masked_too() -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    try:
        configure_logging(Settings(log_json=False), stream)
        try:
            raise ValueError("13800138000")
        except ValueError:
            logging.getLogger("x").exception("call 13800138000")
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
    assert "call ***" in stream.getvalue()
    assert "13800138000" not in stream.getvalue()
