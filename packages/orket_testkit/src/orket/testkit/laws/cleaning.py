"""The law that a closed runner leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from orket.testkit.laws.faults import answer, fail, fail_later, reading, wait, wait_later
from orket.testkit.laws.running import at_work, benches, close, there
from orket.testkit.laws.state import changes
from orket.testkit.parity.leaks import adopt, descendants, end, left_running, tasks_left, until

if TYPE_CHECKING:
    from orket.testkit.laws.running import Bench
    from orket.testkit.subject import Plan, Subject

__all__ = ["cleans_up"]

_ROUNDS = 4


def cleans_up(subject: Subject, plan: Plan) -> None:
    """Make calls that end well, go wrong and are stopped; close the runner; look what is still there."""
    adopt()
    for bench in benches(subject, plan):
        at_work(bench, _calls(bench, "first"), plan.seconds / 2)
        files = _open_files()  # what it keeps for good is open by now
        for number in range(_ROUNDS):
            at_work(bench, _calls(bench, str(number)), plan.seconds / 2)
        tasks = at_work(bench, _left_by(bench), plan.seconds / 2)
        grown = _growth(files, bench.soon)
        close(bench.runner)
        left = tasks + left_running(bench.threads, bench.processes, bench.soon) + _files_left(bench)
        end(descendants().keys() - bench.processes)
        if grown >= _ROUNDS:
            left.append(f"{grown} more open files after {_ROUNDS} times the same calls")
        left += [f"a change of {name}" for name in changes(bench.process)]
        if left:
            found = f"after it was closed, this was still there: {', '.join(left)}"
            raise bench.broken(found, "nothing that it began")


async def _left_by(bench: Bench) -> list[str]:
    """The tasks that are left after such calls."""
    await _calls(bench, "last")
    return await tasks_left(bench.soon)


async def _calls(bench: Bench, name: str) -> None:
    """Calls that end well, calls that go wrong, and two that are stopped and let go."""
    for tool, arguments in (
        (reading(answer), {}),
        (reading(fail), {"kind": "error"}),
        (reading(fail_later), {"kind": "error"}),
    ):
        await bench.executor.invoke(tool, arguments, bench.context())
    for function in (wait, wait_later):
        label = f"{name}-{function.__name__}"
        call = asyncio.create_task(bench.executor.invoke(reading(function), {"name": label}, bench.context()))
        await there(bench, f"{label}.begun", bench.soon)
        call.cancel()
        bench.workspace.write_text(f"{label}.go", "")
        await asyncio.wait([call])


def _files_left(bench: Bench) -> list[str]:
    """What is there of temporary files that was not there before the runner, after it had time to go."""
    until(lambda: set(bench.temporary()) <= bench.files, bench.soon)
    return [f"file {name}" for name in bench.temporary() if name not in bench.files]


def _growth(files: int, seconds: float) -> int:
    """How many more files are open than then, after calls that were let go had time to end."""
    until(lambda: _open_files() - files < _ROUNDS, seconds)
    return _open_files() - files


def _open_files() -> int:
    return len(os.listdir("/dev/fd"))
