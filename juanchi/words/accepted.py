"""The language that somebody's program asks for over HTTP."""

from juanchi.words.catalogue import CHINESE, ENGLISH

_MOST = 20


def accepted(header: str, otherwise: str = ENGLISH) -> str:
    """The language that an ``Accept-Language`` likes best of those there are."""
    best, liked = otherwise, 0.0
    for one in header.split(",", _MOST)[:_MOST]:
        tag, _, weight = one.partition(";")
        name = tag.strip().lower().partition("-")[0]
        lang = {"zh": CHINESE, "en": ENGLISH, "*": otherwise}.get(name)
        quality = _quality(weight)
        if lang is not None and quality > liked:
            best, liked = lang, quality
    return best


def _quality(weight: str) -> float:
    name, _, value = weight.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
