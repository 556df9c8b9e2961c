"""Of a loop that stands still it is said which tool does not let it go on."""

from __future__ import annotations

import asyncio
import logging
import threading

from orket.core import Tool, ToolRuntimeExecutor, tool
from orket.core.loopwatch import LoopWatch

PATIENCE = 20.0


class Reports:
    """Keeps what is reported, and lets somebody wait for it."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.come = threading.Event()

    def __call__(self, text: str) -> None:
        self.texts.append(text)
        self.come.set()


class Logged(logging.Handler):
    """Reports what is logged."""

    def __init__(self, reports: Reports) -> None:
        super().__init__()
        self._reports = reports

    def emit(self, record: logging.LogRecord) -> None:
        self._reports(f"{record.levelname}: {record.getMessage()}")


def blocking(reports: Reports) -> Tool:
    @tool(name="blocks")
    async def blocks() -> bool:
        """Hold up the loop until that was reported."""
        return reports.come.wait(PATIENCE)

    return blocks


@tool(name="patient")
async def patient() -> str:
    """Wait without holding up anything."""
    await asyncio.sleep(0.2)
    return "done"


async def test_the_tool_that_blocks_is_named_with_the_place() -> None:
    reports = Reports()
    executor = ToolRuntimeExecutor(observers=[LoopWatch(0.02, reports)])
    beside = asyncio.create_task(executor.invoke(patient, {}))
    await asyncio.sleep(0)

    result = await executor.invoke(blocking(reports), {})

    assert result.value is True
    (text,) = reports.texts
    assert text.startswith("'blocks' blocks the event loop, for 0.02 seconds by now at ")
    assert threading.__file__ in text
    assert (await beside).ok


async def test_a_tool_that_waits_is_not_accused() -> None:
    reports = Reports()

    await ToolRuntimeExecutor(observers=[LoopWatch(PATIENCE, reports)]).invoke(patient, {})

    assert reports.texts == []


async def test_a_log_is_told_where_nobody_else_asks() -> None:
    reports = Reports()
    logger, handler = logging.getLogger("orket.loopwatch"), Logged(reports)
    logger.addHandler(handler)

    await ToolRuntimeExecutor(observers=[LoopWatch(0.02)]).invoke(blocking(reports), {})
    logger.removeHandler(handler)

    (text,) = reports.texts
    assert text.startswith("WARNING: 'blocks' blocks the event loop, for 0.02 seconds by now at ")


async def test_the_watching_ends_with_the_calls() -> None:
    await ToolRuntimeExecutor(observers=[LoopWatch()]).invoke(patient, {})

    for thread in threading.enumerate():
        if thread.name == "orket-loop-watch":
            thread.join(PATIENCE)
            assert not thread.is_alive()
