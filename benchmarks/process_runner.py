"""Call a tool in another process that is there already."""

from __future__ import annotations

import asyncio
import json
import math
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.harness import Row, Target
from benchmarks.samples import ARGUMENTS, greet_sync

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

_CALLS = 500
_WARM_UP = 1.0  # seconds; what a process does once is not measured
_WORKER = """
import json, sys
from benchmarks.samples import greet_sync
for line in sys.stdin.buffer:
    sys.stdout.buffer.write(json.dumps({"value": greet_sync(**json.loads(line))}).encode() + b"\\n")
    sys.stdout.buffer.flush()
"""


def _counting(begin: Callable[[], Awaitable[Callable[[], Awaitable[object]]]]) -> Callable[[], float]:
    """Microseconds of CPU that one call took, in this process and in all below it.

    The harness counts processes that have ended only, and here none ends.
    """
    loop = asyncio.new_event_loop()

    async def ready() -> Callable[[], Awaitable[object]]:
        call = await begin()
        for _ in range(_CALLS):
            await call()
        await asyncio.sleep(_WARM_UP)
        return call

    call = loop.run_until_complete(ready())

    async def work() -> None:
        for _ in range(_CALLS):
            await call()

    def counted() -> float:
        before = _cpu()
        loop.run_until_complete(work())
        return (_cpu() - before) / _CALLS / 1_000

    return counted


def _cpu() -> int:
    """Nanoseconds on a CPU, of every thread of this process and of those below it."""
    return sum(
        int(file.read_text("ascii").split()[0]) for pid in _tree(os.getpid()) for file in _threads(pid)
    )


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text("ascii").split():
            yield from _tree(int(child))


def _threads(pid: int) -> Iterator[Path]:
    return Path(f"/proc/{pid}/task").glob("*/schedstat")


def _json_lines(_: Path) -> Callable[[], object]:
    """A worker without any library: JSON lines over two pipes. It knows one function, and holds nothing back."""

    async def begin() -> Callable[[], Awaitable[object]]:
        pipe = asyncio.subprocess.PIPE
        worker = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            _WORKER,
            stdin=pipe,
            stdout=pipe,
            env={**os.environ, "PYTHONPATH": os.getcwd()},
        )
        assert worker.stdin is not None
        assert worker.stdout is not None
        into, out = worker.stdin, worker.stdout

        async def call() -> object:
            into.write(json.dumps(ARGUMENTS).encode() + b"\n")
            return json.loads(await out.readline())["value"]

        return call

    return _counting(begin)


def _orket(_: Path) -> Callable[[], object]:
    """Validated, contained, in a confined worker that is looked after; no deadline and no journal."""
    from orket.core.calls import CallContext
    from orket.core.executor import ToolRuntimeExecutor
    from orket.core.limits import Limits
    from orket.core.tools import tool
    from orket.runners.process import Process

    executor = ToolRuntimeExecutor(Process(), limits=Limits(timeout=math.inf, concurrency=None))
    tool_, context = tool(greet_sync), CallContext(call_id="x")

    async def begin() -> Callable[[], Awaitable[object]]:
        return lambda: executor.invoke(tool_, ARGUMENTS, context)

    return _counting(begin)


def _submitting(submit: Callable[..., Any]) -> Callable[[], object]:
    async def begin() -> Callable[[], Awaitable[object]]:
        return lambda: asyncio.wrap_future(submit())

    return _counting(begin)


def _process_pool(_: Path) -> Callable[[], object]:
    """The standard library's pool: pickles, and breaks as a whole when one worker ends."""
    from concurrent.futures import ProcessPoolExecutor

    pool = ProcessPoolExecutor(1)
    return _submitting(lambda: pool.submit(greet_sync, **ARGUMENTS))


def _pebble(_: Path) -> Callable[[], object]:
    """Pebble's pool, which can end a worker past its deadline."""
    pool = import_module("pebble").ProcessPool(max_workers=1)
    return _submitting(lambda: pool.schedule(greet_sync, kwargs=ARGUMENTS))


def _loky(_: Path) -> Callable[[], object]:
    """Loky's pool, which survives workers that end."""
    pool = import_module("loky").get_reusable_executor(max_workers=1)
    return _submitting(lambda: pool.submit(greet_sync, **ARGUMENTS))


ROWS = (
    Row(
        name="process-runner",
        title="call a tool in a worker process that is warm",
        contenders={
            "JSON-lines worker": _json_lines,
            "orket": _orket,
            "ProcessPoolExecutor": _process_pool,
            "pebble": _pebble,
            "loky": _loky,
        },
        targets=(
            Target("orket", over="JSON-lines worker", limit=1.2),
            Target("orket", over="ProcessPoolExecutor", limit=1),
            Target("orket", over="pebble", limit=1),
            Target("orket", over="loky", limit=1),
        ),
        unit="µs of CPU",
    ),
)
