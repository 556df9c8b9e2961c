"""Who gets a worker when: a tool that floods leaves room, a line has an end, and a tool that crashes is left alone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from orket.core import CallContext, Effect, MemoryJournal, ToolRuntimeExecutor, tool
from orket.core.limits import Limits
from orket.runners.process import Options
from orket.runners.process.nurseries import Nursery
from orket.runners.process.travel import Place

if TYPE_CHECKING:
    from orket.core import ToolResult, Workspace
    from orket.runners.process import Process

Make = Callable[..., "Process"]

faulty: Any = import_module("faulty_tools")
READS = {Effect.READ}
waits = tool(effects=READS)(faulty.waits_for)
pid = tool(effects=READS)(faulty.pid)


class Calls:
    """Calls that go on until they are let go."""

    def __init__(self, runner: Process, workspace: Workspace) -> None:
        self.executor = ToolRuntimeExecutor(runner, journal=MemoryJournal(), limits=Limits(concurrency=None))
        self.context = CallContext(files=workspace)
        self._go = Path(workspace.root, "go")

    def begin(self, number: int) -> list[asyncio.Task[ToolResult]]:
        arguments = {"path": str(self._go)}
        return [
            asyncio.create_task(self.executor.invoke(waits, arguments, self.context)) for _ in range(number)
        ]

    def go(self) -> None:
        self._go.touch()


async def test_a_tool_that_floods_leaves_a_worker_for_the_others(make: Make, workspace: Workspace) -> None:
    calls = Calls(make(workers=3), workspace)
    flood = calls.begin(10)

    other = await calls.executor.invoke(pid, {}, calls.context)

    assert other.status == "ok"
    assert not any(task.done() for task in flood)
    calls.go()
    assert [result.value for result in await asyncio.gather(*flood)] == ["done"] * 10


async def test_past_the_end_of_the_line_a_call_is_busy_at_once(make: Make, workspace: Workspace) -> None:
    calls = Calls(make(workers=3, queue=1), workspace)
    tasks = calls.begin(4)  # two have a worker, one waits

    (busy,), _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)

    assert (busy.result().status, busy.result().error) == (
        "busy",
        "1 calls of 'waits_for' wait for a worker already",
    )
    calls.go()
    assert sorted(result.status for result in await asyncio.gather(*tasks)) == ["busy", "ok", "ok", "ok"]


async def test_a_call_that_was_cancelled_while_it_waited_leaves_the_line(
    make: Make, workspace: Workspace
) -> None:
    calls = Calls(make(workers=3, queue=1), workspace)
    running = calls.begin(2)
    await asyncio.sleep(0)
    (waiting,) = calls.begin(1)
    await asyncio.sleep(0)

    waiting.cancel()
    await asyncio.wait([waiting])
    another = calls.begin(1)

    calls.go()
    assert [result.status for result in await asyncio.gather(*running, *another)] == ["ok"] * 3


async def test_a_tool_that_crashes_again_and_again_is_left_alone_and_the_others_are_not(make: Make) -> None:
    executor = ToolRuntimeExecutor(make(restarts=3))
    aborts = tool(effects=READS)(faulty.aborts)

    statuses = [(await executor.invoke(aborts, {})).status for _ in range(3)]
    left_alone = await executor.invoke(aborts, {})

    assert statuses == ["crashed"] * 3
    assert left_alone.status == "busy"
    assert left_alone.error.startswith(
        "'aborts' crashed its worker 3 times within a minute; it is in quarantine for another "
    )
    assert (await executor.invoke(pid, {})).status == "ok"


@pytest.mark.parametrize("leaves", ["leaves_task", "leaves_timer", "leaves_output", "leaves_mask"])
async def test_a_worker_in_which_a_call_left_something_gets_no_other(make: Make, leaves: str) -> None:
    executor = ToolRuntimeExecutor(make())
    before = (await executor.invoke(pid, {})).value
    assert (await executor.invoke(pid, {})).value == before

    assert (await executor.invoke(tool(effects=READS)(getattr(faulty, leaves)), {})).value == "left"

    assert (await executor.invoke(pid, {})).value != before


async def test_after_its_minute_a_tool_is_tried_again(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("orket.runners.process.quarantine.monotonic", lambda: now)
    executor = ToolRuntimeExecutor(make(restarts=1))
    aborts = tool(effects=READS)(faulty.aborts)
    await executor.invoke(aborts, {})

    now = 1059.0
    assert (await executor.invoke(aborts, {})).error == (
        "'aborts' crashed its worker 1 times within a minute; it is in quarantine for another 1 seconds"
    )
    now = 1060.0
    assert (await executor.invoke(aborts, {})).status == "crashed"


async def test_what_ends_by_its_deadline_is_no_crash(make: Make) -> None:
    executor = ToolRuntimeExecutor(make(restarts=1))
    sleeps = tool(effects=READS, timeout=0.1)(faulty.sleeps)

    assert [(await executor.invoke(sleeps, {})).status for _ in range(3)] == ["timeout"] * 3


async def test_a_crash_says_that_changes_may_have_been_made_where_the_tool_may_make_them(make: Make) -> None:
    result = await ToolRuntimeExecutor(make()).invoke(tool(faulty.exits_at_once), {})

    assert (result.status, result.error) == (
        "crashed",
        "'exits_at_once' ended its process: exit code 3; what it changed before is not known",
    )


async def test_a_host_without_descriptors_refuses_the_call_and_keeps_those_under_way(
    make: Make, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = Calls(make(), workspace)
    under_way = calls.begin(1)
    await asyncio.sleep(0)

    def none_left() -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr("orket.runners.process.workers.Channels", none_left)
    refused = await calls.executor.invoke(pid, {}, calls.context)

    assert (refused.status, refused.error) == (
        "busy",
        "no worker process can be started: [Errno 24] Too many open files",
    )
    calls.go()
    assert [result.status for result in await asyncio.gather(*under_way)] == ["ok"]


FORKING_ONCE = """
import os, sys
sys.path[:] = {path!r}
from orket.runners.process.inside.nursery import main
forks = [lambda: os.close(-1), os.fork]
os.fork = lambda: forks.pop()()
main({control})
"""


async def test_a_nursery_that_can_fork_no_more_ends_the_call_and_keeps_those_under_way(
    make: Make, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orket.runners.process.nurseries._START", FORKING_ONCE)
    calls = Calls(make(), workspace)
    under_way = calls.begin(1)
    await asyncio.sleep(0)

    result = await calls.executor.invoke(pid, {}, calls.context)

    assert (result.status, result.error) == (
        "failed",
        "'pid' was ended: no worker can be started: Bad file descriptor",
    )
    calls.go()
    assert [result.status for result in await asyncio.gather(*under_way)] == ["ok"]


def test_a_nursery_that_cannot_be_started_leaves_no_folder_and_no_descriptor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no such program")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("orket.runners.process.nurseries.bubblewrap", lambda: "not here")
    monkeypatch.setattr("subprocess.Popen", refuse)
    before = os.listdir("/proc/self/fd")

    with pytest.raises(OSError, match="no such program"):
        Nursery(Options(), Place(confined=True))

    assert list(tmp_path.iterdir()) == []
    assert os.listdir("/proc/self/fd") == before
