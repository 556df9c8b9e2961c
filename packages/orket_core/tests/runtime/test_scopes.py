"""A runtime for one tenant, and the brake on all of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from orket.core import (
    TOOL_STRATEGY,
    ConfigError,
    Effect,
    MemoryJournal,
    ResolutionError,
    Runtime,
    ToolCall,
    tool,
)

Start = Callable[..., Runtime]


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
