"""Worlds: a scene is played in a process, a folder, a home and a moment of its own, without a network."""

from __future__ import annotations

import asyncio
import json
import os
import random
import select
import signal
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

import time_machine

from orket.core import CallContext, ToolRuntimeExecutor, Workspace
from orket.core.proving import Limits, contained, describe
from orket.testkit.parity.guard import watch
from orket.testkit.parity.leaks import adopt, descendants, end, left_running, tasks_left
from orket.testkit.parity.names import Names
from orket.testkit.parity.observations import Observation, Seen, changed, look, same
from orket.testkit.parity.samples import ASKED
from orket.testkit.parity.scenes import Scene, filled

if TYPE_CHECKING:
    from orket.core import CallRecord, Tool, ToolResult, ToolRunner
    from orket.testkit.parity.scenes import Call

__all__ = ["NOW", "Cast", "Staging", "play"]

NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
"""When everything happens."""

_TIMEOUT = 15.0


class Cast(NamedTuple):
    """What plays a scene."""

    tools: Mapping[str, Tool]
    runner: ToolRunner


Staging: TypeAlias = Callable[[], Cast]
"""Makes the cast, inside the world."""


def play(scene: Scene, *stagings: Staging, leaks: bool = True, seconds: float = 40.0) -> list[Observation]:
    """Play a scene once for each staging, each in a world of its own, all at the same time.

    Args:
        scene: what happens.
        stagings: who plays it.
        leaks: whether to tell of programs that are run, and to wait for what is left running and tell of it.
        seconds: until a world that does not end is ended.
    """
    worlds = [_World(scene, staging, leaks=leaks) for staging in stagings]
    deadline = time.monotonic() + seconds
    return [world.observed(deadline) for world in worlds]


class _World:
    """A process that plays a scene and writes what it saw into a pipe."""

    def __init__(self, scene: Scene, staging: Staging, *, leaks: bool) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="orket-world-", ignore_cleanup_errors=True)
        self._reading, writing = os.pipe()
        with warnings.catch_warnings():
            # Of other threads the child has none, and waits for none: all it does is play and end.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process = os.fork()
        if self._process == 0:
            os.close(self._reading)
            _live(scene, staging, os.path.realpath(self._folder.name), writing, leaks=leaks)
        os.close(writing)

    def observed(self, deadline: float) -> Observation:
        """What was seen, or how the world ended before it had told."""
        report = bytearray()
        late = False
        while not report.endswith(b"\n"):
            ready, _, _ = select.select([self._reading], [], [], max(0.0, deadline - time.monotonic()))
            chunk = os.read(self._reading, 1 << 16) if ready else b""
            late = not ready
            if not chunk:
                break
            report += chunk
        os.close(self._reading)
        ended = self._end(late=late)
        self._folder.cleanup()
        if report.endswith(b"\n"):
            return Observation.from_dict(json.loads(report))
        return Observation(ended=ended)

    def _end(self, *, late: bool) -> str:
        if late:
            _kill_group(self._process)
        _, status = os.waitpid(self._process, 0)
        _kill_group(self._process)
        code = os.waitstatus_to_exitcode(status)
        if late:
            return "it did not end"
        return (
            f"the process ended by {signal.Signals(-code).name}"
            if code < 0
            else f"the process exited with {code}"
        )


def _kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _live(scene: Scene, staging: Staging, base: str, writing: int, *, leaks: bool) -> None:
    """The whole life of a world's process. It never returns, whatever happens in it."""
    try:
        os.setsid()
        adopt()
        seen = Observation()
        with contained() as guard:
            seen = _play(scene, staging, base, leaks=leaks)
        if guard.error is not None:
            seen = Observation(ended=f"it raised {describe(guard.error)}")
        with os.fdopen(writing, "w", encoding="utf-8") as stream:
            stream.write(json.dumps(seen.as_dict()) + "\n")
        end(descendants())
    finally:
        os._exit(0)


def _play(scene: Scene, staging: Staging, base: str, *, leaks: bool) -> Observation:
    workspace = _furnish(scene, base)
    threads = set(threading.enumerate())
    strays = watch(base, programs=leaks)
    with time_machine.travel(NOW, tick=False):
        cast_ = staging()
        stage = _Stage(scene, cast_, base, workspace, strays)
        tasks = asyncio.run(stage.play(leaks=leaks))
        left = tasks + left_running(threads) if leaks else []
    named = Names(scene, {workspace: "<workspace>", f"{base}/home": "<home>", base: "<world>"})
    return Observation.from_dict(named.of(Observation(tuple(stage.seen), tuple(left)).as_dict()))


def _furnish(scene: Scene, base: str) -> str:
    """Make the world's folders, and make them this process's; gives the workspace."""
    sys.dont_write_bytecode = True
    os.umask(0o022)
    random.seed(os.urandom(16))  # forked worlds would all draw the same numbers
    folders = {name: os.path.join(base, name) for name in ("workspace", "home", "tmp")}
    for folder in folders.values():
        os.mkdir(folder)
    os.environ |= {"HOME": folders["home"], "TMPDIR": folders["tmp"], "TZ": "UTC"}
    for name in [name for name in os.environ if name.startswith(("XDG_", "ORKET_"))]:
        del os.environ[name]
    tempfile.tempdir = folders["tmp"]
    workspace = folders["workspace"]
    os.chdir(workspace)
    for path, text in scene.files.items():
        os.makedirs(os.path.dirname(os.path.join(workspace, path)), exist_ok=True)
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(text)
    return workspace


class _Stage:
    """A scene being played."""

    def __init__(self, scene: Scene, cast_: Cast, base: str, workspace: str, strays: list[str]) -> None:
        self._scene = scene
        self._cast = cast_
        self._base = base
        self._workspace = workspace
        self._strays = strays
        self._results: dict[str, object] = {}
        self.seen: list[Seen] = []

    async def play(self, *, leaks: bool) -> list[str]:
        """Make every call; gives the tasks that are left."""
        ASKED.set(self._scene.name)
        limits = Limits(timeout=_TIMEOUT)
        executor = ToolRuntimeExecutor(self._cast.runner, limits=limits, approve=_agreed)
        with Workspace(self._workspace) as files:
            disk = look(self._base)
            for group in self._scene.groups():
                self._strays.clear()
                calls = [self._scene.calls[place] for place in group]
                seen = await asyncio.gather(*(self._call(executor, files, call) for call in calls))
                after = look(self._base)
                files_changed, rows = changed(disk, after)
                disk = after
                strays = tuple(self._strays)
                self.seen += [*seen[:-1], seen[-1]._replace(files=files_changed, rows=rows, strays=strays)]
            close: object = getattr(self._cast.runner, "close", None)
            if callable(close):
                close()
        return await tasks_left() if leaks else []

    async def _call(self, executor: ToolRuntimeExecutor, files: Workspace, call: Call) -> Seen:
        tool = self._cast.tools.get(call.tool)
        if tool is None:
            return Seen(call.tool, "unknown-tool")
        given = cast("str | dict[str, object]", filled(call.arguments, self._results))
        before = deepcopy(given)
        context = CallContext(
            session_id=call.session_id,
            roles=call.roles,
            model="model-a",
            turn=7,
            extra=cast("dict[str, object]", filled(dict(call.extra), self._results)),
            deps=_Painter() if self._scene.painter else None,
            files=files,
        )
        result: ToolResult | None = None
        with contained() as guard:
            result = await executor.invoke(tool, given, context)
        if result is None:
            return Seen(call.tool, "raised", error="" if guard.error is None else describe(guard.error))
        if call.label:
            self._results[call.label] = result.value
        arguments = None if same(before, given) else given
        return Seen(call.tool, result.status, result.value, result.error, arguments)


async def _agreed(_call: CallRecord, _tool: Tool) -> bool:
    """Whoever watches a world agrees to every call."""
    return True


class _Painter:
    """The application's generator of pictures."""

    def generate(self, prompt: str) -> bytes:
        """A picture of what is to be seen."""
        return b"\x89PNG" + prompt.encode()
