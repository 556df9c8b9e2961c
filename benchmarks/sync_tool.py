"""Call a tool that blocks, off the event loop."""

from __future__ import annotations

import asyncio
import math
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from benchmarks.harness import Row, Target
from benchmarks.samples import ARGUMENTS, CALLS, calls_in_a_loop, greet_sync

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _in_executor(_: Path) -> Callable[[], object]:
    """The loop's own pool of threads; it keeps no context variables and nothing can be let go of."""
    return calls_in_a_loop(
        lambda: asyncio.get_running_loop().run_in_executor(None, partial(greet_sync, **ARGUMENTS))
    )


def _orket(_: Path) -> Callable[[], object]:
    """Validated and contained besides, in a thread that a deadline can let go of; no deadline and no journal."""
    from orket.core.calls import CallContext
    from orket.core.executor import ToolRuntimeExecutor
    from orket.core.limits import Limits
    from orket.core.tools import tool

    executor = ToolRuntimeExecutor(limits=Limits(timeout=math.inf, concurrency=None))
    tool_, context = tool(greet_sync), CallContext(call_id="x")
    return calls_in_a_loop(lambda: executor.invoke(tool_, ARGUMENTS, context))


def _to_thread(_: Path) -> Callable[[], object]:
    """``asyncio.to_thread``, which keeps context variables."""
    return calls_in_a_loop(lambda: asyncio.to_thread(greet_sync, **ARGUMENTS))


def _anyio(_: Path) -> Callable[[], object]:
    """``anyio.to_thread.run_sync``, which keeps context variables."""
    run_sync = import_module("anyio.to_thread").run_sync
    return calls_in_a_loop(lambda: run_sync(partial(greet_sync, **ARGUMENTS)))


ROWS = (
    Row(
        name="sync-tool",
        title="call a sync tool, off the loop",
        contenders={
            "run_in_executor": _in_executor,
            "orket": _orket,
            "asyncio.to_thread": _to_thread,
            "anyio.to_thread": _anyio,
        },
        targets=(Target("orket", over="run_in_executor", limit=1),),
        inner=CALLS,
    ),
)
