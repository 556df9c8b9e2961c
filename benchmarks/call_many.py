"""Answer the calls of one reply side by side."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

from benchmarks.harness import Row, Target
from benchmarks.peers import pydantic_ai_call
from benchmarks.samples import ARGUMENTS, greet, in_a_loop

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orket.core.executor import ToolRuntimeExecutor

MANY = 1000


def _direct(_: Path) -> Callable[[], object]:
    """``gather`` of the bare function, where one that raises takes all results with it."""
    return in_a_loop(lambda: asyncio.gather(*(greet(**ARGUMENTS) for _ in range(MANY))))


def _without_deadline(_: Path) -> Callable[[], object]:
    """Sixteen at once, as by default, with neither deadline nor journal."""
    from orket.core.executor import ToolRuntimeExecutor
    from orket.core.limits import Limits

    return _turn(ToolRuntimeExecutor(limits=Limits(timeout=math.inf)))


def _with_deadline(_: Path) -> Callable[[], object]:
    """Sixteen at once, each with its deadline, without a journal."""
    from orket.core.executor import ToolRuntimeExecutor

    return _turn(ToolRuntimeExecutor())


def _by_default(_: Path) -> Callable[[], object]:
    """Sixteen at once, each with its deadline, each recorded before and after."""
    return _turn(None)


def _turn(executor: ToolRuntimeExecutor | None) -> Callable[[], object]:
    from orket.core.calls import ToolCall
    from orket.core.runtime import Runtime

    runtime = Runtime([greet])
    if executor is not None:
        runtime.executor = executor
    turn = runtime.turn()
    calls = [ToolCall(str(number), "greet", ARGUMENTS) for number in range(MANY)]
    return in_a_loop(lambda: turn.call_many(calls))


def _pydantic_ai(_: Path) -> Callable[[], object]:
    """``gather`` of validated calls."""
    call = pydantic_ai_call()
    return in_a_loop(lambda: asyncio.gather(*(call() for _ in range(MANY))))


ROWS = (
    Row(
        name="call-many",
        title=f"answer {MANY:,} calls of one reply",
        contenders={
            "gather, direct": _direct,
            "orket, no deadline": _without_deadline,
            "orket, deadline": _with_deadline,
            "orket, by default": _by_default,
            "gather, pydantic-ai": _pydantic_ai,
        },
        targets=(
            Target("orket, no deadline", over="gather, direct", limit=1),
            Target("orket, deadline", over="gather, direct", limit=1.3),
        ),
        inner=MANY,
    ),
)
