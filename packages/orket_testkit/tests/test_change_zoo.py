"""A change that is declared wrongly is rejected by the law whose matter it is, and one declared well by none."""

from __future__ import annotations

import pytest

from orket.testkit.checks import laws_of, run_law
from orket.testkit.subject import Plan
from orket.testkit.zoo.changes import CHANGES, DECLARED, Declared, subject_of

LAWS = ("cases-hold", "parity-offer", "changes-hold")
PLAN = Plan(examples=5)


def rejecting(entry: Declared) -> dict[str, str]:
    """The laws that reject a node, with what they found."""
    laws = laws_of("tool_strategy")
    findings = [run_law(laws[check], subject_of(entry), PLAN) for check in LAWS]
    return {one.check: f"{one.status}: {one.found}" for one in findings if not one.passed}


@pytest.mark.parametrize("entry", [pytest.param(entry, id=entry.name) for entry in DECLARED])
def test_what_is_declared_well_is_accepted(entry: Declared) -> None:
    assert rejecting(entry) == {}


@pytest.mark.parametrize("entry", [pytest.param(entry, id=entry.name) for entry in CHANGES])
def test_what_is_declared_wrongly_is_rejected_by_its_law_and_no_other(entry: Declared) -> None:
    status = "unaccepted-change" if entry.rejected_by == "parity-offer" else "failed"

    (rejected,) = rejecting(entry).items()

    assert rejected[0] == entry.rejected_by
    assert rejected[1].startswith(f"{status}: {entry.says}")
