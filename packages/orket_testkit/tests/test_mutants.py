"""Each broken strategy is rejected by its own law, and by no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orket.testkit.zoo.mutants import MUTANTS
from orket.testkit.zoo.subjects import BY_THEMSELVES

if TYPE_CHECKING:
    from collections.abc import Callable

    from orket.testkit.findings import Finding
    from orket.testkit.zoo.subjects import Entry


@pytest.mark.parametrize("entry", MUTANTS, ids=lambda entry: entry.name)
def test_a_broken_strategy_is_rejected_by_its_law_and_no_other(
    entry: Entry, examined: Callable[[Entry], tuple[Finding, ...]]
) -> None:
    rejecting = {finding.check: finding.found for finding in examined(entry) if not finding.passed}

    assert [*rejecting] == [entry.rejected_by], rejecting


def test_without_any_one_law_a_mutant_would_get_through() -> None:
    assert {entry.rejected_by for entry in MUTANTS} == set(BY_THEMSELVES)
    assert all(entry.asked == BY_THEMSELVES for entry in MUTANTS)


def test_there_are_enough_of_them_and_each_is_another() -> None:
    assert len(MUTANTS) >= 30
    assert len({entry.name for entry in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize("entry", MUTANTS, ids=lambda entry: entry.name)
def test_each_says_in_a_sentence_what_is_wrong_with_it(entry: Entry) -> None:
    assert entry.about.endswith(".")
