"""Runners that are broken in one way each, as runners come to be broken."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from orket.core import CallAbandoned, CallContext, Tool, hookimpl
from orket.core.proving import contained
from orket.testkit.zoo import runners_leaking
from orket.testkit.zoo.runners_right import EQUIVALENTS, Delegate
from orket.testkit.zoo.subjects import Shelf

__all__ = ["EQUIVALENTS", "RUNNERS"]

_BROKEN = Shelf(__name__, "tool_runner")


@_BROKEN.rejected_by("parity-calls")
class LosesWrites(Delegate):
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
class SwapsResults(Delegate):
    """Calls that are under way together read each other's arguments."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        if tool.is_async or "kind" in arguments or "name" in arguments:
            return await self.inner.run(tool, arguments, context)
        self.current = tool, arguments, context
        await asyncio.sleep(0)
        return await self.inner.run(*self.current)


@_BROKEN.rejected_by("parity-calls")
class ChangesTypes(Delegate):
    """Whole numbers come back as fractions."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        value = await self.inner.run(tool, arguments, context)
        return float(value) if type(value) is int else value


@_BROKEN.rejected_by("parity-calls")
class HandsOnAwaitables(Delegate):
    """What a sync tool gives to await is handed on as it is."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        if tool.is_async or tool.arguments.context is not None:
            return await self.inner.run(tool, arguments, context)
        return tool.function(**arguments)


@_BROKEN.rejected_by("parity-calls")
class ForgetsRoles(Delegate):
    """Calls do not know in which roles they are made."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        context.roles = ()
        return await self.inner.run(tool, arguments, context)


@_BROKEN.rejected_by("parity-calls")
class WritesALog(Delegate):
    """Each file that is written leaves a line in the home directory."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        if tool.name == "write_file":
            _log(tool.name)
        return await self.inner.run(tool, arguments, context)


@_BROKEN.rejected_by("parity-calls")
class TriesAgain(Delegate):
    """A call that fails is made once more, whatever it did before it failed."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        with contextlib.suppress(ValueError):
            return await self.inner.run(tool, arguments, context)
        return await self.inner.run(tool, arguments, context)


@_BROKEN.rejected_by("parity-calls")
class LeavesOutNone(Delegate):
    """Arguments that are null are left out, so that their defaults hold."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        given = {name: value for name, value in arguments.items() if value is not None}
        return await self.inner.run(tool, given, context)


@_BROKEN.rejected_by("parity-calls")
class TellsHalf(Delegate):
    """Calls know nothing of the model, the turn, and how much they may give."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        half = replace(context, model=None, turn=0, max_output=CallContext().max_output)
        return await self.inner.run(tool, arguments, half)


@_BROKEN.rejected_by("cancels")
class SwallowsCancel(Delegate):
    """It waits for the end of a call also when nobody wants it any more."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        call = asyncio.ensure_future(self.outcome(tool, arguments, context))
        while not call.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.shield(call)
        return _unpacked(*call.result())


@_BROKEN.rejected_by("cancels")
class ForgetsWriters(Delegate):
    """A call that is still writing when it is cancelled passes for one that is over."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        try:
            return await self.inner.run(tool, arguments, context)
        except CallAbandoned:
            raise asyncio.CancelledError from None


@_BROKEN.rejected_by("cancels")
class CancelsAll(Delegate):
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


@_BROKEN.rejected_by("faults-contained")
class LosesExits(Delegate):
    """A tool that asks the program to leave leaves its caller waiting."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        try:
            return await self.inner.run(tool, arguments, context)
        except SystemExit:
            return await asyncio.Event().wait()


@_BROKEN.rejected_by("faults-contained")
class WrapsInTask(Delegate):
    """Each call is a task of its own, in which SystemExit ends the loop."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        return await asyncio.ensure_future(self.inner.run(tool, arguments, context))


@_BROKEN.rejected_by("faults-contained")
class KnowsThemByName(Delegate):
    """Of tools with one name, the first is taken for all."""

    def __init__(self) -> None:
        super().__init__()
        self._tools: dict[tuple[str, bool], Tool] = {}

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        known = self._tools.setdefault((tool.name, tool.read_only), tool)
        return await self.inner.run(known, arguments, context)


@_BROKEN.rejected_by("faults-contained")
class PrintsErrors(Delegate):
    """It says of an error what it says of itself, and fails where it says nothing."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        with contained() as guard:
            return await self.inner.run(tool, arguments, context)
        error = cast("BaseException", guard.error)
        error.add_note(f"raised by {tool.name}: {error}")
        raise error


@_BROKEN.rejected_by("faults-contained")
class MakesDo(Delegate):
    """What JSON cannot say becomes the text that Python shows of it."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        value = await self.inner.run(tool, arguments, context)
        return sorted(map(repr, cast("set[object]", value))) if isinstance(value, set) else value


def _unpacked(value: object, error: BaseException | None) -> object:
    if error is not None:
        raise error
    return value


def _log(line: str) -> None:
    with open(os.path.expanduser("~/calls.log"), "a", encoding="utf-8") as log:
        log.write(f"{line}\n")


RUNNERS = (*_BROKEN.entries, *runners_leaking.SHELF.entries)
"""Every broken runner, each with the one law that must reject it."""
