"""A worker: reads one call after the other from its socket, runs it, and answers."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Awaitable
from contextvars import copy_context
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypedDict, cast

from orket.core import CallContext, Tool, ToolError, Workspace
from orket.core.arguments import SignatureArguments
from orket.core.contain import contained, describe
from orket.core.results import BadResult, TooLarge, capped, plain
from orket.runners.process.frames import Frames, encode
from orket.runners.process.inside.traces import Traces
from orket.runners.process.tracing import join

if TYPE_CHECKING:
    import asyncio
    import socket
    from collections.abc import Callable

    from orket.runners.process.frames import Frame

__all__ = ["Settings", "Worker"]

_CHUNK = 1 << 16
_LONGEST_TEXT = 65_536
_FRAMES_OF_TRACE = 20
_KINDS = (ToolError, BadResult, TooLarge)


class Settings(TypedDict):
    """What a worker is told once."""

    root: str | None
    references: list[str]
    protected: list[str]
    cpu: int


class Worker:
    """Serves one host until that goes away, or until a call leaves the process other than it found it."""

    def __init__(self, calls: socket.socket, settings: Settings) -> None:
        self._calls = calls
        self._settings = settings
        self._functions: dict[str, _Found] = {}
        self._traces = Traces()
        self._granted_at = -1
        self._spent = False

    def serve(self) -> None:
        """Answer calls, one after the other."""
        frames = Frames()
        while not self._spent:
            while (frame := frames.next()) is None:
                data = self._calls.recv(_CHUNK)
                if not data:
                    return
                frames.feed(data)
            self._answer(frame)

    def _answer(self, frame: Frame) -> None:
        answer = self._outcome(frame)
        _flush()
        left = self._traces.left() or self._tasks()
        self._spent = self._spent or bool(left)
        answer |= {"token": frame["token"], "last": self._spent, "left": left}
        data = b""
        with contained() as guard:
            data = self._encoded(answer, frame)
        if guard.error is not None:
            data = encode(answer | {"value": None} | _raised(guard.error))
        self._calls.sendall(data)

    def _tasks(self) -> str:
        """Says "tasks" where a coroutine left some: they would go on in the middle of another call."""
        if "_loop" not in vars(self):
            return ""
        from asyncio import all_tasks

        return "tasks" if all_tasks(self._loop.get_loop()) else ""

    def _outcome(self, frame: Frame) -> Frame:
        try:
            with contained() as guard:
                return {"value": plain(self._call(frame))}
        except KeyboardInterrupt as interrupt:  # nobody is at a keyboard, so the tool raised it
            self._spent = True
            return _raised(interrupt) | {"text": "RuntimeError: KeyboardInterrupt raised in a worker"}
        error = guard.error
        assert error is not None, "the block returned or something was raised in it"
        self._spent = self._spent or isinstance(error, MemoryError) or not isinstance(error, Exception)
        return _raised(error)

    def _encoded(self, answer: Frame, frame: Frame) -> bytes:
        """The answer as bytes; a result that is too large to travel is cut here, and kept in the workspace."""
        data = encode(answer)
        if len(data) <= cast("int", frame["limit"]):
            return data
        kept_as = "" if self._workspace is None else str(frame["call_id"])
        value, whole = capped(answer["value"], cast("int", frame["max_output"]), kept_as)
        if whole is not None and self._workspace is not None:
            self._workspace.keep(kept_as, whole)
        return encode(answer | {"value": value})

    def _call(self, frame: Frame) -> object:
        found = self._found(str(frame["reference"]))
        arguments = cast("dict[str, object]", frame["arguments"])
        if frame["validate"]:
            arguments = found.arguments.validate(arguments)
        if frame["context"] is not None:
            told = cast("dict[str, Any]", frame["context"])
            arguments = {**arguments, told["parameter"]: self._context(frame, told)}
        self._grant_cpu()
        context = copy_context()
        if frame["trace"]:
            with contained():  # a call is no worse for a trace that cannot be joined
                context.run(join, cast("dict[str, str]", frame["trace"]))
        value = context.run(found.function, **arguments)
        if isinstance(value, Awaitable):
            return self._loop.run(_awaited(cast("Awaitable[object]", value)), context=context)
        return value

    def _found(self, reference: str) -> _Found:
        found = self._functions.get(reference)
        if found is None:
            module, _, qualname = reference.partition(":")
            value: object = import_module(module)
            self._calls.sendall(encode({"imported": module}))
            for name in qualname.split("."):
                value = getattr(value, name)
            function = value.function if isinstance(value, Tool) else cast("Callable[..., object]", value)
            found = self._functions[reference] = _Found(function, qualname)
        return found

    def _grant_cpu(self) -> None:
        """Let the limit of CPU time begin now, to the second."""
        used = int(time.process_time())
        if used != self._granted_at:
            self._granted_at = used
            _, hard = resource.getrlimit(resource.RLIMIT_CPU)
            resource.setrlimit(resource.RLIMIT_CPU, (used + self._settings["cpu"] + 1, hard))

    def _context(self, frame: Frame, told: dict[str, Any]) -> CallContext:
        left: float | None = told["left"]
        return CallContext(
            session_id=told["session_id"],
            roles=tuple(told["roles"]),
            model=told["model"],
            turn=told["turn"],
            extra=told["extra"],
            call_id=str(frame["call_id"]),
            deadline=None if left is None else time.monotonic() + left,
            max_output=cast("int", frame["max_output"]),
            files=self._workspace,
            model_call_id=told["model_call_id"],
            node=told["node"],
            offer=told["offer"],
        )

    @cached_property
    def _workspace(self) -> Workspace | None:
        settings = self._settings
        if settings["root"] is None:
            return None
        return Workspace(settings["root"], references=settings["references"], protected=settings["protected"])

    @cached_property
    def _loop(self) -> asyncio.Runner:
        from asyncio import Runner

        return Runner()


class _Found:
    """A function that calls ask for."""

    def __init__(self, function: Callable[..., object], name: str) -> None:
        self.function = function
        self._name = name

    @cached_property
    def arguments(self) -> SignatureArguments:
        return SignatureArguments(self.function, self._name)


async def _awaited(value: Awaitable[object]) -> object:
    return await value


def _raised(error: BaseException) -> Frame:
    """What a tool raised, as text; of what JSON and the host's own words need, the kind."""
    kind = next((kind.__name__ for kind in _KINDS if isinstance(error, kind)), "")
    text = describe(error)
    trace = ""
    with contained():  # the exception's own methods may fail
        text = str(error) if kind else text
        import traceback

        trace = "".join(traceback.format_exception(error, limit=-_FRAMES_OF_TRACE))
    return {"raised": kind, "text": text[:_LONGEST_TEXT], "trace": trace[-_LONGEST_TEXT:]}


def _flush() -> None:
    with contained():  # the tool may have closed or replaced them
        sys.stdout.flush()
        sys.stderr.flush()
