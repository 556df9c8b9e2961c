"""Generated scenes come from the tools' schemas, and what parts in them is cut down to what matters."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from orket.core import Effect, Tool, ToolRuntimeExecutor, tool
from orket.testkit.parity.comparison import Comparison, Divergence, HarnessError
from orket.testkit.parity.corpus import corpus, scenes_with
from orket.testkit.parity.observations import Observation
from orket.testkit.parity.scenes import Call, Scene
from orket.testkit.parity.sequences import scenes, search
from orket.testkit.parity.worlds import Cast, Staging
from orket.testkit.subject import Plan
from orket.testkit.toolsets import baseline
from orket.testkit.values import examples

TOOLS = {made.name: made for made in baseline()}
PLAN = Plan(examples=60)


def drawn(focus: str, count: int = 60) -> list[Scene]:
    return examples(scenes(TOOLS, [focus]), count, 1)


def staged(function: Tool) -> Staging:
    return lambda: Cast({**TOOLS, function.name: function}, ToolRuntimeExecutor().runner)


def double(number: int) -> int:
    """Double a number."""
    return number * 2


def double_small(number: int) -> int:
    """Double a number, wrongly from 100 on."""
    return number * 2 if number < 100 else 0


def comparison(control: Callable[..., object], candidate: Callable[..., object]) -> Comparison:
    one, other = (staged(tool(name="double", effects={Effect.READ})(each)) for each in (candidate, control))
    return Comparison(one, other)


def results(kind: str, name: str) -> bool:
    return (kind, name) == ("result", "double")


def effects(kind: str, _name: str) -> bool:
    return kind == "effect"


def test_every_scene_calls_what_is_in_question() -> None:
    assert all(any(call.tool == "read_file" for call in scene.calls) for scene in drawn("read_file"))


def test_arguments_are_right_malformed_and_no_arguments_at_all() -> None:
    arguments = [
        call.arguments for scene in drawn("read_file") for call in scene.calls if call.tool == "read_file"
    ]

    assert any(isinstance(one, dict) and isinstance(one.get("path"), str) for one in arguments)
    assert any(isinstance(one, dict) and "path" not in one for one in arguments)
    assert any(isinstance(one, dict) and "no_such_argument" in one for one in arguments)
    assert any(isinstance(one, str) for one in arguments)


def test_the_same_seed_draws_the_same_scenes() -> None:
    assert drawn("write_file") == drawn("write_file")


def parting(scene: Scene) -> Divergence | None:
    """Where ``double_small`` would part from ``double``."""
    for place, call in enumerate(scene.calls):
        number = call.arguments.get("number") if isinstance(call.arguments, Mapping) else None
        if isinstance(number, int) and number >= 100:
            return Divergence(("result",), place, scene, Observation(), Observation())
    return None


def test_a_divergence_that_is_rare_is_found_and_shrunk_to_the_smallest_call() -> None:
    tools = {"double": tool(name="double", effects={Effect.READ})(double)}

    found = search(scenes(tools, ["double"]), Plan(examples=100), parting)

    assert found is not None
    assert found.scene.calls == (Call("double", {"number": 100}),)


def test_a_node_that_does_the_same_is_not_found() -> None:
    tools = {"double": tool(name="double", effects={Effect.READ})(double)}

    assert search(scenes(tools, ["double"]), Plan(examples=5), comparison(double, double).of) is None


def test_the_calls_that_do_not_matter_are_cut_out_of_a_frozen_scene() -> None:
    calls = [Call("list_directory"), *(Call("double", {"number": number}) for number in (1, 2, 200, 3))]
    compared = comparison(double, double_small)

    found = compared.of(Scene(tuple(calls)))

    assert isinstance(found, Divergence)
    assert compared.reduced(found).scene.calls == (Call("double", {"number": 200}),)


def test_a_control_that_does_not_agree_with_itself_is_the_harness_own_fault() -> None:
    def random() -> int:
        """Draw a number."""
        import random

        return random.getrandbits(64)

    with pytest.raises(
        HarnessError, match=r"^the control does not agree with itself in scene 'two calls':\n"
    ):
        comparison(random, double).of(Scene((Call("double"),), name="two calls"))


def test_a_difference_that_is_meant_hides_none_that_is_not() -> None:
    calls = Scene(
        (Call("double", {"number": 300}), Call("double", {"number": 400}), Call("double", {"number": 1}))
    )
    compared = comparison(double, double_small)

    assert compared._replace(accepts=results).of(calls) is None
    assert compared._replace(accepts=effects).of(calls) is not None


def test_the_frozen_calls_reach_every_baseline_tool_and_make_each_fail_and_succeed() -> None:
    called = {call.tool for scene in corpus() for call in scene.calls}

    assert set(TOOLS) <= called
    assert all(scenes_with([name]) for name in TOOLS)
