"""The self-test shows every zoo to the checks, and says in words what they missed."""

from __future__ import annotations

import pytest

from orket.core import TOOL_STRATEGY
from orket.testkit import selftest
from orket.testkit.selftest import ZOOS, Group, Report, ablation, self_test
from orket.testkit.zoo.gate import FAULTS
from orket.testkit.zoo.mutants import MUTANTS

BROKEN = [entry for entries in ZOOS.values() for entry in entries if entry.rejected_by]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Zoos with hardly anybody in them: every entry has a test of its own elsewhere."""
    mutant = next(entry for entry in MUTANTS if entry.rejected_by == "closed")
    monkeypatch.setattr(
        selftest, "ZOOS", {"broken strategies": (mutant, mutant._replace(rejected_by="total"))}
    )
    monkeypatch.setattr(selftest, "FAULTS", FAULTS[:3])
    monkeypatch.setattr(selftest, "EXPLAINED", {"nobody": {}})


def test_every_check_is_needed() -> None:
    assert ablation(BROKEN).wrong == ()


@pytest.mark.parametrize("check", TOOL_STRATEGY.checks)
def test_without_its_mutants_a_check_counts_as_not_needed(check: str) -> None:
    assert ablation(entry for entry in BROKEN if entry.rejected_by != check).wrong[0].endswith(f": {check}")


@pytest.mark.usefixtures("small")
def test_what_the_checks_miss_is_told() -> None:
    looked_at: list[str] = []

    report = self_test(looked_at.append)

    mutant = next(entry for entry in MUTANTS if entry.rejected_by == "closed")
    some = report.groups[0]
    assert (some.name, some.size) == ("broken strategies", 2)
    assert some.wrong == (f"{mutant.name}: rejected by closed, not rejected by total",)
    assert not report.passed
    assert f"broken strategies: {mutant.name}" in looked_at
    assert [group for group in report.groups if group.name == "wrong records"] == [
        Group("wrong records", 3, ())
    ]
    assert report.groups[-1].notes == ("not installed here",)


def test_a_report_says_how_each_zoo_fared() -> None:
    report = Report((Group("mutants", 3, ("odd: accepted, not rejected by pure",), ("one more thing",)),))

    assert list(report.lines()) == [
        "mutants: 2 of 3 as they must be",
        "  WRONG  odd: accepted, not rejected by pure",
        "  one more thing",
        "THE CHECKS ARE NOT SOUND",
    ]
    assert report.as_dict()["passed"] is False


def test_a_report_without_a_fault_passes() -> None:
    report = Report((Group("mutants", 3, ()),))

    assert report.passed
    assert list(report.lines())[-1] == "every check can fail, and fails for its own reason"
