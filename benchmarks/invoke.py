"""Call an async tool through the seam: bare, and with everything that is on by default."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from benchmarks.harness import Row, Target
from benchmarks.peers import CALLING, pydantic_ai_with_timeout
from benchmarks.samples import ARGUMENTS, CALLS, greet, in_a_loop

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orket.core.executor import ToolRuntimeExecutor


def _direct(_: Path) -> Callable[[], object]:
    async def work() -> None:
        for _ in range(CALLS):
            await greet(**ARGUMENTS)

    return in_a_loop(work)


def _bare(_: Path) -> Callable[[], object]:
    """Arguments validated, faults contained, the result checked and capped; no deadline and no journal."""
    from orket.core.executor import ToolRuntimeExecutor
    from orket.core.limits import Limits

    return _through(ToolRuntimeExecutor(limits=Limits(timeout=math.inf, concurrency=None)))


def _everything(_: Path) -> Callable[[], object]:
    """A deadline, a place among 16, both entries in the journal, and an observer that is told of each call."""
    from orket.core.calls import CallRecord, ToolResult
    from orket.core.executor import ToolRuntimeExecutor
    from orket.core.hookspecs import hookimpl
    from orket.core.journal import MemoryJournal

    class Counter:
        seen = 0

        @hookimpl
        def call_finished(self, call: CallRecord, result: ToolResult) -> None:
            self.seen += 1

    return _through(ToolRuntimeExecutor(journal=MemoryJournal(), observers=[Counter()]))


def _through(executor: ToolRuntimeExecutor) -> Callable[[], object]:
    from orket.core.calls import CallContext
    from orket.core.tools import tool

    tool_, context = tool(greet), CallContext(call_id="x")

    async def work() -> None:
        for _ in range(CALLS):
            await executor.invoke(tool_, ARGUMENTS, context)

    return in_a_loop(work)


ROWS = (
    Row(
        name="invoke",
        title="call an async tool: validated and contained",
        contenders={"direct": _direct, "orket": _bare, **CALLING},
        targets=(
            Target("orket", over="direct", limit=5),
            Target("orket", over="pydantic-ai", limit=0.75),
        ),
        inner=CALLS,
    ),
    Row(
        name="invoke-everything",
        title="call an async tool: with deadline, journal and observer as well",
        contenders={
            "direct": _direct,
            "orket": _everything,
            "pydantic-ai, with a timeout": pydantic_ai_with_timeout,
            "openai-agents, without": CALLING["openai-agents"],
        },
        targets=(
            Target("orket", over="direct", limit=25),
            Target("orket", over="openai-agents, without", limit=1),
            Target("orket", over="pydantic-ai, with a timeout", limit=1),
        ),
        inner=CALLS,
    ),
)
