"""Closing a runtime ends the calls that are under way, tells their callers, and has all of it recorded."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orket.core import CallRecord, Effect, MemoryJournal, Runtime, Tool, ToolCall, ToolResult, tool

CLOSED = "'t' was under way when the runtime was closed"
PATIENCE = 20.0


class Held:
    """A tool that goes on until it is told to end."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.release = threading.Event()

    async def wait(self) -> None:
        self.begun.set()
        await asyncio.Event().wait()

    def block(self) -> None:
        self.begun.set()
        self.release.wait(PATIENCE)


@pytest.fixture
def held() -> Held:
    return Held()


def made(function: Callable[[], object], **policies: Any) -> Tool:
    return tool(name="t", **policies)(function)


async def under_way(runtime: Runtime, held: Held) -> asyncio.Task[ToolResult]:
    call = asyncio.create_task(runtime.turn().call(ToolCall("c1", "t")))
    while not held.begun.is_set():  # noqa: ASYNC110 - set by another thread
        await asyncio.sleep(0.001)
    return call


@pytest.mark.parametrize("seconds", [60, math.inf])
async def test_a_coroutine_is_cancelled_and_its_caller_is_not(held: Held, seconds: float, work: Path) -> None:
    journal = MemoryJournal()
    async with Runtime([made(held.wait, timeout=seconds)], journal=journal, workspace=work) as runtime:
        call = await under_way(runtime, held)

    assert [(result.status, result.error) for _, result in journal.ended] == [("cancelled", CLOSED)]
    assert not journal.unfinished
    assert (await call).status == "cancelled"
    assert call.cancelling() == 0


@pytest.mark.parametrize(
    ("effect", "status", "error"),
    [
        (Effect.READ, "cancelled", CLOSED),
        (
            Effect.WRITE,
            "unknown-outcome",
            f"{CLOSED}; it may still be running, and what it changed is not known",
        ),
    ],
)
async def test_a_thread_is_let_go_and_what_it_may_have_written_is_said(
    held: Held, effect: Effect, status: str, error: str, work: Path
) -> None:
    async with Runtime([made(held.block, effects={effect})], workspace=work) as runtime:
        call = await under_way(runtime, held)

    result = await call
    assert (result.status, result.error) == (status, error)
    held.release.set()


async def test_it_waits_until_the_journal_has_every_end(held: Held, work: Path) -> None:
    class Slow(MemoryJournal):
        async def end(self, call: CallRecord, result: ToolResult) -> None:
            await asyncio.sleep(0.02)
            await super().end(call, result)

    async with Runtime([made(held.wait)], journal=(journal := Slow()), workspace=work) as runtime:
        call = await under_way(runtime, held)

    assert [result for _, result in journal.ended] == [await call]


async def test_a_call_of_another_loop_is_ended_too(held: Held, work: Path) -> None:
    results: list[ToolResult] = []
    async with Runtime([made(held.wait)], workspace=work) as runtime:
        turn = runtime.turn()
        other = threading.Thread(
            target=lambda: results.append(asyncio.run(turn.call(ToolCall("c1", "t")))), daemon=True
        )
        other.start()
        await asyncio.to_thread(held.begun.wait, PATIENCE)

    await asyncio.to_thread(other.join, PATIENCE)
    assert [result.status for result in results] == ["cancelled"]


async def test_a_call_that_waits_for_a_place_does_not_begin(held: Held, work: Path) -> None:
    async with Runtime([made(held.wait, serial=True)], workspace=work) as runtime:
        first = await under_way(runtime, held)
        second = asyncio.create_task(runtime.turn().call(ToolCall("c2", "t")))
        await asyncio.sleep(0)

    assert [(one.status, one.error) for one in (await first, await second)] == [
        ("cancelled", CLOSED),
        ("busy", "the runtime was closed"),
    ]


@pytest.mark.parametrize("is_async", [True, False])
async def test_no_call_begins_afterwards(is_async: bool, held: Held, work: Path) -> None:
    runtime = Runtime([made(held.wait if is_async else held.block)], workspace=work)
    turn = runtime.turn()
    runtime.close()

    result = await turn.call(ToolCall("c1", "t"))
    assert (result.status, result.error) == ("busy", "the runtime was closed")
    assert not held.begun.is_set()


async def test_a_scope_that_is_closed_leaves_the_calls_of_the_others(held: Held, work: Path) -> None:
    async with Runtime([made(held.wait)], workspace=work) as runtime:
        call = await under_way(runtime, held)
        async with runtime.scoped(nodes={}):
            pass

        assert not call.done()
    assert (await call).status == "cancelled"
