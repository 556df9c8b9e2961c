"""Threads for blocking calls, which can be let go of when a call outlives its deadline."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

import pytest

from orket.core import CallAbandoned, CallRefused
from orket.core.threads import Threads

PATIENCE = 20.0  # far longer than anything here takes


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what another thread is about to do."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - what a thread does sets no event of this loop
            await asyncio.sleep(0.001)


class Blocked:
    """A function that waits in its thread until it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.release = threading.Event()

    def __call__(self) -> str:
        self.begun.set()
        self.release.wait(PATIENCE)
        return "done"


@pytest.fixture
def blocked() -> Iterator[Blocked]:
    blocked = Blocked()
    yield blocked
    blocked.release.set()


async def begun(threads: Threads, blocked: Blocked) -> asyncio.Task[object]:
    """A task whose call is waiting in its thread."""
    blocked.begun.clear()
    task = asyncio.create_task(threads.run(blocked, {}))
    await until(blocked.begun.is_set)
    return task


async def abandoned(threads: Threads, blocked: Blocked) -> None:
    task = await begun(threads, blocked)
    task.cancel()
    with pytest.raises(CallAbandoned):
        await task


async def test_a_call_runs_in_another_thread_and_gives_what_the_function_gives() -> None:
    def where(number: int) -> tuple[int, bool]:
        return number, threading.current_thread() is threading.main_thread()

    assert await Threads().run(where, {"number": 3}) == (3, False)


async def test_arguments_may_have_any_names() -> None:
    def take(self: int, function: int, callable: int, args: int) -> int:  # noqa: A002 - the point
        return self + function + callable + args

    assert await Threads().run(take, {"self": 1, "function": 2, "callable": 3, "args": 4}) == 10


async def test_threads_are_used_again() -> None:
    threads = Threads(limit=1)

    assert len({await threads.run(threading.get_ident, {}) for _ in range(5)}) == 1


async def test_no_more_calls_run_at_once_than_there_may_be_threads(blocked: Blocked) -> None:
    threads = Threads(limit=1)
    first = await begun(threads, blocked)

    second = asyncio.create_task(threads.run(lambda: "second", {}))
    await asyncio.sleep(0.01)
    assert not second.done()
    blocked.release.set()
    assert (await first, await second) == ("done", "second")


async def test_calls_run_beside_each_other() -> None:
    together = threading.Barrier(4)
    threads = Threads()

    await asyncio.gather(*(threads.run(together.wait, {"timeout": PATIENCE}) for _ in range(4)))


async def test_context_variables_are_the_callers() -> None:
    tenant: ContextVar[str] = ContextVar("tenant")
    threads = Threads(limit=1)

    async def call(name: str) -> object:
        tenant.set(name)
        return await threads.run(tenant.get, {})

    assert [*await asyncio.gather(call("a"), call("b"))] == ["a", "b"]


@pytest.mark.parametrize(
    "error", [ValueError("x"), SystemExit(3), GeneratorExit(), BaseException("x"), asyncio.CancelledError()]
)
async def test_what_the_function_raises_is_raised(error: BaseException) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(BaseException) as caught:  # noqa: PT011 - whatever it is
        await Threads().run(fail, {})
    assert caught.value is error


async def test_a_stop_iteration_is_raised_as_coroutines_raise_it() -> None:
    with pytest.raises(RuntimeError, match="coroutine raised StopIteration"):
        await Threads().run(lambda: next(iter(())), {})


async def test_a_keyboard_interrupt_of_a_function_does_not_pass_for_one_from_the_keyboard() -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(RuntimeError, match="KeyboardInterrupt raised in a thread") as caught:
        await Threads().run(interrupt, {})
    assert isinstance(caught.value.__cause__, KeyboardInterrupt)


async def test_a_thread_outlives_what_its_call_raised() -> None:
    threads = Threads(limit=1)

    with pytest.raises(SystemExit):
        await threads.run(sys.exit, {})
    assert await threads.run(lambda: "alive", {}) == "alive"


async def test_a_running_call_whose_caller_goes_is_abandoned_and_counted_until_it_ends(
    blocked: Blocked,
) -> None:
    threads = Threads()

    await abandoned(threads, blocked)
    assert threads.abandoned == 1
    blocked.release.set()
    await until(lambda: threads.abandoned == 0)


async def test_a_caller_that_goes_before_it_hears_of_the_end_may_not_think_that_nothing_was_done(
    blocked: Blocked, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads, loop, told = Threads(), asyncio.get_running_loop(), threading.Event()
    task, tell = await begun(threads, blocked), loop.call_soon_threadsafe

    def tell_the_test_too(*settle: Any) -> None:
        tell(*settle)
        told.set()

    monkeypatch.setattr(loop, "call_soon_threadsafe", tell_the_test_too)
    blocked.release.set()
    assert told.wait(PATIENCE)  # and the loop stands still until then
    task.cancel()
    with pytest.raises(CallAbandoned):
        await task
    assert threads.abandoned == 0


async def test_an_abandoned_call_gives_its_place_back(blocked: Blocked) -> None:
    threads = Threads(limit=1)

    await abandoned(threads, blocked)
    assert await threads.run(lambda: "next", {}) == "next"
    assert threads.abandoned == 1


async def test_the_place_of_an_abandoned_call_goes_to_the_one_that_waits(blocked: Blocked) -> None:
    threads = Threads(limit=1)
    first = await begun(threads, blocked)
    second = asyncio.create_task(threads.run(lambda: "second", {}))
    await asyncio.sleep(0)

    first.cancel()
    with pytest.raises(CallAbandoned):
        await first
    assert await asyncio.wait_for(second, PATIENCE) == "second"


async def test_past_the_limit_of_abandoned_calls_no_further_one_begins(blocked: Blocked) -> None:
    threads = Threads(abandoned_limit=2)

    for _ in range(2):
        await abandoned(threads, blocked)
    with pytest.raises(CallRefused) as caught:
        await threads.run(lambda: None, {})
    assert str(caught.value) == "2 calls that were given up are still running in their threads"

    blocked.release.set()
    await until(lambda: threads.abandoned == 0)
    assert await threads.run(lambda: "again", {}) == "again"


async def test_a_call_that_is_given_up_while_it_waits_never_begins(blocked: Blocked) -> None:
    threads = Threads(limit=1)
    ran: list[str] = []
    first = await begun(threads, blocked)
    second = asyncio.create_task(threads.run(lambda: ran.append("second"), {}))
    await asyncio.sleep(0)

    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    blocked.release.set()
    await first
    assert await threads.run(lambda: "third", {}) == "third"
    assert (ran, threads.abandoned) == ([], 0)


async def test_closed_threads_end_after_their_calls_and_begin_no_other(blocked: Blocked) -> None:
    threads = Threads(limit=1)
    ident = await threads.run(threading.current_thread, {})
    assert isinstance(ident, threading.Thread)
    first = await begun(threads, blocked)
    second = asyncio.create_task(threads.run(lambda: "second", {}))
    await asyncio.sleep(0)

    threads.close()
    threads.close()
    with pytest.raises(CallRefused, match="the runner was closed"):
        await threads.run(lambda: None, {})
    blocked.release.set()
    assert (await first, await second) == ("done", "second")
    await asyncio.to_thread(ident.join, PATIENCE)
    assert not ident.is_alive()


async def test_a_result_for_a_loop_that_is_gone_harms_nobody(blocked: Blocked) -> None:
    threads = Threads(limit=1)

    def leave_behind() -> None:
        loop = asyncio.new_event_loop()
        task = loop.create_task(threads.run(blocked, {}))
        loop.run_until_complete(until(blocked.begun.is_set))
        loop.close()
        left.append(task)

    left: list[asyncio.Task[object]] = []
    await asyncio.to_thread(leave_behind)
    blocked.release.set()
    assert await threads.run(lambda: "next", {}) == "next"


def run_script(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout + done.stderr


def test_an_abandoned_thread_does_not_hold_up_the_exit_of_the_process() -> None:
    """The script ends although its thread would go on for ten minutes; else the time limit of the run would fail it."""
    code = (
        "import asyncio, threading\n"
        "from orket.core import CallAbandoned\n"
        "from orket.core.threads import Threads\n"
        "begun = threading.Event()\n"
        "def block():\n"
        "    begun.set()\n"
        "    threading.Event().wait(600)\n"
        "async def main():\n"
        "    task = asyncio.create_task(Threads().run(block, {}))\n"
        "    while not begun.is_set():\n"
        "        await asyncio.sleep(0.001)\n"
        "    task.cancel()\n"
        "    try:\n"
        "        await task\n"
        "    except CallAbandoned:\n"
        "        print('abandoned')\n"
        "asyncio.run(main())\n"
    )
    assert run_script(code) == "abandoned\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform does not fork")
def test_a_forked_child_starts_threads_of_its_own() -> None:
    code = (
        "import asyncio, os, threading, warnings\n"
        "warnings.simplefilter('ignore', DeprecationWarning)\n"
        "from orket.core.threads import Threads\n"
        "threads = Threads(limit=1)\n"
        "def name():\n"
        "    return threading.current_thread().name\n"
        "print(asyncio.run(threads.run(name, {})), flush=True)\n"
        "if os.fork() == 0:\n"
        "    print(asyncio.run(asyncio.wait_for(threads.run(name, {}), 20)), flush=True)\n"
        "    os._exit(0)\n"
        "print(os.waitstatus_to_exitcode(os.wait()[1]), flush=True)\n"
    )
    assert run_script(code) == "orket-tool\norket-tool\n0\n"


def test_no_thread_is_started_before_it_is_needed() -> None:
    before = threading.active_count()
    Threads()

    assert threading.active_count() == before
