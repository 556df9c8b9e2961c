"""Tools that a strategy brings along are compared with the originals, and with themselves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from orket.testkit.checks import laws_of
from orket.testkit.isolation import Isolation
from orket.testkit.parity.calls import compare_strategy
from orket.testkit.parity.scenes import Scene
from orket.testkit.subject import Plan
from orket.testkit.zoo.calls import CALLS, EQUIVALENTS
from orket.testkit.zoo.subjects import subject_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orket.testkit.findings import Finding
    from orket.testkit.zoo.subjects import Entry

PLAN = Plan(examples=3)
LAWS = laws_of("tool_strategy")


@pytest.fixture(scope="module")
def isolation() -> Iterator[Isolation]:
    with Isolation() as isolation:
        yield isolation


def rejecting(entry: Entry, isolation: Isolation) -> dict[str, str]:
    """The laws that do not pass, each with what it found."""
    subject = subject_of(entry)
    findings = [isolation.run(law, subject, entry.plan(law.id, PLAN)) for law in LAWS.values()]
    return {finding.check: finding.found for finding in findings if not finding.passed}


def finding_on(name: str, isolation: Isolation) -> Finding:
    (entry,) = [entry for entry in CALLS if entry.name == name]
    return isolation.run(LAWS["parity-calls"], subject_of(entry), PLAN)


@pytest.mark.parametrize("entry", CALLS, ids=lambda entry: entry.name)
def test_a_broken_tool_is_rejected_by_its_law_and_no_other(entry: Entry, isolation: Isolation) -> None:
    rejected = rejecting(entry, isolation)

    assert list(rejected) == [entry.rejected_by], rejected


@pytest.mark.parametrize("entry", EQUIVALENTS, ids=lambda entry: entry.name)
def test_a_right_tool_passes(entry: Entry, isolation: Isolation) -> None:
    assert rejecting(entry, isolation) == {}


def test_an_undeclared_difference_is_named_and_shown_side_by_side_with_the_one_call_it_needs(
    isolation: Isolation,
) -> None:
    finding = finding_on("OtherType", isolation)

    assert finding.status == "unaccepted-change"
    assert finding.expected == "what the control does, or a [[change]] that says otherwise"
    assert (
        finding.found
        == """\
undeclared-change: 'read_file' gives something else than the control does
1. read_file {"path": "empty.txt"}
at call 1, read_file:
              control                                       candidate
  status      ok                                            ok
  data      ! {"content": ""}                               {"content": []}"""
    )


def test_a_lost_write_needs_the_two_writes_that_show_it(isolation: Isolation) -> None:
    finding = finding_on("LosesSecondWrite", isolation)

    assert finding.found.startswith(
        "undeclared-change: 'write_file' does something else to the world than the control does\n"
    )
    assert len(Scene.from_dict(finding.trace or {}).calls) <= 2


def test_an_unstable_tool_fails_whatever_is_declared(isolation: Isolation) -> None:
    finding = finding_on("Unstable", isolation)

    assert finding.status == "failed"
    assert finding.expected == "the same calls do the same in every fresh world"
    assert finding.found.startswith("'read_file' does not do the same in two fresh worlds\n")


def test_a_long_text_is_shown_where_the_sides_part(isolation: Isolation) -> None:
    shown = finding_on("CutsShort", isolation).found

    assert '1. read_file {"path": "long.txt"}' in shown
    assert "characters)" in shown
    assert len(shown) < 10_000


def test_a_tool_that_is_only_added_is_compared_with_itself(isolation: Isolation) -> None:
    finding = finding_on("Dice", isolation)

    assert finding.status == "failed"
    assert finding.found.startswith("'roll_dice' does not do the same in two fresh worlds\n")


@pytest.mark.parametrize(
    ("name", "besides"),
    [
        ("NotedDice", 'files       workspace/rolls.txt: file 0644 "'),
        ("FarDice", 'besides     ["socket.getaddrinfo 127.0.0.1"]'),
        ("ProgramDice", 'besides     ["ran true"]'),
    ],
)
def test_a_tool_that_does_more_than_it_says_fails_whatever_is_declared(
    name: str, besides: str, isolation: Isolation
) -> None:
    finding = finding_on(name, isolation)

    assert (finding.status, finding.expected) == ("failed", "what its effects name")
    assert finding.found.startswith("'roll_dice' does more than its effects say\n")
    assert besides in finding.found


def test_how_many_calls_were_compared_and_how_many_of_them_were_errors_is_told(isolation: Isolation) -> None:
    (entry,) = [entry for entry in EQUIVALENTS if entry.name == "Same"]

    found = isolation.run(LAWS["parity-calls"], subject_of(entry), PLAN).found

    assert re.fullmatch(r"compared: read_file \([1-9]\d* calls, [1-9]\d* errors\)", found)


def test_each_set_of_circumstances_has_scenes_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    (entry,) = [entry for entry in EQUIVALENTS if entry.name == "LoadedDice"]
    seeds: list[int] = []

    def search(_scenes: object, plan: Plan, _compare: object) -> None:
        seeds.append(plan.seed)

    monkeypatch.setattr("orket.testkit.parity.calls.search", search)
    compare_strategy(subject_of(entry), Plan(seed=7))

    assert seeds == list(range(7, 7 + len(seeds)))
    assert len(seeds) > 1
