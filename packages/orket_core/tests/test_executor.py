"""The seam that every call passes, and what becomes of a call."""

from __future__ import annotations

import asyncio
import functools
import json
import math
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest

from orket.core import CallContext, Effect, Tool, ToolResult, ToolRuntimeExecutor, Workspace, hookimpl, tool
from orket.core.limits import Brake, Limits


def made(function: Callable[..., object], **policies: Any) -> Tool:
    """The function as a tool that reads, unless it says otherwise."""
    effects = policies.pop("effects", [Effect.READ])
    return tool(name="t", effects=effects, **policies)(function)


async def invoke(function: Callable[..., object], **policies: Any) -> ToolResult:
    """What becomes of one call of ``function`` as a tool."""
    return await ToolRuntimeExecutor().invoke(made(function, **policies), {})


async def test_a_call_that_ends_well_is_ok_and_has_an_id_of_its_own() -> None:
    executor, one = ToolRuntimeExecutor(), made(lambda: "content")
    first, second = await executor.invoke(one, {}), await executor.invoke(one, "")

    assert (first.status, first.ok, first.value, first.tool) == ("ok", True, "content", "t")
    assert first.call_id.startswith("call-")
    assert first.call_id != second.call_id


async def test_sync_tools_run_off_the_loop_and_async_ones_on_it() -> None:
    async def where() -> bool:
        return threading.current_thread() is threading.main_thread()

    def here() -> bool:
        return threading.current_thread() is threading.main_thread()

    assert (await invoke(here)).value is False
    assert (await invoke(where)).value is True


async def test_sync_tools_see_the_callers_context_variables() -> None:
    tenant: ContextVar[str] = ContextVar("tenant")
    tenant.set("acme")

    def who() -> str:
        return tenant.get()

    assert (await invoke(who)).value == "acme"


async def greet(name: str = "you") -> str:
    return f"hello {name}"


class Greeter:
    async def __call__(self) -> str:
        return await greet()


@functools.wraps(greet)
def wrapped(*args: str, **kwargs: str) -> Awaitable[str]:
    return greet(*args, **kwargs)


def unhinted() -> object:
    return greet()


@pytest.mark.parametrize(
    "function",
    [greet, functools.partial(greet, name="you"), Greeter(), Greeter().__call__, unhinted, wrapped],
    ids=["function", "partial", "object", "method", "sync", "wrapped"],
)
async def test_an_awaitable_is_awaited_and_never_handed_on(function: Callable[..., object]) -> None:
    assert (await invoke(function)).value == "hello you"


async def test_a_tool_receives_its_context_with_its_id_and_its_deadline() -> None:
    async def look(ctx: CallContext) -> list[object]:
        return [ctx.session_id, ctx.role, ctx.call_id, ctx.deadline is not None]

    context = CallContext(session_id="s1", roles=("coder", "reviewer"), call_id="call-mine")
    result = await ToolRuntimeExecutor().invoke(made(look), {}, context)
    assert result.value == ["s1", "coder", "call-mine", True]


async def test_a_result_that_json_cannot_say_is_a_bad_result() -> None:
    result = await invoke(lambda: {"tags": {1, 2}})

    assert (result.status, result.error, result.value) == (
        "bad-result",
        "'t' gave what JSON cannot say: a set is no JSON value",
        None,
    )


async def test_a_structure_over_the_limit_is_too_large() -> None:
    result = await invoke(lambda: list(range(100)), max_output=100)

    assert (result.status, result.error) == ("too-large", "'t' gave 390 bytes of JSON, where 100 are allowed")


async def test_long_text_is_ok_and_cut_with_the_whole_kept_beside_it() -> None:
    result = await invoke(lambda: "x" * 1_000, max_output=200)

    assert result.ok
    assert result.for_model() == f"{'x' * 75}\n[… 900 of 1,000 characters left out …]\n{'x' * 25}"
    assert result.whole == "x" * 1_000


async def test_an_observer_that_fails_changes_nothing() -> None:
    class Broken:
        @hookimpl
        def call_started(self) -> None:
            raise SystemExit(3)

    assert (await ToolRuntimeExecutor(observers=[Broken()]).invoke(made(lambda: 1), {})).value == 1


async def test_a_runner_that_is_no_runner_is_a_failure_of_the_call() -> None:
    class Broken:
        def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> Awaitable[object]:
            raise LookupError("no worker")

    result = await ToolRuntimeExecutor(Broken()).invoke(made(lambda: 1), {})
    assert (result.status, result.error) == ("failed", "LookupError: no worker")


def test_the_seam_works_without_anything_around_it() -> None:
    assert asyncio.run(ToolRuntimeExecutor().invoke(made(greet), {"name": "me"})).value == "hello me"


async def fail() -> None:
    raise ValueError("x")


async def test_the_straight_way_of_an_unguarded_call_is_the_same_way() -> None:
    executor = ToolRuntimeExecutor(
        limits=Limits(timeout=math.inf, concurrency=None), brake=Brake([Effect.READ])
    )

    assert (await executor.invoke(made(greet), {"name": "me"})).value == "hello me"
    assert (await executor.invoke(made(greet), {"nme": 1})).status == "invalid-arguments"
    assert (await executor.invoke(made(greet, effects=[Effect.WRITE]), {})).status == "forbidden-effect"
    assert (await executor.invoke(made(fail), {})).error == "ValueError: x"
    assert (await executor.invoke(made(lambda: {1}), {})).status == "bad-result"
    assert (await executor.invoke(made(greet, budget=0), {})).status == "denied"
    assert (await executor.invoke(made(greet, approval=True), {})).status == "needs-approval"
    assert (await executor.invoke(made(asyncio.Event().wait, timeout=0.01), {})).status == "timeout"


async def test_what_a_model_reads_of_a_failure_holds_no_traceback_no_host_path_and_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVICE_TOKEN", "tok-1234567890")
    (tmp_path / "notes.txt").mkdir()

    def leak(path: str) -> str:
        try:
            return Path(path).read_text()
        except OSError as error:
            raise RuntimeError(f"{error}; token tok-1234567890, see /home/me/.netrc") from error

    context = CallContext(files=Workspace(tmp_path))
    for path, place in ((tmp_path / "notes.txt", "notes.txt"), (Path("/etc/no/such"), "<path>")):
        result = await ToolRuntimeExecutor().invoke(made(leak), {"path": str(path)}, context)
        read = json.loads(result.for_model())

        assert read["code"] == "failed"
        assert read["error"].startswith("RuntimeError: [Errno ")
        assert read["error"].endswith(f"'{place}'; token <secret>, see <path>")
        assert "Traceback" not in result.for_model()
        assert isinstance(result.cause, RuntimeError)
