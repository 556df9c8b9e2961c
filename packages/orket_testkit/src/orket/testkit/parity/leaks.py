"""Threads, tasks and processes that outlive what started them."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

__all__ = ["adopt", "descendants", "end", "left_running", "tasks_left", "until"]

_PATIENCE = 1.0
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER


def adopt() -> None:
    """Become the parent of whatever this process's children leave behind, so that it is found. Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)


def until(holds: Callable[[], bool], seconds: float) -> bool:
    """Wait until something holds, at most ``seconds``; whether it does."""
    end = time.monotonic() + seconds
    pause = 0.001
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
        pause = min(pause * 2, 0.05)
    return True


async def tasks_left(seconds: float = _PATIENCE) -> list[str]:
    """The tasks of this loop besides the current one, after they had time to end."""
    current = asyncio.current_task()
    deadline = time.monotonic() + seconds
    while (others := asyncio.all_tasks() - {current}) and time.monotonic() < deadline:
        await asyncio.wait(others, timeout=0.02)
    return sorted(f"task {getattr(task.get_coro(), '__qualname__', 'of its own')}" for task in others)


def left_running(
    threads: Collection[threading.Thread], processes: Collection[int] = (), seconds: float = _PATIENCE
) -> list[str]:
    """The threads and processes besides these that are still there, after they had time to end."""

    def more() -> list[str]:
        new = [f"thread {one.name}" for one in threading.enumerate() if one not in threads]
        return new + [
            f"process {name}" for process, name in descendants().items() if process not in processes
        ]

    until(lambda: not more(), seconds)
    return sorted(more())


def end(processes: Collection[int]) -> None:
    """End processes that were left."""
    for process in processes:
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue


def descendants() -> dict[int, str]:
    """The living processes that descend from this one, with their names."""
    parents = _parents()
    found: dict[int, str] = {}
    waiting = [os.getpid()]
    while waiting:
        parent = waiting.pop()
        children = {pid: name for pid, (of, name) in parents.items() if of == parent and pid not in found}
        found |= children
        waiting += children
    return found


def _parents() -> dict[int, tuple[int, str]]:
    """Every process that is no zombie: its parent and its name."""
    listed = (
        subprocess.Popen(["ps", "-Ao", "pid=,ppid=,stat=,comm="], stdout=subprocess.PIPE, text=True)
        if not os.path.isdir("/proc/self")
        else None
    )
    found: dict[int, tuple[int, str]] = {}
    if listed is not None:
        output, _ = listed.communicate()
        for line in output.splitlines():
            pid, parent, state, name = line.split(None, 3)
            if int(pid) != listed.pid and not state.startswith("Z"):
                found[int(pid)] = int(parent), name
        return found
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as stream:
                text = stream.read()
        except OSError:  # it ended meanwhile
            continue
        name, _, rest = text.partition("(")[2].rpartition(")")
        state, parent = rest.split()[:2]
        if state != "Z":
            found[int(entry)] = int(parent), name
    return found
