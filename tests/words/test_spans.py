"""Lengths of time and limits in words."""

from datetime import UTC, datetime, timedelta

import pytest

from juanchi.words.spans import countdown, limit_words, span

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (timedelta(), "0 s"),
        (timedelta(seconds=-5), "0 s"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(seconds=61), "1 min 1 s"),
        (timedelta(minutes=3, seconds=20), "3 min"),
        (timedelta(hours=1, minutes=20), "1 h 20 min"),
        (timedelta(hours=7, minutes=59), "7 h"),
        (timedelta(days=2, hours=5), "2 d 5 h"),
        (timedelta(days=40), "40 d"),
    ],
)
def test_spans(length: timedelta, expected: str) -> None:
    assert span(length, "en") == expected


def test_countdowns() -> None:
    assert countdown(NOW + timedelta(hours=3), NOW, "en") == "in 3 h"
    assert countdown(NOW - timedelta(days=4), NOW, "en") == "4 d overdue"
    assert countdown(NOW - timedelta(days=1, hours=3), NOW, "zh-CN") == "已超 1 天 3 小时"


@pytest.mark.parametrize(
    ("limit", "english", "chinese"),
    [
        ("15wd", "15 working days", "15 个工作日"),
        ("1wd", "1 working day", "1 个工作日"),
        ("4wh", "4 working hours", "4 个工作时"),
        ("30m", "30 min", "30 分钟"),
        ("24h", "1 d", "1 天"),
        (
            "same_day 16:00 12:00",
            "the same day if before 16:00, else the next day 12:00",
            "16:00 前当天，否则次日 12:00",
        ),
        ("whatever", "whatever", "whatever"),
    ],
)
def test_limits(limit: str, english: str, chinese: str) -> None:
    assert limit_words(limit, "en") == english
    assert limit_words(limit, "zh-CN") == chinese
