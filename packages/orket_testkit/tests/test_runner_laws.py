"""What the laws of runners ask, seen at the default and at runners that are broken on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orket.core import TOOL_RUNNER, NodeRef
from orket.testkit.checks import laws_of
from orket.testkit.isolation import Isolation
from orket.testkit.subject import Plan, Subject
from orket.testkit.zoo.runners import RUNNERS
from orket.testkit.zoo.subjects import subject_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orket.testkit.findings import Finding

LAWS = laws_of("tool_runner")
HASTY = Plan(examples=1, seconds=6)


@pytest.fixture(scope="module")
def isolation() -> Iterator[Isolation]:
    with Isolation() as isolation:
        yield isolation


def finding(name: str, check: str, isolation: Isolation, plan: Plan | None = None) -> Finding:
    (entry,) = [entry for entry in RUNNERS if entry.name == name]
    return isolation.run(LAWS[check], subject_of(entry), plan or Plan(examples=1))


@pytest.mark.parametrize("check", TOOL_RUNNER.checks)
def test_the_default_keeps_every_law(check: str, isolation: Isolation) -> None:
    ref = NodeRef("orket.tool_runner", "inline", "orket.core.defaults:Inline", "orket-core", "0", "")

    assert isolation.run(LAWS[check], Subject(ref), Plan(examples=3)).status == "passed"


def test_a_fault_that_comes_out_wrong_says_which_fault_and_what_is_promised(isolation: Isolation) -> None:
    found = finding("makes-do", "faults-contained", isolation)

    assert found.found == "give_unusable: set: came out as 'ok'"
    assert found.expected == "'bad-result'"
    assert found.trace == {"options": {}, "roles": [], "fault": "give_unusable: set"}


def test_a_fault_is_shown_again_from_its_trace(isolation: Isolation) -> None:
    trace = finding("prints-errors", "faults-contained", isolation).trace
    assert trace is not None

    again = finding("prints-errors", "faults-contained", isolation, Plan(replay=trace))

    assert again.found == "fail: unprintable: came out as 'failed' with the text 'ValueError: no text'"


def test_a_call_that_nobody_waits_for_any_more_must_end(isolation: Isolation) -> None:
    found = finding("swallows-cancel", "cancels", isolation, HASTY)

    assert found.found == "a call of 'wait_later' went on for 1 seconds after its caller went away"


def test_a_call_that_goes_on_must_not_be_said_to_be_over(isolation: Isolation) -> None:
    found = finding("forgets-writers", "cancels", isolation)

    assert (
        found.found == "a call of 'wait' was stopped and said to be over ('cancelled'), and went on to write"
    )
    assert found.trace == {"options": {}, "roles": [], "tool": "wait", "stopped": "by its caller"}


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("leaks-processes", "process python"),
        ("leaks-threads", "thread Thread-"),
        ("leaks-tasks", "task Event.wait"),
        ("leaks-files", "more open files after 4 times the same calls"),
        ("leaves-a-folder", "file tmp"),
        ("takes-a-signal", "a change of signal handlers"),
    ],
)
def test_what_is_left_behind_is_named(name: str, left: str, isolation: Isolation) -> None:
    found = finding(name, "cleans-up", isolation, HASTY).found

    assert found.startswith("after it was closed, this was still there: ")
    assert left in found


def test_calls_that_are_under_way_together_are_told_apart(isolation: Isolation) -> None:
    found = finding("swaps-results", "parity-calls", isolation).found

    assert found.startswith(
        "undeclared-change: 'list_directory' gives something else than the control does\n"
    )
    assert " at the same time\n" in found


def test_whole_numbers_and_fractions_are_told_apart(isolation: Isolation) -> None:
    found = finding("changes-types", "parity-calls", isolation).found

    assert (
        found
        == """\
undeclared-change: 'give_later' gives something else than the control does
1. give_later {"kind": "one"}
at call 1, give_later:
              control                                       candidate
  status      ok                                            ok
  data      ! 1                                             1.0"""
    )
