"""Whoever goes away, and whenever: the journal and the observers are told how the call ended."""

from __future__ import annotations

import asyncio

import pytest

from orket.core import (
    CallRecord,
    Effect,
    MemoryJournal,
    Status,
    ToolResult,
    ToolRuntimeExecutor,
    hookimpl,
    tool,
)


class Slow(MemoryJournal):
    """A journal that takes its time, the first time, over the step of this name."""

    def __init__(self, step: str) -> None:
        super().__init__()
        self.waiting = asyncio.Event()
        self._step = step

    async def begin(self, call: CallRecord) -> None:
        await super().begin(call)
        await self._wait("begin")

    async def end(self, call: CallRecord, result: ToolResult) -> None:
        await self._wait("end")
        await super().end(call, result)

    async def _wait(self, step: str) -> None:
        if step == self._step and not self.waiting.is_set():
            self.waiting.set()
            await asyncio.Event().wait()


class Told:
    def __init__(self) -> None:
        self.ends: list[Status] = []

    @hookimpl
    def call_finished(self, result: ToolResult) -> None:
        self.ends.append(result.status)


@pytest.mark.parametrize(
    ("step", "status", "runs"),
    [("begin", "cancelled", 0), ("end", "ok", 1)],
    ids=["before the call has begun", "after it has ended"],
)
async def test_a_caller_that_goes_away_while_the_journal_works_leaves_one_record(
    step: str, status: Status, runs: int
) -> None:
    ran: list[int] = []

    @tool(effects=[Effect.WRITE])
    async def write() -> None:
        ran.append(1)

    journal, told = Slow(step), Told()
    call = asyncio.create_task(ToolRuntimeExecutor(journal=journal, observers=[told]).invoke(write, {}))
    await journal.waiting.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call

    assert [result.status for _, result in journal.ended] == told.ends == [status]
    assert (journal.unfinished, len(ran)) == ((), runs)
