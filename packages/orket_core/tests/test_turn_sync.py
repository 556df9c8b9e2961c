"""The sync twin of a turn's calls: for code without a loop, from any thread, also after a fork."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import Any

import pytest

from orket.core import MemoryJournal, Runtime, Tool, ToolCall, ToolError, Turn, tool
from orket.core.portal import Portal

PATIENCE = 20.0  # far longer than anything here takes

Begin = Callable[..., Turn]


@tool
async def double(number: int) -> int:
    """Double a number."""
    return number * 2


@tool
def fail() -> None:
    """Fail."""
    raise ToolError("not today")


@pytest.fixture
def begin(work: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Begin]:
    """Begins a turn that offers these tools, under the default strategy."""
    for name in [name for name in os.environ if name.startswith("ORKET_")]:
        monkeypatch.delenv(name)
    runtimes: list[Runtime] = []

    def begin(*tools: Tool) -> Turn:
        runtimes.append(Runtime(tools or (double, fail), workspace=work))
        return runtimes[-1].turn()

    yield begin
    for runtime in runtimes:
        runtime.close()


def test_without_a_loop_the_sync_twin_runs_a_call(begin: Begin) -> None:
    assert begin().call_sync(ToolCall("c1", "double", {"number": 3})).value == 6


def test_without_a_loop_the_sync_twin_runs_many(begin: Begin) -> None:
    results = begin().call_many_sync([ToolCall("c1", "double", {"number": 3}), ToolCall("c2", "fail")])

    assert [result.status for result in results] == ["ok", "failed"]


def test_threads_share_one_loop_for_their_calls(begin: Begin) -> None:
    loops: list[int] = []

    @tool
    async def note() -> None:
        loops.append(threading.get_ident())

    turn = begin(note)
    threads = [threading.Thread(target=turn.call_sync, args=(ToolCall("c", "note"),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(loops) == 8
    assert len(set(loops)) == 1
    assert threading.get_ident() not in loops


def test_a_sync_tool_may_make_a_call_of_its_own(begin: Begin) -> None:
    @tool
    def outer() -> object:
        return turn.call_sync(ToolCall("inner", "double", {"number": 3})).value

    turn = begin(outer, double)
    assert turn.call_sync(ToolCall("outer", "outer")).value == 6


async def test_inside_a_loop_the_sync_twin_says_what_to_write(begin: Begin) -> None:
    turn = begin()

    with pytest.raises(RuntimeError) as caught:
        turn.call_sync(ToolCall("c1", "double", {"number": 3}))
    assert str(caught.value) == (
        "an event loop is running here, and waiting would block it: write 'await turn.call(…)'"
    )
    with pytest.raises(RuntimeError, match=r"'await turn\.call_many"):
        turn.call_many_sync([])


def test_a_runtime_that_was_closed_has_recorded_how_its_calls_ended(work: Path) -> None:
    begun = threading.Event()

    @tool
    async def wait() -> None:
        begun.set()
        await asyncio.Event().wait()

    def call() -> None:
        with contextlib.suppress(CancelledError):
            turn.call_sync(ToolCall("c", "wait"))

    runtime = Runtime([wait], workspace=work, journal=(journal := MemoryJournal()))
    turn, calling = runtime.turn(), threading.Thread(target=call)
    calling.start()
    assert begun.wait(PATIENCE)

    runtime.close()

    assert [result.status for _, result in journal.ended] == ["cancelled"]
    calling.join(PATIENCE)


def test_a_closed_portal_opens_again() -> None:
    portal = Portal()

    async def where() -> int:
        return threading.get_ident()

    first = portal.run(where, "")
    portal.close()
    portal.close()
    assert isinstance(first, int)
    assert isinstance(portal.run(where, ""), int)
    portal.close()


def test_a_call_that_is_made_while_the_portal_closes_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    portal, begin = Portal(), asyncio.run_coroutine_threadsafe
    closing = threading.Thread(target=portal.close)

    def close_first(call: Coroutine[Any, Any, int], loop: asyncio.AbstractEventLoop) -> Future[int]:
        closing.start()
        for thread in (closing, *(one for one in threading.enumerate() if one.name == "orket-portal")):
            thread.join(0.1)  # where it could close now, it would have
        return begin(call, loop)

    async def one() -> int:
        return 1

    monkeypatch.setattr(asyncio, "run_coroutine_threadsafe", close_first)
    with contextlib.suppress(CancelledError):
        assert portal.run(one, "") == 1
    closing.join(PATIENCE)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform does not fork")
def test_a_forked_child_makes_calls_in_a_loop_of_its_own() -> None:
    code = (
        "import os, warnings\n"
        "warnings.simplefilter('ignore')\n"
        "from orket.core import MemoryJournal, Runtime, ToolCall, tool\n"
        "@tool\n"
        "def who() -> int:\n"
        "    return os.getpid()\n"
        "turn = Runtime([who]).turn()\n"
        "def right():\n"
        "    return turn.call_sync(ToolCall('c', 'who')).value == os.getpid()\n"
        "print(right(), flush=True)\n"
        "if os.fork() == 0:\n"
        "    print(right(), flush=True)\n"
        "    os._exit(0)\n"
        "os.wait()\n"
        "print(right(), flush=True)\n"
    )
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ORKET_")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True, env=environ
    )
    assert done.stdout == "True\n" * 3
