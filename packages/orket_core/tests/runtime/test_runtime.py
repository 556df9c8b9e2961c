"""The application's object: configuration, nodes and tools come together, and calls run."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, assert_type

import pytest

from orket.core import (
    TOOL_RUNNER,
    TOOL_STRATEGY,
    CallRecord,
    ConfigError,
    MemoryJournal,
    ResolutionError,
    Runtime,
    Tool,
    ToolCall,
    ToolResult,
    ToolRunner,
    ToolStrategy,
    Workspace,
    tool,
)

Start = Callable[..., Runtime]


def test_without_a_word_everything_is_offered_and_runs_here(tools: list[Tool], work: Path) -> None:
    (work / "a.txt").write_text("content")
    with Runtime(tools) as runtime:
        turn = runtime.turn(session_id="s1", roles=["coder"])
        result = turn.call_sync(ToolCall("c1", "read", {"path": "a.txt"}))

    assert (turn.tools.names, turn.node) == (("read", "write"), "tool_strategy/orket-core:default")
    assert result.value == "content"
    assert type(assert_type(runtime.node(TOOL_STRATEGY), ToolStrategy)).__name__ == "Default"
    assert type(assert_type(runtime.node(TOOL_RUNNER), ToolRunner)).__name__ == "Inline"


def test_a_text_is_one_role_and_not_one_for_each_letter(start: Start) -> None:
    assert start().turn(roles="coder").context.roles == ("coder",)


def test_load_reads_the_nearest_file_above(tools: list[Tool], work: Path) -> None:
    (work / "orket.toml").write_text('[tools]\ngroups = ["notes"]\n[limits]\ntimeout = 7\n')
    (work / "deep").mkdir()
    with Runtime.load(work / "deep", tools[:1]) as runtime:
        assert runtime.toolset.names == ("read_note", "read")
        assert runtime.executor.limits.timeout == 7
        assert runtime.workspace.root == str(work)


def test_the_constructor_reads_no_file_unless_the_environment_names_one(
    tools: list[Tool], work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (work / "orket.toml").write_text('[tools]\ngroups = ["notes"]\n')
    with Runtime(tools[:1]) as runtime:
        assert runtime.toolset.names == ("read",)
    monkeypatch.setenv("ORKET_CONFIG", str(work / "orket.toml"))
    with Runtime(tools[:1]) as runtime:
        assert runtime.toolset.names == ("read_note", "read")


def test_every_source_can_choose_a_node_and_the_resolution_says_which_did(start: Start) -> None:
    for parts, kind in (
        ({"config": {"process_rules": {"tool_strategy_node": "reader"}}}, "file"),
        ({"process_rules": {"tool_strategy_node": "reader"}}, "rules"),
        ({"environ": {"ORKET_TOOL_STRATEGY_NODE": "reader"}}, "environment"),
        ({"nodes": {"tool_strategy": "reader"}}, "argument"),
    ):
        runtime = start(**parts)
        assert runtime.resolution(TOOL_STRATEGY).decided.source.kind == kind
        assert runtime.turn().tools.names == ("read",)


def test_a_misspelt_part_is_an_error_since_its_default_might_offer_more(start: Start) -> None:
    with pytest.raises(ConfigError) as caught:
        start(node={"tool_strategy": "reader"})

    assert str(caught.value) == (
        "error: invalid-config\n"
        "  A runtime has no part 'node'.\n"
        "  asked by:  Runtime(node=…)\n"
        "  found:     process_rules, nodes, groups, workspace, journal, observers, approve, deps, record\n"
        "  hint:      did you mean 'nodes'?"
    )


def test_a_misspelt_variable_is_warned_of_since_what_it_should_forbid_is_allowed(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    start(environ={"ORKET_ALLOW_EFFECT": "read", "ORKET_NOXFILE_BOOTED": "1"})

    assert caplog.messages == [
        "nothing reads the variable 'ORKET_ALLOW_EFFECT': did you mean 'ORKET_ALLOW_EFFECTS'?"
    ]


def test_a_family_that_there_is_not_is_an_error_with_the_closest_one(start: Start) -> None:
    with pytest.raises(ConfigError) as caught:
        start(nodes={"tool_stratgy": "reader"})

    assert str(caught.value) == (
        "error: invalid-config\n"
        "  There is no node family 'tool_stratgy'.\n"
        "  asked by:  Runtime(nodes=…)\n"
        "  looked in: the families\n"
        "  found:     tool_strategy, tool_runner\n"
        "  hint:      did you mean 'tool_strategy'?"
    )


def test_an_unproved_node_is_logged(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    start()
    assert caplog.messages == []

    start(nodes={"tool_strategy": "reader"})
    assert caplog.messages == ["node 'acme:reader' is active and not proved (missing): the gate only warns"]


def test_a_strategy_that_breaks_its_contract_leaves_the_turn_without_tools(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    turn = start(nodes={"tool_strategy": "faulty"}).turn()

    assert turn.tools.names == ()
    assert turn.breach is not None
    assert turn.breach.code == "contract-breach"
    assert turn.breach.message.endswith("it raised LookupError: no table.")
    assert turn.breach.render("warning") in caplog.messages
    assert turn.call_sync(ToolCall("c1", "read", {"path": "a"})).status == "not-offered"


def test_an_unusable_node_is_an_error(start: Start) -> None:
    with pytest.raises(ResolutionError) as caught:
        start(nodes={"tool_strategy": "raeder"})

    assert (caught.value.code, caught.value.diagnostic.hint) == ("unknown-node", "did you mean 'reader'?")


def test_an_unusable_node_may_leave_the_agent_without_tools_and_loudly(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    rules = {"on_unusable_node": "no-tools", "tool_strategy_node": "raeder"}
    runtime = start(process_rules=rules)
    turn = runtime.turn()

    assert turn.tools.names == ()
    assert turn.breach is not None
    assert turn.breach.code == "unknown-node"
    assert turn.breach.render("warning") in caplog.messages
    with pytest.raises(ResolutionError) as caught:
        runtime.node(TOOL_STRATEGY)
    assert caught.value.code == "unknown-node"


def test_without_a_usable_runner_nothing_is_offered_and_nothing_runs(start: Start) -> None:
    rules = {"on_unusable_node": "no-tools", "tool_runner_node": "nothing"}
    runtime = start(process_rules=rules)

    assert runtime.turn().tools.names == ()
    result = asyncio.run(runtime.executor.invoke(tool(name="t")(lambda: 1), {}))
    assert (result.status, result.error) == ("busy", "no runner is usable")


def test_no_tool_writes_what_orket_reads_even_inside_the_workspace(
    tools: list[Tool], tmp_path: Path, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "settings.toml").write_text('[gate]\nevidence = "proofs"\n')
    (tmp_path / "lib").mkdir()
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "lib")])
    monkeypatch.setenv("ORKET_CONFIG", str(tmp_path / "settings.toml"))

    with Runtime(tools[1:], workspace=tmp_path) as runtime:
        turn = runtime.turn()
        protected = [
            "settings.toml",
            "proofs/x.json",
            "orket.toml",
            "sub/orket.toml",
            ".orket/x",
            "lib/x.py",
            "site/acme.py",
        ]
        for path in protected:
            result = turn.call_sync(ToolCall("c1", "write", {"path": path}))
            assert (result.status, path in result.error) == ("failed", True)
            assert "Orket itself reads it" in result.error
        assert turn.call_sync(ToolCall("c1", "write", {"path": "free.txt"})).ok
    assert (tmp_path / "settings.toml").read_text() == '[gate]\nevidence = "proofs"\n'


def test_a_journal_that_is_empty_is_a_journal_all_the_same(start: Start) -> None:
    class Sized(MemoryJournal):
        def __len__(self) -> int:
            return len(self.ended)

    journal = Sized()
    start(journal=journal).turn().call_sync(ToolCall("c1", "read", {"path": "a"}))
    assert len(journal) == 1


def test_whoever_is_asked_for_approval_is_asked_by_the_runtime(start: Start) -> None:
    asked: list[str] = []

    async def approve(call: CallRecord, one: object) -> bool:
        asked.append(call.tool)
        return True

    guarded = tool(name="guarded", approval=True)(lambda: "done")
    turn = start(tools=[guarded], approve=approve).turn()
    assert turn.call_sync(ToolCall("c1", "guarded")).value == "done"
    assert asked == ["guarded"]


def test_a_recording_is_written_and_closed_with_the_runtime(tools: list[Tool], tmp_path: Path) -> None:
    path = tmp_path / "session.jsonl"
    with Runtime(tools[:1], record=path) as runtime:
        runtime.turn().call_sync(ToolCall("c1", "read", {"path": "a"}))

    assert [json.loads(line)["role"] for line in path.read_text().splitlines()] == ["assistant", "tool"]


def test_closing_closes_what_was_started_also_where_that_fails_and_twice(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    runtime = start(nodes={"tool_runner": "careful"})
    runner: Any = runtime.node(TOOL_RUNNER)
    caplog.clear()

    runtime.close()
    runtime.close()
    assert not runner.open
    assert caplog.messages == ["Careful did not close: OSError: still busy"]
    with pytest.raises(Exception, match="closed"):
        runtime.workspace.list(".")


def test_where_a_part_cannot_be_had_those_before_it_are_closed_again(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ConfigError, match="is no observer"):
        start(nodes={"tool_runner": "careful"}, observers=[object()])
    assert caplog.messages[-1] == "Careful did not close: OSError: still busy"


def test_a_runner_that_was_switched_away_is_closed_with_the_runtime(start: Start) -> None:
    runtime = start(process_rules={"tool_runner_node": "careful"})
    runner: Any = runtime.node(TOOL_RUNNER)

    runtime.switch("inline", TOOL_RUNNER)
    assert runner.open
    runtime.close()
    assert not runner.open


def test_a_workspace_of_the_application_stays_open(start: Start, work: Path) -> None:
    with Workspace(work) as workspace:
        start(workspace=workspace).close()

        assert workspace.list(".") == []


async def test_it_is_an_async_context_manager_too(tools: list[Tool], work: Path) -> None:
    (work / "a").write_text("content")
    async with Runtime(tools[:1]) as runtime:
        result: ToolResult = await runtime.turn().call(ToolCall("c1", "read", {"path": "a"}))

    assert result.value == "content"
