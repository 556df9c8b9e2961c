"""Faulty runners are found, each by the law that it breaks, and right ones of odd shapes pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orket.testkit.checks import laws_of
from orket.testkit.isolation import Isolation
from orket.testkit.subject import Plan
from orket.testkit.zoo.runners import EQUIVALENTS, RUNNERS
from orket.testkit.zoo.subjects import subject_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orket.testkit.zoo.subjects import Entry

PLAN = Plan(examples=1)
LAWS = laws_of("tool_runner")


@pytest.fixture(scope="module")
def isolation() -> Iterator[Isolation]:
    with Isolation() as isolation:
        yield isolation


def rejecting(entry: Entry, isolation: Isolation) -> dict[str, str]:
    """The laws that do not pass, each with what it found."""
    subject = subject_of(entry)
    findings = [isolation.run(law, subject, entry.plan(law.id, PLAN)) for law in LAWS.values()]
    return {finding.check: finding.found for finding in findings if not finding.passed}


@pytest.mark.parametrize("entry", RUNNERS, ids=lambda entry: entry.name)
def test_a_faulty_runner_is_rejected_by_its_law_and_no_other(entry: Entry, isolation: Isolation) -> None:
    rejected = rejecting(entry, isolation)

    assert list(rejected) == [entry.rejected_by], rejected


@pytest.mark.parametrize("entry", EQUIVALENTS, ids=lambda entry: entry.name)
def test_a_right_runner_of_an_odd_shape_passes(entry: Entry, isolation: Isolation) -> None:
    assert rejecting(entry, isolation) == {}


@pytest.mark.parametrize("law", ["parity-calls", "faults-contained", "cancels", "cleans-up"])
def test_each_law_of_runners_catches_a_runner_that_no_other_law_catches(law: str) -> None:
    assert [entry.name for entry in RUNNERS if entry.rejected_by == law]
