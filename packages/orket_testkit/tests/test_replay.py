"""A trace shows a divergence again from its file alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel, ConfigDict

from orket.core import Effect, Toolset, TurnContext, hookimpl, tool
from orket.core.proving import Declaration
from orket.testkit.checks import laws_of, run_law
from orket.testkit.findings import Broken
from orket.testkit.parity.calls import compare_strategy
from orket.testkit.parity.laws import LAWS
from orket.testkit.parity.scenes import Scene
from orket.testkit.subject import Plan
from orket.testkit.zoo.calls import CALLS
from orket.testkit.zoo.mutants import MUTANTS
from orket.testkit.zoo.subjects import Entry, subject_of

if TYPE_CHECKING:
    from pathlib import Path

    from orket.testkit.isolation import Isolation
    from orket.testkit.subject import Subject

OTHERWISE = Plan(seed=99, examples=1)
"""Draws next to nothing: what is found again is in the trace."""


@tool(effects={Effect.READ})
def look_up(number: int) -> object:
    """Look a number up."""
    return {number} if number else "nothing"


class Choosy:
    """Takes no options but the one that is drawn first, and brings a tool along that takes no other argument."""

    class Options(BaseModel):
        """How many."""

        model_config = ConfigDict(extra="forbid")
        number: int = 0

    def __init__(self, options: Options) -> None:
        if options.number:
            raise TypeError("odd")

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return toolset | Toolset([look_up])


CHOOSY = Entry("choosy", f"{__name__}:Choosy", "", "", Declaration(provides=("look_up",)))
OF_OTHERS = {
    entry.rejected_by: entry
    for entry in MUTANTS
    if entry.name in ("shares-by-role", "puts-the-context-aside")
}


def subject(name: str) -> Subject:
    (entry,) = [entry for entry in CALLS if entry.name == name]
    return subject_of(entry)


def broken(name: str, plan: Plan) -> Broken:
    with pytest.raises(Broken) as raised:
        compare_strategy(subject(name), plan)
    return raised.value


def nothing_frozen(_tools: object) -> tuple[Scene, ...]:
    return ()


def test_a_kept_trace_finds_the_same_divergence(tmp_path: Path) -> None:
    first = broken("LeavesCopy", Plan(examples=1))
    file = tmp_path / "trace.json"
    file.write_text(json.dumps(first.trace))

    again = broken("LeavesCopy", Plan(examples=0, replay=json.loads(file.read_text())))

    assert again.found == first.found
    assert again.trace == first.trace


def test_the_trace_of_a_generated_scene_replays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orket.testkit.parity.calls.scenes_with", nothing_frozen)
    first = broken("OtherType", Plan(examples=30))
    assert first.trace is not None
    assert first.trace["name"] == "generated"

    assert broken("OtherType", Plan(replay=first.trace)).found == first.found


def test_the_same_seed_draws_the_same_and_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orket.testkit.parity.calls.scenes_with", nothing_frozen)

    assert broken("OtherType", Plan(seed=7)).trace == broken("OtherType", Plan(seed=7)).trace


def test_a_replayed_node_that_was_mended_passes() -> None:
    trace = broken("OtherType", Plan(examples=1)).trace
    same = subject("OtherType")._replace(declared=subject("OtherType").declared._replace(provides=()))

    (law,) = [law for law in LAWS["tool_strategy"] if law.id == "parity-calls"]

    assert run_law(law, same, Plan(replay=trace)).status == "passed"


@pytest.mark.parametrize("law", ["options-checked", "calls-contained"])
def test_what_was_drawn_is_in_the_trace(law: str) -> None:
    checked = laws_of("tool_strategy")[law]
    first = run_law(checked, subject_of(CHOOSY), Plan())
    assert run_law(checked, subject_of(CHOOSY), OTHERWISE).passed

    again = run_law(checked, subject_of(CHOOSY), OTHERWISE._replace(replay=first.trace))

    assert not first.passed
    assert again == first


@pytest.mark.parametrize("law", ["deterministic", "reentrant"])
def test_what_shows_only_beside_another_compose_has_it_in_the_trace(law: str, isolation: Isolation) -> None:
    checked, node = laws_of("tool_strategy")[law], subject_of(OF_OTHERS[law])
    first = isolation.run(checked, node, Plan(examples=5))
    assert first.trace is not None
    assert first.trace["after"]

    assert not isolation.run(checked, node, OTHERWISE._replace(replay=first.trace)).passed
