"""A turn's offer as plain functions, for frameworks that call tools themselves."""

import asyncio
import inspect
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from orket.core import Effect, Runtime, ToolError, tool


@tool(effects={Effect.READ})
def double(number: int) -> int:
    """Double a number."""
    return number * 2


@tool(effects={Effect.READ})
async def greet(self: str) -> str:
    """Greet somebody."""
    return f"Hello, {self}!"


@tool(effects={Effect.READ})
def refuse() -> None:
    """Refuse."""
    raise ToolError("not today")


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return tmp_path / "session.jsonl"


@pytest.fixture
def runtime(recording: Path) -> Iterator[Runtime]:
    with Runtime([double, greet, refuse], record=recording) as runtime:
        yield runtime


def test_there_is_one_for_each_offered_tool_in_the_order_of_the_offer(runtime: Runtime) -> None:
    turn = runtime.turn()

    assert tuple(function.name for function in turn.functions()) == turn.tools.names


def test_it_says_what_the_model_is_told(runtime: Runtime) -> None:
    function = runtime.turn().functions()[0]

    assert [function.name, function.description] == ["double", "Double a number."]
    assert function.schema == double.schema


def test_it_has_the_name_and_the_documentation_that_frameworks_read_off_functions(runtime: Runtime) -> None:
    function = runtime.turn().functions()[0]

    assert [function.__name__, function.__doc__] == ["double", "Double a number."]
    assert repr(function) == "ToolFunction(double)"


def test_it_runs_its_tool_and_gives_the_text_for_the_model(runtime: Runtime) -> None:
    function, _, _ = runtime.turn().functions()

    assert asyncio.run(function(number=21)) == '{"ok": true, "result": 42}'


def test_code_without_a_loop_runs_it_too(runtime: Runtime) -> None:
    function, _, _ = runtime.turn().functions()

    assert function.sync(number=21) == '{"ok": true, "result": 42}'


def test_inside_a_loop_the_sync_form_says_what_to_write(runtime: Runtime) -> None:
    function, _, _ = runtime.turn().functions()

    async def misuse() -> None:
        function.sync(number=21)

    with pytest.raises(RuntimeError, match=r"write 'await turn\.call\(…\)'"):
        asyncio.run(misuse())


def test_an_argument_may_have_the_name_self(runtime: Runtime) -> None:
    _, function, _ = runtime.turn().functions()

    assert asyncio.run(function(self="Ada")) == "Hello, Ada!"


def test_a_failure_is_text_for_the_model(runtime: Runtime) -> None:
    *_, function = runtime.turn().functions()

    assert json.loads(asyncio.run(function())) == {"ok": False, "error": "not today", "code": "failed"}


def test_arguments_are_checked_as_in_every_call(runtime: Runtime) -> None:
    function, _, _ = runtime.turn().functions()

    assert json.loads(asyncio.run(function(numbr=21)))["code"] == "invalid-arguments"


def test_the_brake_holds(runtime: Runtime) -> None:
    function, _, _ = runtime.turn().functions()
    runtime.restrict([])

    assert json.loads(asyncio.run(function(number=21)))["code"] == "forbidden-effect"


def test_frameworks_see_that_it_is_async(runtime: Runtime) -> None:
    function = runtime.turn().functions()[0]

    assert inspect.iscoroutinefunction(function.__call__)
    assert not inspect.iscoroutinefunction(function.sync)


def test_calls_are_recorded_with_an_id_that_joins_question_and_answer(
    runtime: Runtime, recording: Path
) -> None:
    function, _, _ = runtime.turn().functions()
    function.sync(number=1)
    function.sync(number=2)

    lines = [json.loads(line) for line in recording.read_text(encoding="utf-8").splitlines()]
    asked = [line["tool_calls"][0]["id"] for line in lines if line["role"] == "assistant"]
    answered = [line["tool_call_id"] for line in lines if line["role"] == "tool"]
    assert asked == answered
    assert len({*asked}) == 2
    assert all(asked)
