"""Checks of policies: rungs that can be told apart, and whether those they name are there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from juanchi.domain.duties import ANY, Directory
from juanchi.domain.holders import Named
from juanchi.domain.lists import Pack
from juanchi.domain.policy import Policy
from juanchi.domain.policy_holders import KeyPath, named_in
from juanchi.domain.rungs import RungSpec
from juanchi.domain.terms import ClockName, RungKind
from juanchi.packs.documents import Document
from juanchi.packs.draft import Draft
from juanchi.packs.problems import Findings, Sentence, few, quote

_ENDING = (ClockName.REOPEN, ClockName.HOLD, ClockName.SAMENESS)


@dataclass(frozen=True)
class Staff:
    """The units that a policy can name. ``lacks``: whether a unit's code is certainly unknown.

    ``directory`` is None where the lists are not sound enough to look roles up.
    """

    lacks: Callable[[str], bool]
    directory: Directory | None

    @classmethod
    def of(cls, pack: Pack) -> Self:
        """The units of a whole pack."""
        directory = Directory.of(pack)
        return cls(lambda code: code not in directory.units, directory)


def check_policies(draft: Draft, findings: Findings) -> None:
    """Note what is wrong with a pack's policies."""
    sound = findings.spotless(draft.regions.file, draft.units.file)
    directory = Directory(draft.regions.values, draft.units.values) if sound else None
    staff = Staff(draft.units.lacks, directory)
    seen: dict[tuple[str, str], str] = {}
    for file, policy in draft.policies:
        check_policy(file, policy, staff, findings)
        version = (policy.code, policy.version)
        if version in seen:
            message = f"{policy.code}@{policy.version} is in {seen[version]} already; each once"
            findings.error(file.file, file.line("version"), "version", message)
        seen.setdefault(version, file.file)


def check_policy(file: Document, policy: Policy, staff: Staff | None, findings: Findings) -> None:
    """Note what is wrong with one policy; whom it names only where ``staff`` is known."""
    for clock, specs in policy.rungs.items():
        _kinds_once(file, clock, specs, findings)
        if clock in _ENDING and (not specs or specs[-1].kind is not RungKind.ELAPSED):
            message = f"its last rung should be {RungKind.ELAPSED.value!r}: nobody owes anything"
            findings.warn(file.file, file.line("rungs", clock), f"rungs.{clock}", message)
    if staff is not None:
        _those_named(file, policy, staff, findings)


def _those_named(file: Document, policy: Policy, staff: Staff, findings: Findings) -> None:
    for path, named in named_in(policy):
        column = ".".join(map(str, path))
        if message := _unknown(named, staff):
            findings.error(file.file, file.line(*path), column, message)
        elif message := _unstaffed(named, staff.directory):
            findings.warn(file.file, file.line(*path), column, message)


def _kinds_once(
    file: Document, clock: str, specs: tuple[RungSpec, ...], findings: Findings
) -> None:
    # Not the model's own rule: a policy loaded before rungs were known by their kind still holds.
    seen: set[RungKind] = set()
    for index, spec in enumerate(specs):
        if spec.kind in seen:
            path: KeyPath = ("rungs", clock, index, "kind")
            message = f"{quote(spec.kind.value)} rings on it already; each kind once"
            findings.error(file.file, file.line(*path), ".".join(map(str, path)), message)
        seen.add(spec.kind)


def _unknown(named: Named, staff: Staff) -> str:
    if named.unit is not None and staff.lacks(named.unit):
        return Sentence("no_unit_or_role", unit=quote(named.unit))
    if named.role is not None and staff.directory is not None:
        roles = {unit.role for unit in staff.directory.units.values()}
        if named.role not in roles:
            return Sentence("no_such_role", role=quote(named.role))
    return ""


def _unstaffed(named: Named, directory: Directory | None) -> str:
    if named.role is None or directory is None:
        return ""
    bare = [r.code for r in directory.streets(ANY) if not directory.resolve(named.who, r.code)]
    if not bare:
        return ""
    return Sentence("centre_stands_in", role=quote(named.role), **few(bare))
