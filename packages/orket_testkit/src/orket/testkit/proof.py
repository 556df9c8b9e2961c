"""Prove a node: every law of its family, each in a process of its own, and the record of it."""

from __future__ import annotations

import os
import platform
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from queue import SimpleQueue
from typing import TYPE_CHECKING, NamedTuple, cast

from orket.core import ConfigError, Diagnostic, ResolutionError, Settings, discover, resolve
from orket.core.proving import (
    Check,
    Evidence,
    Installed,
    Policy,
    check_contract,
    declaration,
    installed,
    payload,
    verdict,
    write,
)
from orket.testkit.checks import laws_of
from orket.testkit.findings import Finding
from orket.testkit.isolation import Isolation
from orket.testkit.subject import Plan, Subject, family_named, toolset_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from orket.testkit.checks import Law

__all__ = ["FIRST", "Proof", "examine", "is_unsafe", "not_run", "prove", "record", "subject_named"]

FIRST = "import-quiet"
"""The check that comes before all others: where the node cannot even be imported, there is nothing else to check."""


class Proof(NamedTuple):
    """What came of proving a node."""

    subject: Subject
    findings: tuple[Finding, ...]
    file: str
    """Where the evidence is."""

    @property
    def passed(self) -> bool:
        """Whether every law is kept."""
        return all(finding.passed for finding in self.findings)


def subject_named(name: str, family: str, settings: Settings) -> tuple[Subject, Installed]:
    """The installed node of that name, whatever the gate says of it, and what is installed.

    Raises:
        ResolutionError: no node has the name, several have it, the configuration forbids it, or something would run
            that no evidence can be about.
        OrketError: its declaration or its installation cannot be read, or it is written for another contract.
    """
    key = family_named(family)
    catalog = discover()
    chosen = resolve(key, settings.with_rules("argument", "orket prove", {key.rule: name}), catalog)
    ref = chosen.node
    if ref is None:
        raise ResolutionError(cast("Diagnostic", chosen.error))
    declared = declaration(ref, payload(ref.location).files)
    check_contract(declared, key, ref)
    measured = installed(key, ref, catalog, declared.contract)
    unproved = verdict(ref, measured, None, Policy(), 0.0)
    if unproved.judgement == "failed":
        raise ResolutionError(unproved.refusal(ref, "orket prove", ""))
    return Subject(ref, declared, measured.sources), measured


def examine(
    subject: Subject, plan: Plan, progress: Callable[[Finding], None] = lambda _: None
) -> tuple[Finding, ...]:
    """Check every law of the subject's family; the findings are in the order of the laws.

    Args:
        subject: what to check.
        plan: how much to do.
        progress: told of each finding as it is made, from one of several threads.
    """
    laws = dict(laws_of(subject.ref.family))
    with Isolation() as one, Isolation() as other, ThreadPoolExecutor(2) as pool:
        free: SimpleQueue[Isolation] = SimpleQueue()
        free.put(one)
        free.put(other)

        def check(law: Law) -> Finding:
            isolation = free.get()
            finding = isolation.run(law, subject, plan)
            free.put(isolation)
            progress(finding)
            return finding

        first = check(laws.pop(FIRST))
        rest = map(not_run, laws.values()) if is_unsafe(first) else pool.map(check, laws.values())
        found = {finding.check: finding for finding in (first, *rest)}
    return tuple(found[check] for check in subject.family.checks)


def is_unsafe(first: Finding) -> bool:
    """Whether importing the node ends the process or does not end, so that nothing else can be found of it."""
    return first.trace is not None and "ended" in first.trace


def not_run(law: Law) -> Finding:
    """The finding for a law of a node that cannot be imported safely."""
    return Finding(law.id, "missing", law.sentence, found="not run: importing the node does not end well")


def prove(
    name: str,
    family: str = "tool_strategy",
    *,
    settings: Settings | None = None,
    plan: Plan | None = None,
    progress: Callable[[Finding], None] = lambda _: None,
) -> Proof:
    """Check an installed node, and write the evidence that the gate asks for, whether it passes or not.

    Args:
        name: the node, or ``distribution:node``.
        family: the family it is of.
        settings: the configuration, which says where evidence is kept; the nearest one when left out.
        plan: how much to do.
        progress: told of each finding as it is made.

    Raises:
        ResolutionError: the node cannot be found, or nothing could be proved of it as it is installed.
        ConfigError: the plan's toolset cannot be had, or the folder of evidence cannot be written.
        OrketError: the node cannot be measured, or it changed while it was proved.
    """
    settings = settings or Settings.load()
    plan = plan or Plan()
    subject, measured = subject_named(name, family, settings)
    if plan.toolset:
        toolset_from(plan.toolset)  # what is wrong with it must not be recorded as the node's fault
    _prepare(settings.evidence)
    findings = examine(subject, plan, progress)
    return Proof(subject, findings, record(subject, measured, findings, plan, settings, settings.evidence))


def _prepare(folder: str) -> None:
    """Make the folder of evidence: what it cannot take is better known before minutes are spent on a proof."""
    try:
        os.makedirs(folder, exist_ok=True)
        reason = "" if os.access(folder, os.W_OK) else "it may not be written"
    except OSError as error:
        reason = str(error.strerror)
    if reason:
        message, hint = (
            f"Evidence cannot be kept: {reason}.",
            "set 'evidence' under [gate] to a folder that may be written",
        )
        raise ConfigError(Diagnostic("invalid-config", message, looked_in=folder, hint=hint))


def record(
    subject: Subject,
    measured: Installed,
    findings: tuple[Finding, ...],
    plan: Plan,
    settings: Settings,
    folder: str,
) -> str:
    """Write the evidence for what was found of a node, and give the file's path.

    Args:
        subject: what was checked.
        measured: what was installed of it before the checks.
        findings: one for each check of the family.
        plan: how much was done.
        settings: the configuration that the node was found by.
        folder: where evidence is kept.

    Raises:
        OrketError: the node changed while it was checked, or cannot be measured any more.
    """
    ref = subject.ref
    _, after = subject_named(ref.qualified, ref.family, settings)
    if after != measured:
        message = f"Node '{ref.name}' changed while it was proved."
        raise ResolutionError(
            Diagnostic("gate-stale", message, looked_in=ref.location, hint="prove it again")
        )
    checks = tuple(_recorded(one) for one in findings)
    return write(
        folder, ref, Evidence(ref.identity, measured, checks, _circumstances(subject, plan, findings))
    )


def _recorded(finding: Finding) -> Check:
    return Check(finding.check, finding.status, finding.found)


def _circumstances(subject: Subject, plan: Plan, findings: tuple[Finding, ...]) -> dict[str, object]:
    """What is recorded of a proof besides what the gate compares."""
    return {
        "time": time.time(),
        "seed": plan.seed,
        "examples": plan.examples,
        "toolset": plan.toolset,
        "options": [case.get("options", {}) for case in subject.declared.cases],
        "core": version("orket-core"),
        "testkit": version("orket-testkit"),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "seconds": {finding.check: round(finding.seconds, 3) for finding in findings},
    }
