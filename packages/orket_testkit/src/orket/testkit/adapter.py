"""Laws as tests: one named test for each check of a node's family, for pytest to collect."""

from __future__ import annotations

import atexit
from functools import cache
from typing import TYPE_CHECKING

from orket.core import Settings
from orket.testkit.checks import laws_of
from orket.testkit.findings import Finding
from orket.testkit.isolation import Isolation
from orket.testkit.proof import FIRST, is_unsafe, not_run, record, subject_named
from orket.testkit.render import rendered
from orket.testkit.subject import Plan, family_named

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from orket.core.proving import Installed
    from orket.testkit.checks import Law
    from orket.testkit.subject import Subject

__all__ = ["RUNS", "Run", "conformance"]


def conformance(family: str, node: str, *, plan: Plan | None = None) -> type:
    """A class with a test for each law that an installed node has to keep.

    Write ``TestReviewer = conformance("tool_strategy", "acme-reviewer")`` in a file of tests. Each check runs in a
    process of its own when its test does. What tests are skipped, deselected or overridden changes what is
    displayed, and never what counts: a check that did not run is missing, and proves nothing.

    Args:
        family: the family that the node is of.
        node: its name, or ``distribution:node``.
        plan: how much to do.

    Raises:
        ConfigError: there is no such family.
    """
    run = Run(family, node, plan or Plan())
    RUNS.append(run)
    checks = family_named(family).checks
    return type("Conformance", (), {f"test_{check.replace('-', '_')}": _test(run, check) for check in checks})


class Run:
    """The checks of one node, each made when it is first asked for."""

    def __init__(self, family: str, node: str, plan: Plan) -> None:
        self.family = family
        self.node = node
        self._plan = plan
        self._settings = Settings.load()
        self._measured: tuple[Subject, Installed] | None = None
        self._findings: dict[str, Finding] = {}

    def finding(self, check: str) -> Finding:
        """How the node keeps the law of that id."""
        if check not in self._findings:
            self._findings[check] = self._find(check)
        return self._findings[check]

    def record(self, folder: str) -> tuple[str, tuple[str, ...]]:
        """Write the evidence of what ran; gives its file, and the checks that did not run and are missing.

        Raises:
            OrketError: the node changed while it was checked.
        """
        found = [self._findings.get(check) or not_asked(law) for check, law in self._laws.items()]
        subject, measured = self._subject()
        file = record(subject, measured, tuple(found), self._plan, self._settings, folder)
        return file, tuple(one.check for one in found if one.status == "missing")

    @property
    def began(self) -> bool:
        """Whether any check ran."""
        return bool(self._findings)

    @property
    def _laws(self) -> Mapping[str, Law]:
        return laws_of(self.family)

    def _find(self, check: str) -> Finding:
        if check != FIRST and is_unsafe(self.finding(FIRST)):
            return not_run(self._laws[check])
        subject, _ = self._subject()
        return _isolation().run(self._laws[check], subject, self._plan)

    def _subject(self) -> tuple[Subject, Installed]:
        """The node, measured once: what every check is about."""
        if self._measured is None:
            self._measured = subject_named(self.node, self.family, self._settings)
        return self._measured


RUNS: list[Run] = []
"""Every node that a class of tests was made for."""


def not_asked(law: Law) -> Finding:
    """The finding for a law whose test was not run."""
    return Finding(law.id, "missing", law.sentence, found="not run: its test was left out")


def _test(run: Run, check: str) -> Callable[[object], None]:
    def test(_: object) -> None:
        __tracebackhide__ = True
        finding = run.finding(check)
        if not finding.passed:
            raise AssertionError(rendered(finding, f"orket prove {run.node} --family {run.family}"))

    return test


@cache
def _isolation() -> Isolation:
    """One for the whole process: whatever a node does, it is fit for the next."""
    isolation = Isolation().__enter__()
    atexit.register(isolation.__exit__, None, None, None)
    return isolation
