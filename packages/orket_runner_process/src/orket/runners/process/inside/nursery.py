"""The nursery: a process that has imported what every worker needs, and forks a worker in a few milliseconds.

It runs no tool. It has one thread, so forking is safe; it adopts what workers leave behind, and ends it; it ends with
its host. The host speaks to it over a socket of whole messages, with the worker's ends of its channels attached:

    {"do": "fork", "worker": 1, …}     calls, output and status are attached
    {"do": "kill", "worker": 1}
    {"do": "watch", "worker": 1}       count its processes from now on; {"do": "unwatch"} ends that

How a worker ended is written to its status channel: {"code": -9, "why": ""}.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, TypedDict, cast

from orket.core.arguments import SignatureArguments
from orket.core.contain import contained, describe
from orket.runners.process.inside import kernel
from orket.runners.process.inside.fences import put_up
from orket.runners.process.inside.worker import Worker

if TYPE_CHECKING:
    from orket.runners.process.inside.fences import Fences
    from orket.runners.process.inside.worker import Settings

__all__ = ["main"]

_LONGEST = 1 << 18
_BETWEEN_COUNTS = 0.05
_BEFORE_WARMING = 0.5
_SETUP_FAILED = 70


class _Asked(TypedDict):
    do: str
    worker: int


class _Fork(_Asked):
    fences: Fences
    settings: Settings
    path: list[str]
    folder: str


class _Child(NamedTuple):
    pid: int
    status: int
    most_processes: int


def main(control: int) -> None:
    """Serve the host on the other end of ``control`` until it closes that or ends."""
    _Nursery(socket.socket(fileno=control)).serve()


class _Nursery:
    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: dict[int, _Child] = {}
        self._watched: set[int] = set()
        self._host = os.getppid()

    def serve(self) -> None:
        kernel.adopt_orphans()
        reading, writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, _only_wake)
        signal.signal(signal.SIGHUP, self._parent_ended)
        signal.signal(signal.SIGTERM, self._end)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        kernel.die_with_parent(signal.SIGHUP)
        warm = False
        while True:
            timeout = _BETWEEN_COUNTS if self._watched else None if warm else _BEFORE_WARMING
            ready, _, _ = select.select([self._control.fileno(), reading], [], [], timeout)
            if reading in ready:
                with suppress(BlockingIOError):
                    os.read(reading, _LONGEST)
            if self._control.fileno() in ready and not self._obey():
                self._end()
            self._reap()
            self._count()
            if not warm and not ready:
                _warm_up()
                warm = True

    def _obey(self) -> bool:
        """Do what the host asks; whether it is still there."""
        data, fds, _, _ = socket.recv_fds(self._control, _LONGEST, 3)
        if not data:
            return False
        asked = cast("_Asked", json.loads(data))
        worker = asked["worker"]
        match asked["do"]:
            case "fork":
                self._fork(worker, cast("_Fork", asked), *fds)
            case "kill":
                self._kill(worker)
            case "watch":
                self._watched.add(worker)
            case _:
                self._watched.discard(worker)
        return True

    def _fork(self, worker: int, asked: _Fork, calls: int, output: int, status: int) -> None:
        pid = -1
        try:
            pid = os.fork()
        except OSError as error:  # the workers that there are go on
            _tell(status, {"why": f"no worker can be started: {error.strerror}"})
            os.close(status)
        if pid == 0:
            _live(asked, calls, output)
        os.close(calls)
        os.close(output)
        if pid > 0:
            self._children[worker] = _Child(pid, status, asked["fences"]["processes"])

    def _kill(self, worker: int) -> None:
        child = self._children.get(worker)
        if child is not None:
            for kill in (os.killpg, os.kill):  # it has no group of its own in its first moment
                with suppress(ProcessLookupError):
                    kill(child.pid, signal.SIGKILL)

    def _reap(self) -> None:
        """Tell of every worker that ended, once nothing is left of what it started."""
        ended: dict[int, int] = {}
        with suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                ended[found[0]] = os.waitstatus_to_exitcode(found[1])
        gone = [(worker, child) for worker, child in self._children.items() if child.pid in ended]
        if not gone:
            return
        for worker, child in gone:
            del self._children[worker]
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
        self._end_orphans()
        for worker, child in gone:
            self._watched.discard(worker)
            _tell(child.status, {"code": ended[child.pid]})
            os.close(child.status)

    def _end_orphans(self) -> None:
        """End every child that is no worker: a worker that ended left it. It may leave others in turn."""
        workers = {child.pid for child in self._children.values()}
        while orphans := [pid for pid in _children_of(os.getpid()) if pid not in workers]:
            for pid in orphans:
                os.kill(pid, signal.SIGKILL)
            for pid in orphans:
                with suppress(ChildProcessError):
                    os.waitpid(pid, 0)

    def _count(self) -> None:
        for worker in [*self._watched]:
            child = self._children.get(worker)
            if child is not None and _descendants(child.pid, child.most_processes) > child.most_processes:
                self._kill(worker)
                _tell(child.status, {"why": f"it started more than {child.most_processes} processes"})
                self._watched.discard(worker)

    def _parent_ended(self, *_: object) -> None:
        if os.getppid() != self._host:  # a thread of the host that ends is no end of the host
            self._end()

    def _end(self, *_: object) -> None:
        for worker in self._children:
            self._kill(worker)
        self._children.clear()
        self._end_orphans()
        os._exit(0)


def _warm_up() -> None:
    """Load what many workers need for their first call, once nothing is to be done; the first ones do without."""
    import_module("asyncio")

    def sample(text: str) -> str:
        """Take a text.

        Args:
            text: any.
        """
        return text

    SignatureArguments(sample, "sample").validate({"text": ""})
    gc.collect()
    gc.freeze()  # what is shared with the workers stays shared


def _only_wake(*_: object) -> None:
    """Nothing but the byte that the signal writes."""


def _tell(status: int, fact: dict[str, object]) -> None:
    with suppress(BrokenPipeError):  # the host may want to know no more
        os.write(status, json.dumps(fact).encode() + b"\n")


def _live(asked: _Fork, calls: int, output: int) -> None:
    """The whole life of a worker, from its fork to its end."""
    code = _SETUP_FAILED
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGHUP, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for fd, stream in ((nothing, 0), (output, 1), (output, 2)):
            os.dup2(fd, stream)
        os.dup2(calls, 3)
        os.closerange(4, os.sysconf("SC_OPEN_MAX"))
        os.set_inheritable(3, False)
        sys.path[:] = asked["path"]
        with suppress(OSError):
            os.chdir(asked["folder"])
        with contained() as guard:
            put_up(asked["fences"])
            code = 1
            Worker(socket.socket(fileno=3), asked["settings"]).serve()
            code = 0
        if guard.error is not None:
            os.write(2, f"worker: {describe(guard.error)}\n".encode())
    finally:
        os._exit(code)


def _children_of(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with suppress(OSError), open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                found += map(int, file.read().split())
    return found


def _descendants(pid: int, enough: int) -> int:
    """How many processes descend from ``pid``; counting ends past ``enough``."""
    count = 0
    waiting = [pid]
    while waiting and count <= enough:
        children = _children_of(waiting.pop())
        count += len(children)
        waiting += children
    return count
