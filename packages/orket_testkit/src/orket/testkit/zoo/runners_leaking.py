"""Runners that leave something behind, or change what is not theirs, in one way each."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping

from orket.core import CallContext, Tool, hookimpl
from orket.testkit.zoo.runners_right import Delegate
from orket.testkit.zoo.subjects import Shelf

__all__ = ["SHELF"]

SHELF = Shelf(__name__, "tool_runner")


@SHELF.rejected_by("cleans-up")
class LeaksProcesses(Delegate):
    """It begins a worker for later, and nobody ever ends it."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        if not hasattr(self, "worker"):
            self.worker = _worker()
        return await self.inner.run(tool, arguments, context)


@SHELF.rejected_by("cleans-up")
class LeaksThreads(Delegate):
    """It keeps a thread that looks after its calls, also after it was closed."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        if not hasattr(self, "keeper"):
            self.keeper = threading.Thread(target=threading.Event().wait, args=(60,), daemon=True)
            self.keeper.start()
        return await self.inner.run(tool, arguments, context)


@SHELF.rejected_by("cleans-up")
class LeaksTasks(Delegate):
    """Each call begins a task that watches it, and never ends."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        self.watch = asyncio.ensure_future(asyncio.Event().wait())
        return await self.inner.run(tool, arguments, context)


@SHELF.rejected_by("cleans-up")
class LeaksFiles(Delegate):
    """Each call opens a file that nobody closes."""

    def __init__(self) -> None:
        super().__init__()
        self._open: list[object] = []

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        self._open.append(_opened())
        return await self.inner.run(tool, arguments, context)


@SHELF.rejected_by("cleans-up")
class LeavesAFolder(Delegate):
    """It makes a temporary folder, and nobody ever removes it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.mkdtemp()


@SHELF.rejected_by("cleans-up")
class TakesASignal(Delegate):
    """It wants to know when a child ends, and nobody else is told any more."""

    def __init__(self) -> None:
        super().__init__()
        signal.signal(signal.SIGCHLD, _look)


@SHELF.rejected_by("cleans-up")
class MovesTheProcess(Delegate):
    """It takes everybody along to the workspace of a call."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        if context.files is not None:
            _move(context.files.root)
        return await self.inner.run(tool, arguments, context)


def _worker() -> object:
    return subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])


def _opened() -> object:
    return open(os.devnull, "rb")


def _look(_number: int, _frame: object) -> None:
    """Look which child it was."""


def _move(folder: str) -> None:
    os.chdir(folder)
