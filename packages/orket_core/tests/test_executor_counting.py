"""A budget and a rate count the calls that began, and not those that something kept from it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from typing import Any

import pytest

from orket.core import (
    CallContext,
    CallDenied,
    CallRecord,
    CallRefused,
    Effect,
    MemoryJournal,
    Status,
    Tool,
    ToolResult,
    ToolRuntimeExecutor,
    tool,
)
from orket.core.defaults import Inline
from orket.core.limits import Limits

ONCE: list[Mapping[str, Any]] = [{"budget": 1}, {"rate": 1}]


@tool(effects=[Effect.READ])
async def look() -> str:
    """Look."""
    return "seen"


class Fails(MemoryJournal):
    """A journal that refuses the first call."""

    def __init__(self) -> None:
        super().__init__()
        self._refuses = True

    async def begin(self, call: CallRecord) -> None:
        refuses, self._refuses = self._refuses, False
        if refuses:
            raise OSError("full")
        await super().begin(call)


class Refuses(Inline):
    """A runner that raises its outcome instead of beginning the first call."""

    def __init__(self, outcome: Exception) -> None:
        self._outcomes = [outcome]

    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        if self._outcomes:
            raise self._outcomes.pop()
        return await super().run(tool, arguments, context)


async def twice(executor: ToolRuntimeExecutor, one: Tool) -> list[Status]:
    return [(await executor.invoke(one, {})).status for _ in range(2)]


@pytest.mark.parametrize("once", ONCE, ids=str)
async def test_a_call_that_ran_is_counted(once: Mapping[str, Any]) -> None:
    statuses = await twice(ToolRuntimeExecutor(), look.with_(**once))

    assert statuses == ["ok", "denied" if "budget" in once else "busy"]


@pytest.mark.parametrize("once", ONCE, ids=str)
async def test_a_call_that_nobody_approved_is_not_counted(once: Mapping[str, Any]) -> None:
    answers = [False, True]

    async def approve(call: CallRecord, asked: Tool) -> bool:
        return answers.pop(0)

    executor = ToolRuntimeExecutor(approve=approve)
    assert await twice(executor, look.with_(approval=True, **once)) == ["denied", "ok"]


@pytest.mark.parametrize("once", ONCE, ids=str)
async def test_a_call_that_could_not_be_recorded_is_not_counted(once: Mapping[str, Any]) -> None:
    assert await twice(ToolRuntimeExecutor(journal=Fails()), look.with_(**once)) == ["denied", "ok"]


@pytest.mark.parametrize("once", ONCE, ids=str)
@pytest.mark.parametrize(
    ("outcome", "status"), [(CallRefused("no worker"), "busy"), (CallDenied("unconfined"), "denied")]
)
async def test_a_call_that_its_runner_did_not_begin_is_not_counted(
    outcome: Exception, status: Status, once: Mapping[str, Any]
) -> None:
    assert await twice(ToolRuntimeExecutor(Refuses(outcome)), look.with_(**once)) == [status, "ok"]


@pytest.mark.parametrize("once", ONCE, ids=str)
async def test_a_call_that_found_no_place_is_not_counted(once: Mapping[str, Any]) -> None:
    executor, begun, leave = (
        ToolRuntimeExecutor(limits=Limits(concurrency=1)),
        asyncio.Event(),
        asyncio.Event(),
    )
    limited = look.with_(timeout=0.01, **once)

    @tool(effects=[Effect.READ])
    async def occupy() -> None:
        begun.set()
        await leave.wait()

    occupied = asyncio.create_task(executor.invoke(occupy, {}))
    await begun.wait()
    assert (await executor.invoke(limited, {})).status == "busy"
    leave.set()
    await occupied

    assert (await executor.invoke(limited, {})).status == "ok"


@pytest.mark.parametrize("once", ONCE, ids=str)
async def test_a_call_whose_caller_goes_away_before_it_began_is_not_counted(once: Mapping[str, Any]) -> None:
    asked = asyncio.Event()

    async def approve(call: CallRecord, about: Tool) -> bool:
        if asked.is_set():
            return True
        asked.set()
        await asyncio.Event().wait()
        return False

    executor, limited = ToolRuntimeExecutor(approve=approve), look.with_(approval=True, **once)
    await goes_away(asyncio.create_task(executor.invoke(limited, {})), asked)

    assert (await executor.invoke(limited, {})).status == "ok"


@pytest.mark.parametrize("seconds", [60.0, math.inf])
async def test_a_call_whose_caller_goes_away_while_it_runs_is_counted(seconds: float) -> None:
    begun = asyncio.Event()

    @tool(effects=[Effect.READ], budget=1, timeout=seconds)
    async def wait() -> None:
        begun.set()
        await asyncio.Event().wait()

    executor = ToolRuntimeExecutor()
    await goes_away(asyncio.create_task(executor.invoke(wait, {})), begun)

    assert (await executor.invoke(wait, {})).status == "denied"


async def goes_away(call: asyncio.Task[ToolResult], moment: asyncio.Event) -> None:
    await moment.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
