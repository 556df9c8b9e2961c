"""Runners that are broken in one way each, as runners come to be broken, and right ones of odd shapes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Awaitable, Mapping
from contextvars import copy_context
from typing import cast

from orket.core import CallAbandoned, CallContext, Tool, ToolRunner, ToolRuntimeExecutor, hookimpl
from orket.core.proving import contained
from orket.testkit.laws.running import close
from orket.testkit.zoo.subjects import Shelf

__all__ = ["EQUIVALENTS", "RUNNERS"]

_BROKEN = Shelf(__name__, "tool_runner")
_RIGHT = Shelf(__name__, "tool_runner")


class _Delegate:
    """Leaves the running to the default; what is wrong is around it."""

    def __init__(self) -> None:
        self.inner: ToolRunner = ToolRuntimeExecutor().runner

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        return await self.inner.run(tool, arguments, context)

    def close(self) -> None:
        """Let the default close."""
        close(self.inner)

    async def outcome(
        self, tool: Tool, arguments: Mapping[str, object], context: CallContext
    ) -> tuple[object, BaseException | None]:
        """What the default gives, or what it raises: a task in which SystemExit is raised ends its loop."""
        with contained() as guard:
            return await self.inner.run(tool, arguments, context), None
        return None, guard.error


@_BROKEN.rejected_by("parity-calls")
class LosesWrites(_Delegate):
    """A write that it did before is not done again, whatever was written there since."""

    def __init__(self) -> None:
        super().__init__()
        self._done: dict[str, object] = {}

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        if tool.read_only or "path" not in arguments:
            return await self.inner.run(tool, arguments, context)
        key = repr((tool.name, sorted(arguments.items())))
        if key not in self._done:
            self._done[key] = await self.inner.run(tool, arguments, context)
        return self._done[key]


@_BROKEN.rejected_by("parity-calls")
class SwapsResults(_Delegate):
    """Calls that are under way together read each other's arguments."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        if tool.is_async or "kind" in arguments or "name" in arguments:
            return await self.inner.run(tool, arguments, context)
        self.current = tool, arguments, context
        await asyncio.sleep(0)
        return await self.inner.run(*self.current)


@_BROKEN.rejected_by("parity-calls")
class ChangesTypes(_Delegate):
    """Whole numbers come back as fractions."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        value = await self.inner.run(tool, arguments, context)
        return float(value) if type(value) is int else value


@_BROKEN.rejected_by("parity-calls")
class HandsOnAwaitables(_Delegate):
    """What a sync tool gives to await is handed on as it is."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        if tool.is_async or tool.arguments.context is not None:
            return await self.inner.run(tool, arguments, context)
        return tool.function(**arguments)


@_BROKEN.rejected_by("parity-calls")
class ForgetsRoles(_Delegate):
    """Calls do not know in which roles they are made."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        context.roles = ()
        return await self.inner.run(tool, arguments, context)


@_BROKEN.rejected_by("parity-calls")
class WritesALog(_Delegate):
    """Each file that is written leaves a line in the home directory."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        if tool.name == "write_file":
            _log(tool.name)
        return await self.inner.run(tool, arguments, context)


@_BROKEN.rejected_by("cancels")
class SwallowsCancel(_Delegate):
    """It waits for the end of a call also when nobody wants it any more."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        call = asyncio.ensure_future(self.outcome(tool, arguments, context))
        while not call.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.shield(call)
        return _unpacked(*call.result())


@_BROKEN.rejected_by("cancels")
class ForgetsWriters(_Delegate):
    """A call that is still writing when it is cancelled passes for one that is over."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        try:
            return await self.inner.run(tool, arguments, context)
        except CallAbandoned:
            raise asyncio.CancelledError from None


@_BROKEN.rejected_by("cancels")
class CancelsAll(_Delegate):
    """The cancellation of one call cancels all that are under way."""

    def __init__(self) -> None:
        super().__init__()
        self._calls: set[asyncio.Future[tuple[object, BaseException | None]]] = set()

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        call = asyncio.ensure_future(self.outcome(tool, arguments, context))
        self._calls.add(call)
        try:
            return _unpacked(*await call)
        except asyncio.CancelledError:
            for other in self._calls:
                other.cancel()
            raise
        finally:
            self._calls.discard(call)


@_BROKEN.rejected_by("cleans-up")
class LeaksProcesses(_Delegate):
    """It begins a worker for later, and nobody ever ends it."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        if not hasattr(self, "worker"):
            self.worker = _worker()
        return await self.inner.run(tool, arguments, context)


@_BROKEN.rejected_by("cleans-up")
class LeaksThreads(_Delegate):
    """It keeps a thread that looks after its calls, also after it was closed."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        if not hasattr(self, "keeper"):
            self.keeper = threading.Thread(target=threading.Event().wait, args=(60,), daemon=True)
            self.keeper.start()
        return await self.inner.run(tool, arguments, context)


@_BROKEN.rejected_by("cleans-up")
class LeaksTasks(_Delegate):
    """Each call begins a task that watches it, and never ends."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        self.watch = asyncio.ensure_future(asyncio.Event().wait())
        return await self.inner.run(tool, arguments, context)


@_BROKEN.rejected_by("cleans-up")
class LeaksFiles(_Delegate):
    """Each call opens a file that nobody closes."""

    def __init__(self) -> None:
        super().__init__()
        self._open: list[object] = []

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        self._open.append(_opened())
        return await self.inner.run(tool, arguments, context)


@_BROKEN.rejected_by("faults-contained")
class LosesExits(_Delegate):
    """A tool that asks the program to leave leaves its caller waiting."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        try:
            return await self.inner.run(tool, arguments, context)
        except SystemExit:
            return await asyncio.Event().wait()


@_BROKEN.rejected_by("faults-contained")
class WrapsInTask(_Delegate):
    """Each call is a task of its own, in which SystemExit ends the loop."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        return await asyncio.ensure_future(self.inner.run(tool, arguments, context))


@_BROKEN.rejected_by("faults-contained")
class PrintsErrors(_Delegate):
    """It says of an error what it says of itself, and fails where it says nothing."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        with contained() as guard:
            return await self.inner.run(tool, arguments, context)
        error = cast("BaseException", guard.error)
        error.add_note(f"raised by {tool.name}: {error}")
        raise error


@_BROKEN.rejected_by("faults-contained")
class MakesDo(_Delegate):
    """What JSON cannot say becomes the text that Python shows of it."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        value = await self.inner.run(tool, arguments, context)
        return sorted(map(repr, cast("set[object]", value))) if isinstance(value, set) else value


@_RIGHT.right()
class Delegates(_Delegate):
    """It leaves everything to the default."""


@_RIGHT.right()
class FreshThread:
    """Every call runs in a thread of its own, on a loop of its own."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        if (name := tool.arguments.context) is not None:
            arguments = {**arguments, name: context}
        call = _Call(tool, arguments)
        threading.Thread(target=copy_context().run, args=(call.run,), daemon=True).start()
        try:
            value, error = await call.outcome
        except asyncio.CancelledError:
            call.stop()
            raise CallAbandoned from None
        if isinstance(error, KeyboardInterrupt):
            raise RuntimeError("KeyboardInterrupt raised in a thread") from error
        if error is not None:
            raise error
        return value

    def close(self) -> None:
        """There is nothing to close: each thread ends with its call."""


@_RIGHT.right()
class PlainAwaitable:
    """Its run is no coroutine function; it gives what the default gives to await."""

    def __init__(self) -> None:
        self._inner = _Delegate()
        self.close = self._inner.close

    @hookimpl
    def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> Awaitable[object]:
        return self._inner.run(tool, arguments, context)


class _Call:
    """One call in a thread of its own."""

    def __init__(self, tool: Tool, arguments: Mapping[str, object]) -> None:
        self._tool = tool
        self._arguments = arguments
        self._caller = asyncio.get_running_loop()
        self._loop = asyncio.new_event_loop()
        self.outcome: asyncio.Future[tuple[object, BaseException | None]] = self._caller.create_future()

    def run(self) -> None:
        """What the thread does."""
        value: object = None
        with contained() as guard, asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            value = runner.run(self._work())
        with contained():  # the caller's loop may be gone
            self._caller.call_soon_threadsafe(self._tell, (value, guard.error))

    def stop(self) -> None:
        """Ask the call to end."""
        with contained():  # it may just have ended
            self._loop.call_soon_threadsafe(self._task.cancel)

    async def _work(self) -> object:
        task = asyncio.current_task()
        assert task is not None, "this runs as a task"
        self._task = task
        value = self._tool.function(**self._arguments)
        return await cast("Awaitable[object]", value) if isinstance(value, Awaitable) else value

    def _tell(self, outcome: tuple[object, BaseException | None]) -> None:
        if not self.outcome.done():
            self.outcome.set_result(outcome)


def _unpacked(value: object, error: BaseException | None) -> object:
    if error is not None:
        raise error
    return value


def _worker() -> object:
    return subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])


def _log(line: str) -> None:
    with open(os.path.expanduser("~/calls.log"), "a", encoding="utf-8") as log:
        log.write(f"{line}\n")


def _opened() -> object:
    return open(os.devnull, "rb")


RUNNERS = tuple(_BROKEN.entries)
"""Every broken runner, each with the one law that must reject it."""

EQUIVALENTS = tuple(_RIGHT.entries)
"""Runners that keep every law."""
