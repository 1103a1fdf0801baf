"""Channels as somebody wrote them into a file, or typed them."""

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from juanchi.cli.display import lang
from juanchi.cli.session import holder_of, refused_value
from juanchi.domain.channels import RegisteredChannel
from juanchi.domain.limits import Limit, LimitKind
from juanchi.domain.lists import Pack
from juanchi.domain.refusal import Code, Refused
from juanchi.intake.channels.adapter import BadSettings
from juanchi.intake.channels.kinds import kind
from juanchi.intake.channels.push import check_push
from juanchi.words import say

LARGEST: Final = 4_000_000
"""Bytes of a file of channels; thousands fit."""
_SPANS: Final = ("every", "silent_after")


def c(key: str, **facts: object) -> str:
    """Words of the ``channel`` commands."""
    return say(f"channel.{key}", lang(), **facts)


def channels_of_file(path: Path) -> list[dict[str, Any]]:
    """The channels of a TOML file: one, or many in ``[[channel]]`` tables. Refused: bad_input."""
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError(f"> {LARGEST:,} bytes")
        read = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        problem = c("bad_file", problem=str(error)[:150])
        raise Refused(Code.BAD_INPUT, where=str(path)[-60:], problem=problem) from None
    many = read.get("channel", [read])
    if not isinstance(many, list) or not all(isinstance(one, dict) for one in many):
        raise Refused(Code.BAD_INPUT, where=str(path)[-60:], problem=c("no_tables"))
    return many


def channel_of(given: Mapping[str, Any], pack: Pack) -> RegisteredChannel:
    """A channel out of what was written, sound as far as can be known without its source.

    Refused: bad_input, unknown_region, unknown_unit; with what is wrong, and of which channel.
    """
    code = str(given.get("code", "?"))[:64]
    try:
        fields = dict(given) | {name: _span(given[name]) for name in _SPANS if name in given}
        channel = RegisteredChannel.model_validate(fields)
    except ValidationError as error:
        facts = refused_value(error, "channel").facts
        where, problem = f"{code}: {facts['where']}", facts["problem"]
        raise Refused(Code.BAD_INPUT, where=where, problem=problem) from None
    if channel.region and channel.region not in {region.code for region in pack.regions}:
        raise Refused(Code.UNKNOWN_REGION, names=channel.region)
    if channel.owner:
        channel = channel.model_copy(update={"owner": holder_of(channel.owner, pack)})
    _check(channel)
    return channel


def _check(channel: RegisteredChannel) -> None:
    """Refused: bad_input, when its adapter, or the door, can never work with its settings."""
    try:
        if channel.adapter:
            kind(channel.adapter).check(channel.settings)
        elif channel.settings:
            check_push(channel.settings)
    except BadSettings as bad:
        where = "adapter" if bad.where == "adapter" else f"settings.{bad.where}"
        raise Refused(
            Code.BAD_INPUT, where=f"{channel.code}: {where}", problem=bad.problem
        ) from None


def _span(written: Any) -> Any:
    """``5m`` or ``2d``; anything else is left for the value to judge."""
    if not isinstance(written, str):
        return written
    try:
        limit = Limit.model_validate(written)
    except ValueError:
        return written
    return limit.elapsed if limit.kind is LimitKind.ELAPSED else written


def written_span(span: timedelta) -> str:
    """A span as files have it."""
    return str(Limit(kind=LimitKind.ELAPSED, amount=span.total_seconds()))
