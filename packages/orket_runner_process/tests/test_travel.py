"""What of a call travels to a worker and back, and what is run in the host instead."""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import Callable
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from orket.core import CallContext, Effect, Tool, ToolRuntimeExecutor, Workspace, tool

if TYPE_CHECKING:
    from orket.core import ToolResult
    from orket.runners.process import Process

Make = Callable[..., "Process"]

faulty: Any = import_module("faulty_tools")


async def call(
    runner: Process, called: Tool, context: CallContext | None = None, **arguments: object
) -> ToolResult:
    return await ToolRuntimeExecutor(runner).invoke(called, arguments, context)


async def test_a_function_of_a_module_runs_in_another_process(make: Make) -> None:
    result = await call(make(), tool(faulty.pid))

    assert result.status == "ok"
    assert result.value != os.getpid()


async def test_a_worker_is_used_again(make: Make) -> None:
    runner = make()

    assert (await call(runner, tool(faulty.pid))).value == (await call(runner, tool(faulty.pid))).value


async def test_a_worker_serves_one_event_loop_after_the_other(make: Make) -> None:
    runner = make()
    first = await call(runner, tool(faulty.pid))

    second = await asyncio.to_thread(lambda: asyncio.run(call(runner, tool(faulty.pid))))
    third = await call(runner, tool(faulty.pid))

    assert first.value == second.value == third.value


async def test_a_tool_that_other_processes_cannot_find_runs_in_the_host(make: Make) -> None:
    runner = make()

    def inner() -> int:
        """A function of a function."""
        return os.getpid()

    declared = tool(host=True)(faulty.pid)
    partial = tool(name="partial")(functools.partial(faulty.pid))

    for each in (tool(inner), declared, partial):
        assert each.host
        assert (await call(runner, each)).value == os.getpid()


async def test_a_tool_whose_name_leads_to_another_function_runs_in_the_host(make: Make) -> None:
    """A decorator that copies names makes one of them."""

    @functools.wraps(faulty.pid)
    def decorated() -> str:
        return f"decorated {faulty.pid()}"

    result = await call(make(), tool(decorated))

    assert result.value == f"decorated {os.getpid()}"


async def test_a_tool_may_stand_where_its_function_stood(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    result = await call(make(), faulty.decorated)

    assert result.value == "from the decorated"


async def test_arguments_arrive_as_the_types_that_the_tool_asks_for(make: Make) -> None:
    result = await call(
        make(), tool(faulty.dates), day="2030-01-02", places=[{"name": "here"}], more=["a", "a"]
    )

    assert result.value == {"year": 2030, "place": "Place", "more": ["a"]}
    assert date(2030, 1, 2).year == 2030


async def test_a_tool_of_a_foreign_schema_receives_its_arguments_as_they_are(make: Make) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "number"}}, "required": ["a"]}
    foreign = Tool.from_json_schema(
        faulty.echo, schema, name="foreign", description="Echo.", effects=["read"]
    )

    assert (await call(make(), foreign, a=1.5)).value == {"a": 1.5}


async def test_of_the_context_everything_travels_but_the_applications_objects(
    make: Make, workspace: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "notes").mkdir()
    files = Workspace(workspace.root, references=[tmp_path / "notes"])
    context = CallContext(
        session_id="s1",
        roles=("coder", "reviewer"),
        model="m",
        turn=3,
        extra={"a": [1]},
        call_id="c1",
        files=files,
    )
    context.deps = object()

    result = await call(make(), tool(faulty.known), context)

    assert result.value == {
        "session": "s1",
        "roles": ["coder", "reviewer"],
        "model": "m",
        "turn": 3,
        "extra": {"a": [1]},
        "call": "c1",
        "in time": True,
        "max_output": 65_536,
        "references": 1,
        "deps": None,
    }


async def test_what_is_protected_in_the_host_is_protected_in_the_worker(
    make: Make, workspace: Workspace
) -> None:
    files = Workspace(workspace.root, protected=[Path(workspace.root, "database")])
    writes = tool(effects={Effect.WRITE})(faulty.writes)

    result = await call(make(), writes, CallContext(files=files), path="database")

    assert result.status == "failed"
    assert result.error.startswith("cannot write 'database': Orket itself reads it")


async def test_arguments_that_json_cannot_say_are_the_calls_failure(make: Make) -> None:
    result = await call(make(), tool(faulty.takes_anything), given=object())

    assert result.status == "failed"
    assert result.error.startswith(
        "the arguments of 'takes_anything' cannot be sent to another process: Unable to serialize unknown type"
    )


async def test_what_a_model_makes_of_its_own_does_not_travel(make: Make) -> None:
    assert (await call(make(), tool(faulty.doubles), given={"number": 2})).value == 4


@pytest.mark.parametrize(
    ("function", "arguments", "why"),
    [
        (faulty.unlocks, {"login": {"password": "open"}}, "'login' would not be the same there"),
        (faulty.renames, {"given": {"in": 1}}, "given.in: Field required"),
    ],
    ids=["a secret", "another name"],
)
async def test_arguments_that_would_arrive_as_others_are_not_sent(
    make: Make, function: Callable[..., object], arguments: dict[str, Any], why: str
) -> None:
    result = await call(make(), tool(function), **arguments)

    assert (result.status, result.error) == (
        "failed",
        f"the arguments of '{function.__name__}' cannot be sent to another process: {why}",
    )


async def test_text_that_is_too_long_to_travel_is_kept_in_the_workspace(
    make: Make, workspace: Workspace
) -> None:
    context = CallContext(call_id="call-1", files=workspace)

    result = await call(make(), tool(effects={Effect.READ})(faulty.long_text), context)

    whole = Path(workspace.root, ".orket/outputs/call-1.txt")
    assert result.status == "ok"
    assert ".orket/outputs/call-1.txt" in str(result.value)
    assert len(str(result.value)) < 65_536
    assert os.stat(whole).st_size == 64 << 20
    assert result.whole is None


async def test_what_a_tool_raised_stays_with_the_application(make: Make) -> None:
    result = await call(make(), tool(faulty.raises))

    assert result.error == "ValueError: no such row"
    assert result.cause is not None
    assert 'raise ValueError("no such row")' in result.cause.__notes__[0]


async def test_what_a_tool_prints_is_logged_and_the_rest_is_counted(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "orket.runners.process")

    await call(make(output=10), tool(faulty.prints))

    assert caplog.messages == ["'prints' printed: yyyyyyyyyy\n(19,999,990 bytes more were dropped)"]


@pytest.mark.parametrize("name", ["trace", "trace_async"])
async def test_the_trace_of_the_caller_is_that_of_the_tool(name: str, make: Make) -> None:
    trace = pytest.importorskip("opentelemetry.trace", reason="the host does not use OpenTelemetry")
    made = trace.SpanContext(0xABC, 0xDEF, is_remote=False, trace_flags=trace.TraceFlags(1))
    runner = make()

    with trace.use_span(trace.NonRecordingSpan(made)):
        within = await call(runner, tool(getattr(faulty, name)))
    outside = await call(runner, tool(getattr(faulty, name)))

    assert (within.value, outside.value) == (format(0xABC, "032x"), format(0, "032x"))
