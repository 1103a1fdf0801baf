"""Lengths of time in words: waits, countdowns and limits."""

from datetime import datetime, timedelta

from juanchi.domain.policy import Limit, LimitKind
from juanchi.words.catalogue import say

_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
_EXACT_BELOW = 3
"""Below so many of a unit the next smaller one is told too: ``2 d 5 h``, but ``3 d``."""

_UNTIL = "until "


def span(length: timedelta, lang: str) -> str:
    """A length of time as people say it: ``45 s``, ``1 h 20 min``, ``12 d``."""
    seconds = max(0, round(length.total_seconds()))
    for place, (unit, size) in enumerate(_UNITS):
        count, rest = divmod(seconds, size)
        if count or unit == "second":
            told = [say(f"span.{unit}", lang, n=count)]
            if count < _EXACT_BELOW and unit != "second":
                smaller, per = _UNITS[place + 1]
                if rest // per:
                    told.append(say(f"span.{smaller}", lang, n=rest // per))
            return " ".join(told)
    return ""


def countdown(due: datetime, now: datetime, lang: str) -> str:
    """How long until a due time, or how long it has passed."""
    left = due - now
    if left < timedelta():
        return say("span.overdue", lang, span=span(-left, lang))
    return say("span.left", lang, span=span(left, lang))


def limit_words(text: str, lang: str) -> str:
    """A limit as policies write it (``10wd``, ``same_day 16:00 12:00``), in words.

    ``until 2026-12-01`` is a day that a person has set instead.
    """
    if text.startswith(_UNTIL):
        return say("limit.until", lang, day=text.removeprefix(_UNTIL))
    try:
        limit = Limit.model_validate(text)
    except ValueError:
        return text
    match limit.kind:
        case LimitKind.ELAPSED:
            return span(limit.elapsed, lang)
        case LimitKind.SAME_DAY:
            return say(
                "limit.same_day", lang, cutoff=_clock(limit.cutoff), at=_clock(limit.else_at)
            )
        case LimitKind.WORKING_DAYS | LimitKind.WORKING_HOURS:
            form = "one" if limit.amount == 1 else "many"
            return say(f"limit.{limit.kind.value}.{form}", lang, n=f"{limit.amount:g}")


def _clock(at: object) -> str:
    return f"{at:%H:%M}" if at is not None else ""
