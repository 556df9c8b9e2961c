"""Right strategies pass every law, however odd they look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orket.testkit.zoo.equivalents import EQUIVALENTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from orket.testkit.findings import Finding
    from orket.testkit.zoo.subjects import Entry


@pytest.mark.parametrize("entry", EQUIVALENTS, ids=lambda entry: entry.name)
def test_a_right_strategy_passes(entry: Entry, examined: Callable[[Entry], tuple[Finding, ...]]) -> None:
    rejecting = {finding.check: finding.found for finding in examined(entry) if not finding.passed}

    assert rejecting == {}


def test_there_are_enough_of_them() -> None:
    assert len(EQUIVALENTS) >= 12
