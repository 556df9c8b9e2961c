"""Nothing outlives what it belongs to: a call its caller, a worker its runner, and all of them the host."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from orket.core import CallContext, Effect, MemoryJournal, Runtime, ToolRuntimeExecutor, tool

if TYPE_CHECKING:
    from orket.core import Status, Workspace
    from orket.runners.process import Process

Make = Callable[..., "Process"]

faulty: Any = import_module("faulty_tools")
PATIENCE = 20.0

HOST = """
import asyncio, sys
sys.path[:] = {path!r}
import faulty_tools
from orket.core import ToolRuntimeExecutor, tool
from orket.runners.process import Process
asyncio.run(ToolRuntimeExecutor(Process()).invoke(tool(faulty_tools.begins), {{"path": {file!r}}}))
"""


FORKING_HOST = """
import asyncio, os, sys, time
sys.path[:] = {path!r}
import faulty_tools
from orket.core import ToolRuntimeExecutor, tool
from orket.runners.process import Process
async def calls():
    executor = ToolRuntimeExecutor(Process())
    await executor.invoke(tool(faulty_tools.pid), {{}})
    if os.fork() == 0:
        sys.stdin.read()
        os._exit(0)
    await executor.invoke(tool(faulty_tools.begins), {{"path": {file!r}}})
asyncio.run(calls())
"""


async def begun(file: Path, host: int | None = None) -> int:
    """The process of a call that has begun."""
    for _ in range(int(PATIENCE / 0.01)):
        if text := told(file):
            return seen_from_here(int(text), host)
        await asyncio.sleep(0.01)
    raise AssertionError("the call did not begin")


def told(file: Path) -> str:
    return file.read_text() if file.exists() else ""


def seen_from_here(pid: int, host: int | None = None) -> int:
    """The process that calls itself ``pid``, among those below ``host``: it may have process ids of its own."""
    for process in below(os.getpid() if host is None else host):
        if fields(process, "NSpid")[-1:] == [str(pid)]:
            return process
    raise AssertionError(f"there is no process {pid}")


def below(pid: int) -> list[int]:
    children = [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in words(task / "children")
    ]
    return [*children, *(process for child in children for process in below(child))]


def words(path: Path) -> list[str]:
    return path.read_text().split()


def fields(pid: int, name: str) -> list[str]:
    """What the kernel says of a process; nothing of one that is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return []
    return next(line.split()[1:] for line in lines if line.startswith(f"{name}:"))


def ends(pid: int) -> bool:
    """Whether a process ends, after it had time to."""
    until = time.monotonic() + PATIENCE
    while fields(pid, "State")[:1] not in ([], ["Z"]):
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def kill_parent_of(pid: int) -> None:
    os.kill(int(fields(pid, "PPid")[0]), signal.SIGKILL)


async def test_a_call_whose_caller_goes_away_ends_with_its_worker(make: Make, workspace: Workspace) -> None:
    journal, file = MemoryJournal(), Path(workspace.root, "begun")
    executor = ToolRuntimeExecutor(make(), journal=journal)
    call = asyncio.create_task(
        executor.invoke(tool(faulty.begins), {"path": str(file)}, CallContext(files=workspace))
    )
    pid = await begun(file)

    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call

    assert ends(pid)
    assert [result.status for _, result in journal.ended] == ["cancelled"]


@pytest.mark.parametrize(
    ("effect", "status"), [(Effect.READ, "cancelled"), (Effect.WRITE, "unknown-outcome")]
)
async def test_a_runner_that_is_closed_ends_its_calls(
    make: Make, workspace: Workspace, effect: Effect, status: Status
) -> None:
    runner, file = make(), Path(workspace.root, "begun")
    executor = ToolRuntimeExecutor(runner, journal=MemoryJournal())
    called = tool(effects={effect})(faulty.begins)
    call = asyncio.create_task(executor.invoke(called, {"path": str(file)}, CallContext(files=workspace)))
    pid = await begun(file)

    runner.close()
    result = await call

    assert ends(pid)
    assert (result.status, result.error) == (
        status,
        "the process runner was closed while 'begins' was running",
    )
    assert (await executor.invoke(called, {"path": str(file)})).status == "busy"


async def test_calls_that_wait_when_the_runner_is_closed_do_not_begin(
    make: Make, workspace: Workspace
) -> None:
    runner, file = make(workers=3), Path(workspace.root, "begun")
    executor = ToolRuntimeExecutor(runner)
    called = tool(effects={Effect.READ})(faulty.begins)
    context = CallContext(files=workspace)
    calls = [asyncio.create_task(executor.invoke(called, {"path": str(file)}, context)) for _ in range(3)]
    await begun(file)

    runner.close()
    results = await asyncio.gather(*calls)

    assert sorted(result.status for result in results) == ["busy", "cancelled", "cancelled"]


async def test_a_runner_that_nobody_uses_any_more_ends_its_workers(make: Make) -> None:
    from orket.runners.process import Process

    runner = Process()
    found = (await ToolRuntimeExecutor(runner).invoke(tool(faulty.pid), {})).value
    assert isinstance(found, int)
    pid = seen_from_here(found)

    del runner

    assert ends(pid)


def test_workers_end_with_a_host_that_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "begun"
    host = subprocess.Popen([sys.executable, "-c", HOST.format(path=sys.path, file=str(file))])
    pid = asyncio.run(begun(file, host.pid))

    host.kill()
    host.wait()

    assert ends(pid)


def test_a_forked_child_of_the_host_keeps_no_worker_alive(tmp_path: Path) -> None:
    """It shows with bubblewrap, which stands between host and nursery: there, only a closed socket tells of the end."""
    file = tmp_path / "begun"
    command = [sys.executable, "-c", FORKING_HOST.format(path=sys.path, file=str(file))]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as host:  # what it forked ends with the pipe
        pid = asyncio.run(begun(file, host.pid))

        host.kill()
        host.wait()

        assert ends(pid)


async def test_a_nursery_that_hears_nothing_ends_with_its_runner_all_the_same(make: Make) -> None:
    runner = make()
    found = (await ToolRuntimeExecutor(runner).invoke(tool(faulty.pid), {})).value
    assert isinstance(found, int)
    nursery = int(fields(seen_from_here(found), "PPid")[0])
    os.kill(nursery, signal.SIGSTOP)

    runner.close()

    assert ends(nursery)


async def test_a_nursery_that_was_killed_is_started_again(make: Make) -> None:
    executor = ToolRuntimeExecutor(make())
    found = (await executor.invoke(tool(faulty.pid), {})).value
    assert isinstance(found, int)
    pid = seen_from_here(found)

    kill_parent_of(pid)
    assert ends(pid)

    assert (await executor.invoke(tool(faulty.pid), {})).status == "ok"


def test_a_runtime_closes_its_runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORKET_CONFIG", str(tmp_path / "orket.toml"))
    (tmp_path / "orket.toml").write_text('gate.mode = "warn"\nprocess_rules.tool_runner_node = "process"\n')
    with Runtime([tool(faulty.pid)]) as runtime:
        found = runtime.turn().call_sync({"id": "1", "name": "pid", "arguments": {}}).value
        assert isinstance(found, int)
        assert (pid := seen_from_here(found)) != os.getpid()

    assert ends(pid)
