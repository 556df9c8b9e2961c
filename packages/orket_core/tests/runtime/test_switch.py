"""Another node by one call: it is tried first, and where it fails the old one stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from orket.core import (
    TOOL_RUNNER,
    TOOL_STRATEGY,
    MemoryJournal,
    ResolutionError,
    Runtime,
    ToolCall,
    Toolset,
    TurnContext,
    hookimpl,
)

Start = Callable[..., Runtime]


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
