"""The gate: whether evidence lets a node be active. Pure, offline, and before the node is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from orket.core.errors import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orket.core.evidence import Bytes, Evidence, Installed
    from orket.core.family import NodeRef

    Judgement: TypeAlias = Literal["control", "allowed", "missing", "stale", "failed", "unaccepted-change"]

__all__ = ["Policy", "Verdict", "verdict"]

_DAY = 86_400.0


class Policy(NamedTuple):
    """How strict the gate is with one node."""

    mode: str = "enforce"
    """``enforce``, or ``warn`` to let a node pass that is not proved, while every surface says so."""
    max_age_days: float | None = None
    """Evidence older than this is stale; by default its age is only shown."""


class Verdict(NamedTuple):
    """What the gate says of a node, and what is wrong where something is."""

    judgement: Judgement
    mode: str = "enforce"
    field: str = ""
    """For ``stale``: what differs."""
    expected: str = ""
    """For ``stale``: what the evidence is about."""
    found: str = ""
    """For ``stale``: what is installed."""
    checks: tuple[str, ...] = ()
    """For ``failed``: which checks, and how they stand; or what no evidence can be about."""
    age_days: float | None = None
    """How old the evidence is; ``None`` where none was looked at."""
    damaged: tuple[str, ...] = ()
    """Files in the place of evidence that are none, each with the reason. They decide only where nothing else does."""

    @property
    def proved(self) -> bool:
        """Whether the node needs no further proof."""
        return self.judgement in ("control", "allowed")

    @property
    def passes(self) -> bool:
        """Whether the node may be active: it is proved, or the policy only warns."""
        return self.proved or self.mode == "warn"

    def as_dict(self) -> dict[str, object]:
        """The verdict as JSON says it; what says nothing is left out."""
        facts = {
            "field": self.field,
            "expected": self.expected,
            "found": self.found,
            "checks": list(self.checks),
            "damaged": list(self.damaged),
        }
        age = {} if self.age_days is None else {"age_days": round(self.age_days, 1)}
        return {
            "mode": self.mode,
            "verdict": self.judgement,
            **{key: fact for key, fact in facts.items() if fact},
            **age,
        }

    def refusal(self, ref: NodeRef, asked_by: str, looked_in: str) -> Diagnostic:
        """Why ``ref`` is refused, as an error says it."""
        match self.judgement:
            case "missing":
                code, found = "gate-missing", "no evidence"
                message = f"Nothing proves that node '{ref.name}' keeps its contract."
            case "stale":
                code, found = "gate-stale", f"{self.found}, where the evidence has {self.expected}"
                message = f"The evidence for node '{ref.name}' is about something else: {self.field}."
            case _:
                code, found = "gate-failed", "; ".join(self.checks)
                message = f"The evidence for node '{ref.name}' does not pass."
                if self._unfit:
                    message = f"As it is installed, no evidence can be about all that would run as node '{ref.name}'."
                    looked_in = ref.location
        found = "; ".join(filter(None, (found, *self.damaged)))
        return Diagnostic(code, message, asked_by, looked_in, found, self.remedy(ref))

    def flaws(self) -> Iterator[str]:
        """What is wrong with the evidence, or why there can be none, each in a sentence."""
        if self.field:
            yield f"{self.field} is {self.found}, where the evidence has {self.expected}"
        yield from self.checks

    def warnings(self, ref: NodeRef) -> Iterator[str]:
        """What is said aloud where ``ref`` is active."""
        if not self.proved:
            yield f"node '{ref.qualified}' is active and not proved ({self.judgement}): the gate only warns"
        yield from self.damaged

    def remedy(self, ref: NodeRef) -> str:
        """What to do about a node that is not proved."""
        if self._unfit:
            return f"install '{ref.distribution}' and what it needs again, from wheels"
        first = "delete what is no evidence, and " if self.damaged else ""
        return f"{first}prove it: orket prove {ref.name}"

    @property
    def _unfit(self) -> bool:
        return self.age_days is None and bool(self.checks)


def verdict(
    ref: NodeRef,
    current: Installed | None,
    evidence: Evidence | None,
    policy: Policy,
    now: float,
    damaged: tuple[str, ...] = (),
) -> Verdict:
    """Judge ``ref``. What evidence says of itself in summary is not looked at: the checks are counted again.

    Args:
        ref: the node.
        current: what is installed of it; ``None`` for the default of its family, which is the control.
        evidence: what was found for it, for these or for other bytes.
        policy: how strict to be.
        now: seconds since the epoch.
        damaged: what was found besides, and is no evidence.
    """
    if current is None:
        return Verdict("control", policy.mode)
    judged = _judged(ref, current, evidence, policy, now)
    if judged.judgement == "missing" and damaged:
        judged = Verdict("failed", policy.mode)
    return judged._replace(damaged=damaged)


def _judged(
    ref: NodeRef, current: Installed, evidence: Evidence | None, policy: Policy, now: float
) -> Verdict:
    if current.unfit:
        return Verdict("failed", policy.mode, checks=current.unfit)
    if evidence is None or evidence.node != ref.identity:
        return Verdict("missing", policy.mode)
    age = max(0.0, now - evidence.time) / _DAY
    for field, expected, found in _differences(evidence.installed, current):
        return Verdict("stale", policy.mode, field, expected, found, age_days=age)
    if policy.max_age_days is not None and age > policy.max_age_days:
        return Verdict(
            "stale", policy.mode, "age", f"at most {policy.max_age_days:g} days", f"{age:.0f} days", (), age
        )
    if failing := tuple(_failing(evidence, current.profile)):
        unaccepted = any(check.endswith(": unaccepted-change") for check in failing)
        return Verdict(
            "unaccepted-change" if unaccepted else "failed", policy.mode, checks=failing, age_days=age
        )
    return Verdict("allowed", policy.mode, age_days=age)


def _differences(proved: Installed, current: Installed) -> Iterator[tuple[str, str, str]]:
    """``(field, expected, found)`` of each difference that matters, the most telling first."""
    yield from _different_bytes("payload", proved.payload, current.payload)
    for name in sorted(proved.dependencies.keys() | current.dependencies.keys()):
        before, after = proved.dependencies.get(name), current.dependencies.get(name)
        if before is None or after is None:
            old, new = (one.version if one else "none" for one in (before, after))
            yield f"dependency {name}", old, new
        else:
            yield from _different_bytes(f"dependency {name}", before, after)
    for field in ("contract", "profile", "platform"):
        expected, found = getattr(proved, field), getattr(current, field)
        if field == "profile":
            expected, found = (", ".join(ids) for ids in (expected, found))
        if expected != found:
            yield field, str(expected), str(found)


def _different_bytes(field: str, before: Bytes, after: Bytes) -> Iterator[tuple[str, str, str]]:
    if before.digest == after.digest and before.version == after.version:
        return
    for name in sorted(before.files.keys() | after.files.keys()):
        if before.files.get(name) != after.files.get(name):
            yield f"{field}: {name}", _short(before.files, name), _short(after.files, name)
            return
    yield field, f"{before.version} {before.digest}", f"{after.version} {after.digest}"


def _short(files: Mapping[str, str], name: str) -> str:
    return f"sha256:{files[name][:12]}" if name in files else "no such file"


def _failing(evidence: Evidence, required: tuple[str, ...]) -> Iterator[str]:
    """Each required check that is not there exactly once and passed, and how it stands."""
    for check in required:
        statuses = [one.status for one in evidence.checks if one.id == check]
        if not statuses:
            yield f"{check}: missing"
        elif len(statuses) > 1:
            yield f"{check}: recorded {len(statuses)} times"
        elif statuses[0] != "passed":
            yield f"{check}: {statuses[0]}"
