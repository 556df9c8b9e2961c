"""A call is tried again only where that is the same as calling once."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import stamina

from orket.core import CallRefused, Effect, Tool, ToolError, ToolResult, ToolRuntimeExecutor, tool


def made(function: Callable[..., object], **policies: Any) -> Tool:
    """The function as a tool that reads, unless it says otherwise."""
    effects = policies.pop("effects", [Effect.READ])
    return tool(name="t", effects=effects, **policies)(function)


async def invoke(function: Callable[..., object], **policies: Any) -> ToolResult:
    """What becomes of one call of ``function`` as a tool."""
    return await ToolRuntimeExecutor().invoke(made(function, **policies), {})


class Flaky:
    """Fails a number of times before it ends well."""

    def __init__(self, failures: int, error: BaseException) -> None:
        self.calls = 0
        self._failures = failures
        self._error = error

    async def __call__(self) -> int:
        self.calls += 1
        if self.calls <= self._failures:
            raise self._error
        return self.calls


@pytest.fixture
def at_once() -> Iterator[None]:
    """Tries again without waiting."""
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


async def test_an_idempotent_tool_is_tried_again(at_once: None) -> None:
    flaky = Flaky(2, ConnectionError())

    assert (await invoke(flaky, retry=2, idempotent=True)).value == 3


async def test_it_is_tried_again_only_so_often(at_once: None) -> None:
    flaky = Flaky(9, ConnectionError("gone"))
    result = await invoke(flaky, retry=2, idempotent=True)

    assert (result.status, result.error, flaky.calls) == ("failed", "ConnectionError: gone", 3)


async def test_every_try_has_the_arguments_of_the_call(at_once: None) -> None:
    tries: list[list[str]] = []

    def take_all(names: list[str]) -> str:
        tries.append([*names])
        names.clear()
        if len(tries) < 3:
            raise ConnectionError
        return "taken"

    executor = ToolRuntimeExecutor()
    result = await executor.invoke(made(take_all, retry=2, idempotent=True), {"names": ["a", "b"]})

    assert (result.value, tries) == ("taken", [["a", "b"]] * 3)


@pytest.mark.parametrize(
    ("error", "policies"),
    [
        (ConnectionError(), {"retry": 2}),
        (ConnectionError(), {"idempotent": True}),
        (ToolError("on purpose"), {"retry": 2, "idempotent": True}),
        (SystemExit(), {"retry": 2, "idempotent": True}),
        (CallRefused("no room"), {"retry": 2, "idempotent": True}),
    ],
    ids=["not idempotent", "not asked for", "on purpose", "exits", "refused"],
)
async def test_no_other_call_is_tried_again(
    error: BaseException, policies: Mapping[str, Any], at_once: None
) -> None:
    flaky = Flaky(1, error)

    assert not (await invoke(flaky, **policies)).ok
    assert flaky.calls == 1


async def test_trying_again_stays_within_the_deadline() -> None:
    flaky = Flaky(sys.maxsize, ConnectionError())
    result = await invoke(flaky, retry=1_000, idempotent=True, timeout=0.05)

    assert result.status == "timeout"


async def test_a_caller_that_goes_away_is_not_held_up_by_another_try(at_once: None) -> None:
    begun, times = asyncio.Event(), list[int]()

    async def wait() -> None:
        times.append(1)
        begun.set()
        if len(times) == 1:
            await asyncio.Event().wait()

    call = asyncio.create_task(invoke(wait, retry=2, idempotent=True))
    await begun.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert times == [1]


async def test_a_deadline_that_passed_is_the_end_of_trying(at_once: None) -> None:
    times: list[int] = []

    async def wait() -> None:
        times.append(1)
        if len(times) == 1:
            await asyncio.Event().wait()

    assert (await invoke(wait, retry=2, idempotent=True, timeout=0.01)).status == "timeout"
    assert times == [1]
