"""Stand-ins do what an author's own test needs, and no more."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from orket.core import CallContext, ToolRuntimeExecutor
from orket.testkit.fakes import FakeRunner, RefusingJournal, toolset, turn

if TYPE_CHECKING:
    from orket.core import Journal, ToolResult


def test_a_toolset_has_the_named_tools_with_their_effects() -> None:
    tools = toolset(read_file={"read"}, foreign=None)

    assert tools.names == ("read_file", "foreign")
    assert tools["read_file"].read_only
    assert not tools["foreign"].declared


def test_a_turn_has_its_roles_and_whatever_else_it_is_given() -> None:
    context = turn("coder", "reviewer", issue_id="7")

    assert (context.role, context.roles) == ("coder", ("coder", "reviewer"))
    assert context.extra == {"issue_id": "7"}


def invoke(runner: FakeRunner, journal: Journal | None = None) -> ToolResult:
    executor = ToolRuntimeExecutor(runner, journal=journal)
    return asyncio.run(executor.invoke(toolset(read_file={"read"})["read_file"], {}, CallContext()))


def test_a_runner_answers_as_it_is_told_and_keeps_what_it_was_asked() -> None:
    runner = FakeRunner({"read_file": "text"})

    assert invoke(runner).value == "text"
    assert runner.calls == [("read_file", {})]


def test_a_runner_raises_what_it_is_told_to() -> None:
    result = invoke(FakeRunner({"read_file": ValueError("no")}))

    assert (result.status, result.error) == ("failed", "ValueError: no")


def test_no_call_runs_under_a_journal_that_refuses() -> None:
    runner = FakeRunner()

    assert not invoke(runner, RefusingJournal()).ok
    assert runner.calls == []
