"""No law is dead weight: without any one of them, a broken strategy would get through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orket.testkit.zoo.mutants import MUTANTS
from orket.testkit.zoo.subjects import BY_THEMSELVES

if TYPE_CHECKING:
    from collections.abc import Callable

    from orket.testkit.findings import Finding
    from orket.testkit.zoo.subjects import Entry

# Of the noisy imports the last ends well: after one that does not, no other law is asked.
WITNESSES = {entry.rejected_by: entry for entry in MUTANTS}


@pytest.mark.parametrize("law", BY_THEMSELVES)
def test_a_broken_strategy_passes_every_law_but_this_one(
    law: str, examined: Callable[[Entry], tuple[Finding, ...]]
) -> None:
    findings = {finding.check: finding for finding in examined(WITNESSES[law])}

    assert set(findings) == set(BY_THEMSELVES)
    assert not findings.pop(law).passed
    assert all(finding.passed for finding in findings.values())
