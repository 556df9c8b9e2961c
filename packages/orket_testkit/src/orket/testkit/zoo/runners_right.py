"""Runners that keep every law and only look odd."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Mapping
from contextvars import copy_context
from typing import cast

from orket.core import CallAbandoned, CallContext, Tool, ToolRunner, ToolRuntimeExecutor, hookimpl
from orket.core.proving import contained
from orket.testkit.laws.running import close
from orket.testkit.zoo.subjects import Shelf

__all__ = ["EQUIVALENTS", "Delegate"]

_RIGHT = Shelf(__name__, "tool_runner")


class Delegate:
    """Leaves the running to the default; what is wrong or odd is around it."""

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


@_RIGHT.right()
class Delegates(Delegate):
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
        self._inner = Delegate()
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


EQUIVALENTS = tuple(_RIGHT.entries)
"""Runners that keep every law."""
