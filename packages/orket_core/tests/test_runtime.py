"""The application's object: nodes and tools come together, and calls run."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from orket.core import (
    TOOL_RUNNER,
    TOOL_STRATEGY,
    CallContext,
    CallRecord,
    ConfigError,
    Effect,
    MemoryJournal,
    ResolutionError,
    Runtime,
    Settings,
    ToolCall,
    ToolResult,
    Toolset,
    TurnContext,
    Workspace,
    hookimpl,
    tool,
)

Wheel = Callable[..., Path]

ACME = """
from orket.core import Toolset, hookimpl, tool

class Reader:
    @hookimpl
    def compose(self, toolset, context):
        return toolset.where(lambda tool: tool.read_only, why="reviewers only read")

class Faulty:
    @hookimpl
    def compose(self, toolset, context):
        raise LookupError("no table")

class Careful:
    open = True

    @hookimpl
    async def run(self, tool, arguments, context):
        return "carefully"

    def close(self):
        self.open = False
        raise OSError("still busy")
"""
ACME_ENTRY_POINTS = """
[orket.tool_strategy]
reader = acme:Reader
faulty = acme:Faulty
[orket.tool_runner]
careful = acme:Careful
[orket.tools]
notes = acme_notes:NOTES
odd = acme_notes:ODD
"""
NOTES = """
from orket.core import Toolset, tool

@tool(effects=["read"])
def read_note() -> str:
    return "a note"

NOTES = Toolset([read_note])
ODD = [read_note]
"""


@tool(effects={Effect.READ})
def read(path: str, ctx: CallContext) -> str:
    """Read."""
    return ctx.workspace.read_text(path)


@tool(effects={Effect.WRITE})
def write(path: str, ctx: CallContext) -> str:
    """Write."""
    return ctx.workspace.write_text(path, "new")


@tool
def foreign() -> None:
    """Nobody says what it does."""


@pytest.fixture(autouse=True)
def acme(wheel: Wheel, monkeypatch: pytest.MonkeyPatch, work: Path) -> None:
    """A distribution with nodes and tools; no variable of whoever runs the tests; a folder to work in."""
    wheel("acme", {"acme.py": ACME, "acme_notes.py": NOTES}, ACME_ENTRY_POINTS)
    for name in ("ORKET_CONFIG", "ORKET_ALLOW_EFFECTS", "ORKET_TOOL_STRATEGY_NODE", "ORKET_TOOL_RUNNER_NODE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(work)


Start = Callable[..., Runtime]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a runtime whose gate only warns, and closes it after the test."""
    started: list[Runtime] = []

    def start(config: dict[str, object] | None = None, **parts: Any) -> Runtime:
        settings = Settings({"gate": {"mode": "warn"}, **(config or {})}, environ=parts.pop("environ", {}))
        parts.setdefault("tools", [read, write])
        started.append(Runtime(settings=settings, **parts))
        return started[-1]

    yield start
    for runtime in started:
        runtime.close()


def test_without_a_word_everything_is_offered_and_runs_here(work: Path) -> None:
    (work / "a.txt").write_text("content")
    with Runtime([read, write]) as runtime:
        turn = runtime.turn(session_id="s1", roles=["coder"])
        result = turn.call_sync(ToolCall("c1", "read", {"path": "a.txt"}))

    assert (turn.tools.names, turn.node) == (("read", "write"), "tool_strategy/orket-core:default")
    assert result.value == "content"
    assert type(runtime.node(TOOL_STRATEGY)).__name__ == "Default"
    assert type(runtime.node(TOOL_RUNNER)).__name__ == "Inline"


def test_load_reads_the_nearest_file_above(work: Path) -> None:
    (work / "orket.toml").write_text('[tools]\ngroups = ["notes"]\n[limits]\ntimeout = 7\n')
    (work / "deep").mkdir()
    with Runtime.load(work / "deep", [read]) as runtime:
        assert runtime.toolset.names == ("read_note", "read")
        assert runtime.executor.limits.timeout == 7
        assert runtime.workspace.root == str(work)


def test_the_constructor_reads_no_file_unless_the_environment_names_one(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (work / "orket.toml").write_text('[tools]\ngroups = ["notes"]\n')
    with Runtime([read]) as runtime:
        assert runtime.toolset.names == ("read",)
    monkeypatch.setenv("ORKET_CONFIG", str(work / "orket.toml"))
    with Runtime([read]) as runtime:
        assert runtime.toolset.names == ("read_note", "read")


# Tools


def test_a_group_that_nobody_chose_is_not_imported(start: Start) -> None:
    start(tools=[read])
    assert "acme_notes" not in sys.modules

    runtime = start({"tools": {"groups": ["notes"]}})
    assert runtime.toolset["read_note"].owner == "acme:notes"
    assert "acme_notes" in sys.modules


def test_groups_given_in_code_stand_in_place_of_the_configured_ones(start: Start) -> None:
    config: dict[str, object] = {"tools": {"groups": ["nothing"]}}

    assert start(config, groups=["acme:notes", "acme:notes"], tools=[]).toolset.names == ("read_note",)
    assert start(config, groups=[], tools=[]).toolset.names == ()


def test_a_group_that_there_is_not_is_an_error_with_the_closest_one(start: Start) -> None:
    with pytest.raises(ConfigError) as caught:
        start({"tools": {"groups": ["note"]}})

    diagnostic = caught.value.diagnostic
    assert (diagnostic.code, diagnostic.message) == ("invalid-config", "There is no tool group 'note'.")
    assert diagnostic.asked_by == "the configuration: tools.groups"
    assert diagnostic.looked_in == "entry points 'orket.tools'"
    assert "notes" in diagnostic.found
    assert diagnostic.hint == "did you mean 'notes'?"


def test_a_group_that_is_no_toolset_is_an_error(start: Start) -> None:
    with pytest.raises(ConfigError, match="Tool group 'odd' is a list, not a Toolset"):
        start({"tools": {"groups": ["odd"]}})


def test_a_group_of_two_distributions_is_an_error_that_names_both(start: Start, wheel: Wheel) -> None:
    wheel("rival", {}, "[orket.tools]\nnotes = acme_notes:NOTES\n")
    with pytest.raises(ConfigError) as caught:
        start({"tools": {"groups": ["notes"]}})

    assert caught.value.diagnostic.message == "2 distributions ship a tool group 'notes'."
    assert set(caught.value.diagnostic.found.split(", ")) == {"acme:notes", "rival:notes"}


def test_a_tool_of_a_group_and_one_of_the_application_do_not_hide_each_other(start: Start) -> None:
    mine = tool(name="read_note")(lambda: "mine").with_(owner="app")
    with pytest.raises(ConfigError) as caught:
        start({"tools": {"groups": ["notes"]}}, tools=[mine])

    assert caught.value.diagnostic.message == "Two tools are named 'read_note'."
    assert caught.value.diagnostic.found == "one from acme:notes, one from app"


def test_the_application_classifies_tools_whose_effects_nobody_declared(start: Start) -> None:
    effects = {"for*": ["read"], "write": ["read"], "*eign": ["read", "network"]}
    toolset = start({"tools": {"effects": effects}}, tools=[foreign, write]).toolset

    assert toolset["foreign"].effects == {Effect.READ, Effect.NETWORK}
    assert toolset["write"].effects == {Effect.WRITE}


# Nodes


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


# Switching


def test_a_switch_holds_for_later_turns_and_running_ones_keep_their_offer(start: Start) -> None:
    runtime = start(journal=(journal := MemoryJournal()))
    before = runtime.turn()

    resolution = runtime.switch("reader")
    after = runtime.turn()
    assert resolution is runtime.resolution(TOOL_STRATEGY)
    assert str(resolution.decided.source) == "Runtime.switch (operator)"
    assert (before.tools.names, after.tools.names) == (("read", "write"), ("read",))

    for turn in (before, after):
        turn.call_sync(ToolCall("c1", "read", {"path": "a"}))
    assert [(record.node, record.offer) for record, _ in journal.ended] == [
        ("tool_strategy/orket-core:default", before.digest),
        ("tool_strategy/acme:reader", after.digest),
    ]
    assert before.digest != after.digest


def test_a_switch_wins_over_file_and_rules(start: Start) -> None:
    runtime = start(process_rules={"tool_strategy_node": "reader"})

    runtime.switch("default")
    assert runtime.turn().tools.names == ("read", "write")


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        (
            {"environ": {"ORKET_TOOL_STRATEGY_NODE": "reader"}},
            "'reader', by ORKET_TOOL_STRATEGY_NODE (environment)",
        ),
        ({"nodes": {"tool_strategy": "reader"}}, "'reader', by Runtime(nodes=…) (argument)"),
    ],
    ids=["environment", "argument"],
)
def test_a_switch_under_a_stronger_source_is_pinned(start: Start, parts: dict[str, Any], found: str) -> None:
    runtime = start(**parts)
    with pytest.raises(ResolutionError) as caught:
        runtime.switch("default")

    assert str(caught.value) == (
        "error: pinned\n"
        "  The node of family 'tool_strategy' is decided by a stronger source than a switch.\n"
        "  asked by:  Runtime.switch (operator)\n"
        f"  found:     {found}\n"
        "  hint:      change it there, or remove it there to let a switch decide on 'default'"
    )
    assert runtime.turn().tools.names == ("read",)


@pytest.mark.parametrize(
    ("rules", "node", "code"),
    [
        ({}, "raeder", "unknown-node"),
        ({}, "faulty", "contract-breach"),
        ({"on_unusable_node": "no-tools"}, "raeder", "unknown-node"),
        ({"allowed_nodes": {"tool_strategy": ["default", "reader"]}}, "faulty", "forbidden-node"),
    ],
    ids=["unknown", "fails its trial", "unknown, going on without tools", "forbidden"],
)
def test_a_switch_that_fails_keeps_the_node_there_was(
    start: Start, rules: dict[str, object], node: str, code: str
) -> None:
    runtime = start(process_rules={"tool_strategy_node": "reader", **rules})
    before = runtime.resolution(TOOL_STRATEGY)

    with pytest.raises(ResolutionError) as caught:
        runtime.switch(node)
    assert caught.value.code == code
    assert runtime.resolution(TOOL_STRATEGY) is before
    assert runtime.turn().tools.names == ("read",)
    runtime.switch("default")


def test_a_trial_is_not_a_turn_that_observers_are_told_of(start: Start) -> None:
    told: list[tuple[str, tuple[str, ...]]] = []

    class Watcher:
        @hookimpl
        def turn_composed(self, toolset: Toolset, context: TurnContext, node: str) -> None:
            told.append((node, toolset.names))

    runtime = start(observers=[Watcher()])
    runtime.switch("reader")
    assert told == []
    runtime.turn()
    assert told == [("tool_strategy/acme:reader", ("read",))]


def test_a_switched_runner_runs_the_next_calls_of_running_turns_too(start: Start) -> None:
    runtime = start()
    turn = runtime.turn()

    runtime.switch("careful", TOOL_RUNNER)
    assert turn.call_sync(ToolCall("c1", "read", {"path": "a"})).value == "carefully"


# Scopes


def test_a_scope_has_nodes_and_objects_of_its_own_and_shares_the_rest(start: Start) -> None:
    runtime = start(journal=(journal := MemoryJournal()), deps="ours")
    scope = runtime.scoped(nodes={"tool_strategy": "reader"}, deps="theirs")

    assert (runtime.turn().tools.names, scope.turn().tools.names) == (("read", "write"), ("read",))
    assert (runtime.deps, scope.deps) == ("ours", "theirs")
    assert scope.resolution(TOOL_STRATEGY).decided.source.where == "Runtime.scoped(nodes=…)"
    scope.turn().call_sync(ToolCall("c1", "read", {"path": "a"}))
    assert len(journal.ended) == 1
    with pytest.raises(ResolutionError, match="pinned"):
        scope.switch("default")
    runtime.switch("reader")


def test_a_scope_shares_the_limits(start: Start) -> None:
    once = tool(name="once", budget=1)(lambda: None)
    runtime = start(tools=[once])
    scope = runtime.scoped(nodes={})

    calls = [turn.call_sync(ToolCall("c1", "once")).status for turn in (runtime.turn(), scope.turn())]
    assert calls == ["ok", "denied"]


def test_closing_a_scope_leaves_the_runtime_open(start: Start, work: Path) -> None:
    (work / "a").write_text("content")
    runtime = start()
    with runtime.scoped(nodes={"tool_strategy": "reader"}) as scope:
        assert scope.turn().call_sync(ToolCall("c1", "read", {"path": "a"})).ok

    assert runtime.turn().call_sync(ToolCall("c1", "read", {"path": "a"})).ok


# The brake


def test_a_drawn_brake_holds_for_running_turns_and_for_scopes(start: Start) -> None:
    runtime = start()
    turn, scoped = runtime.turn(), runtime.scoped(nodes={}).turn()

    runtime.restrict(["read"])
    for one in (turn, scoped):
        result = one.call_sync(ToolCall("c1", "write", {"path": "a"}))
        assert (result.status, result.error) == (
            "forbidden-effect",
            "'write' may write, and calls are restricted to read now",
        )


def test_the_brake_of_a_scope_leaves_the_runtime_as_it_was(start: Start) -> None:
    runtime = start()
    scope = runtime.scoped(nodes={})

    scope.restrict({Effect.READ})
    assert scope.turn().call_sync(ToolCall("c1", "write", {"path": "a"})).status == "forbidden-effect"
    assert runtime.turn().call_sync(ToolCall("c1", "write", {"path": "a"})).ok


def test_no_source_of_a_restriction_widens_another(start: Start) -> None:
    config: dict[str, object] = {"limits": {"allow_effects": ["read", "write"]}}
    runtime = start(config, environ={"ORKET_ALLOW_EFFECTS": "write, network"})

    assert runtime.executor.brake.allowed == {Effect.WRITE}
    runtime.restrict(["read", "write", "network"])
    assert runtime.executor.brake.allowed == {Effect.WRITE}
    runtime.restrict([])
    assert runtime.executor.brake.allowed == frozenset()


def test_a_restriction_to_an_effect_that_there_is_not_changes_nothing(start: Start) -> None:
    runtime = start()
    with pytest.raises(ConfigError) as caught:
        runtime.restrict(["raed"])

    assert str(caught.value) == (
        "error: invalid-config\n"
        "  There is no effect 'raed'.\n"
        "  asked by:  Runtime.restrict(…)\n"
        "  found:     read, write, network, execute\n"
        "  hint:      did you mean 'read'?"
    )
    assert runtime.executor.brake.allowed == frozenset(Effect)


# What Orket itself reads


def test_no_tool_writes_what_orket_reads_even_inside_the_workspace(
    tmp_path: Path, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "settings.toml").write_text('[gate]\nevidence = "proofs"\n')
    (tmp_path / "lib").mkdir()
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "lib")])
    monkeypatch.setenv("ORKET_CONFIG", str(tmp_path / "settings.toml"))

    with Runtime([write], workspace=tmp_path) as runtime:
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


# Parts and the end


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


def test_a_recording_is_written_and_closed_with_the_runtime(tmp_path: Path) -> None:
    path = tmp_path / "session.jsonl"
    with Runtime([read], record=path) as runtime:
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


async def test_it_is_an_async_context_manager_too(work: Path) -> None:
    (work / "a").write_text("content")
    async with Runtime([read]) as runtime:
        result: ToolResult = await runtime.turn().call(ToolCall("c1", "read", {"path": "a"}))

    assert result.value == "content"


async def test_after_the_end_a_sync_tool_is_refused(work: Path) -> None:
    (work / "a").write_text("content")
    runtime = Runtime([read])
    turn = runtime.turn()
    await turn.call(ToolCall("c1", "read", {"path": "a"}))
    runtime.close()

    result = await turn.call(ToolCall("c1", "read", {"path": "a"}))
    assert (result.status, result.error) == ("busy", "the runner was closed")
