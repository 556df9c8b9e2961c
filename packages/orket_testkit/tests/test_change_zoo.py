"""A change that is declared wrongly is rejected by the law whose matter it is, and one declared well by none."""

from __future__ import annotations

import pytest

from orket.testkit.checks import laws_of, run_law
from orket.testkit.subject import Plan
from orket.testkit.zoo.changes import CHANGES, DECLARED, Declared
from orket.testkit.zoo.subjects import Entry, subject_of

LAWS = ("cases-hold", "parity-offer", "changes-hold")
PLAN = Plan(examples=5)


def rejecting(entry: Entry) -> dict[str, str]:
    """The laws that reject a node, with what they found."""
    laws = laws_of("tool_strategy")
    findings = [run_law(laws[check], subject_of(entry), PLAN) for check in LAWS]
    return {one.check: f"{one.status}: {one.found}" for one in findings if not one.passed}


@pytest.mark.parametrize("entry", [pytest.param(one.entry, id=one.entry.name) for one in DECLARED])
def test_what_is_declared_well_is_accepted(entry: Entry) -> None:
    assert rejecting(entry) == {}


@pytest.mark.parametrize("declared", [pytest.param(one, id=one.entry.name) for one in CHANGES])
def test_what_is_declared_wrongly_is_rejected_by_its_law_and_no_other(declared: Declared) -> None:
    law = declared.entry.rejected_by
    status = "unaccepted-change" if law == "parity-offer" else "failed"

    ((rejected_by, found),) = rejecting(declared.entry).items()

    assert rejected_by == law
    assert found.startswith(f"{status}: {declared.says}")
