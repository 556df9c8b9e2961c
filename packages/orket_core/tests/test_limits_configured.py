"""What ``[limits]`` says holds for every call of a runtime, and a call that is tried again keeps its identity."""

from __future__ import annotations

import asyncio

import pytest

from orket.core import CallContext, Effect, Runtime, Tool, ToolCall, ToolResult, tool
from orket.core.limits import Limits
from orket.core.parts import limits
from orket.core.settings import Settings


def configured(**table: object) -> Settings:
    return Settings({"limits": table})


def test_every_key_of_the_table_is_a_limit() -> None:
    table: dict[str, object] = {
        "timeout": 2.5,
        "max_output": 10,
        "concurrency": 3,
        "session_concurrency": 2,
        "queue": 7,
    }
    assert limits(configured(**table)) == Limits(
        timeout=2.5, max_output=10, concurrency=3, session_concurrency=2, queue=7
    )
    assert limits(Settings()) == Limits()


def waiting(leave: asyncio.Event) -> Tool:
    """A tool whose calls wait until they may leave."""

    async def wait() -> str:
        await leave.wait()
        return "left"

    return tool(name="wait", effects=[Effect.READ])(wait)


@pytest.mark.parametrize(
    ("table", "sessions", "statuses"),
    [
        ({"session_concurrency": 2, "queue": 1}, ["s1"] * 4, ["ok", "ok", "ok", "busy"]),
        ({"session_concurrency": 1, "queue": 1}, ["s1", "s2", "s1", "s2", "s1"], ["ok"] * 4 + ["busy"]),
        ({"concurrency": 1, "queue": 2}, ["s1", "s2", "s3", "s4"], ["ok", "ok", "ok", "busy"]),
    ],
)
async def test_a_call_that_would_wait_behind_too_many_is_busy_at_once(
    table: dict[str, object], sessions: list[str], statuses: list[str]
) -> None:
    leave = asyncio.Event()
    with Runtime([waiting(leave)], settings=configured(**table)) as runtime:
        calls: list[asyncio.Task[ToolResult]] = []
        for session in sessions:
            turn = runtime.turn(session_id=session)
            calls.append(asyncio.create_task(turn.call(ToolCall("", "wait", {}))))
        while not any(call.done() for call in calls):  # noqa: ASYNC110 - the busy one is the first to be done
            await asyncio.sleep(0)
        leave.set()
        assert [result.status for result in await asyncio.gather(*calls)] == statuses


async def test_every_try_of_a_call_has_one_idempotency_key() -> None:
    keys: list[str] = []

    @tool(effects=[Effect.WRITE], idempotent=True, retry=2)
    def pay(ctx: CallContext) -> str:
        keys.append(ctx.call_id)
        if len(keys) < 3:
            raise OSError("try again")
        return "paid"

    with Runtime([pay]) as runtime:
        first = await runtime.turn().call(ToolCall("toolu_1", "pay", {}))
        second = await runtime.turn().call(ToolCall("toolu_1", "pay", {}))
    assert first.value == second.value == "paid"
    assert keys == [first.call_id] * 3 + [second.call_id]
    assert first.call_id != second.call_id
