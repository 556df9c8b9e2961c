"""A fault of a tool is a result: nothing that it raises, and no time that it takes, harms who called it."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from orket.core import Effect, MemoryJournal, Tool, ToolError, ToolResult, ToolRuntimeExecutor, tool
from orket.core.deadline import Deadline
from orket.core.defaults import Inline
from orket.core.limits import Limits
from orket.core.threads import Threads

PATIENCE = 20.0  # far longer than anything here takes

Late = Callable[..., Coroutine[Any, Any, ToolResult]]


def made(function: Callable[..., object], **policies: Any) -> Tool:
    """The function as a tool that reads, unless it says otherwise."""
    effects = policies.pop("effects", [Effect.READ])
    return tool(name="t", effects=effects, **policies)(function)


async def invoke(function: Callable[..., object], **policies: Any) -> ToolResult:
    """What becomes of one call of ``function`` as a tool."""
    return await ToolRuntimeExecutor().invoke(made(function, **policies), {})


def raising(error: BaseException, *, is_async: bool) -> Callable[[], object]:
    def fail() -> None:
        raise error

    async def fail_later() -> None:
        await asyncio.sleep(0)
        raise error

    return fail_later if is_async else fail


class Blocked:
    """A tool that blocks its thread until it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.release = threading.Event()

    def __call__(self) -> str:
        self.begun.set()
        self.release.wait(PATIENCE)
        return "done"


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what another thread or task is about to do."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - what a thread does sets no event of this loop
            await asyncio.sleep(0.001)


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> Late:
    """Makes a call whose deadline passes once its thread has begun, however slow the machine is."""

    class WhenTold(Deadline):
        def __init__(self, seconds: float) -> None:
            super().__init__(PATIENCE)
            deadlines.append(self)

    async def late(executor: ToolRuntimeExecutor, blocked: Blocked, **policies: Any) -> ToolResult:
        call = asyncio.create_task(executor.invoke(made(blocked, **policies), {}))
        await until(blocked.begun.is_set)
        deadlines[-1].cancel()
        return await call

    deadlines: list[Deadline] = []
    monkeypatch.setattr("orket.core.executor.Deadline", WhenTold)
    return late


@pytest.fixture
def blocked() -> Iterator[Blocked]:
    blocked = Blocked()
    yield blocked
    blocked.release.set()


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("no such row"), "ValueError: no such row"),
        (ValueError(), "ValueError"),
        (ToolError("ask for less"), "ask for less"),
        (TimeoutError("the server did not answer"), "TimeoutError: the server did not answer"),
        (asyncio.CancelledError("not by the caller"), "CancelledError: not by the caller"),
        (SystemExit(3), "SystemExit: 3"),
        (GeneratorExit(), "GeneratorExit"),
        (BaseException("odd"), "BaseException: odd"),
        (MemoryError(), "MemoryError"),
        (ExceptionGroup("two", [ValueError("a"), ValueError("b")]), "ExceptionGroup: two (2 sub-exceptions)"),
    ],
    ids=range(10),
)
async def test_what_a_tool_raises_is_its_failure(error: BaseException, text: str, is_async: bool) -> None:
    result = await invoke(raising(error, is_async=is_async))

    assert (result.status, result.error, result.cause) == ("failed", text, error)


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
async def test_a_stop_iteration_is_a_failure_too(is_async: bool) -> None:
    result = await invoke(raising(StopIteration(), is_async=is_async))

    assert (result.status, result.error) == ("failed", "RuntimeError: coroutine raised StopIteration")


class UnprintableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError


class UnprintableOnPurposeError(UnprintableError, ToolError):
    pass


@pytest.mark.parametrize("kind", [UnprintableError, UnprintableOnPurposeError])
async def test_an_exception_that_cannot_be_printed_is_a_failure(kind: type[Exception]) -> None:
    result = await invoke(raising(kind(), is_async=False))

    assert (result.status, result.error) == (
        "failed",
        f"{kind.__name__}: <unprintable> (RuntimeError in its __str__)",
    )


async def test_infinite_recursion_is_a_failure() -> None:
    def again() -> object:
        return again()

    result = await invoke(again)
    assert (result.status, result.error[:16]) == ("failed", "RecursionError: ")


def test_a_keyboard_interrupt_on_the_loop_passes() -> None:
    call = ToolRuntimeExecutor().invoke(made(raising(KeyboardInterrupt(), is_async=True)), {})

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(call)


async def test_a_keyboard_interrupt_raised_in_a_thread_is_the_tools_own() -> None:
    result = await invoke(raising(KeyboardInterrupt(), is_async=False))

    assert (result.status, result.error) == ("failed", "RuntimeError: KeyboardInterrupt raised in a thread")


async def test_a_sync_tool_does_not_hold_up_the_loop(blocked: Blocked) -> None:
    call = asyncio.create_task(invoke(blocked))
    await until(blocked.begun.is_set)

    assert (await invoke(lambda: "meanwhile")).value == "meanwhile"
    blocked.release.set()
    assert (await call).value == "done"


async def test_an_async_tool_that_takes_too_long_is_a_timeout() -> None:
    result = await invoke(asyncio.Event().wait, timeout=0.01, effects=[Effect.WRITE])

    assert (result.status, result.error) == ("timeout", "'t' did not end within 0.01 seconds")


async def test_the_applications_limit_holds_where_a_tool_says_nothing() -> None:
    async def wait() -> None:
        await asyncio.Event().wait()

    executor = ToolRuntimeExecutor(limits=Limits(timeout=0.01))
    assert (await executor.invoke(made(wait), {})).status == "timeout"


@pytest.mark.parametrize(
    ("effects", "status", "error"),
    [
        ([Effect.READ], "timeout", "'t' did not end within 0.01 seconds"),
        (
            [Effect.READ, Effect.WRITE],
            "unknown-outcome",
            "'t' did not end within 0.01 seconds; it may still be running, and what it changed is not known",
        ),
    ],
    ids=["reads", "writes"],
)
async def test_a_thread_past_its_deadline_is_let_go_and_a_write_in_it_is_of_unknown_outcome(
    blocked: Blocked, late: Late, effects: list[Effect], status: str, error: str
) -> None:
    result = await late(ToolRuntimeExecutor(), blocked, timeout=0.01, effects=effects)

    assert (result.status, result.error) == (status, error)


async def test_abandoned_threads_past_their_cap_make_calls_busy(blocked: Blocked, late: Late) -> None:
    runner = Inline()
    runner.threads = Threads(abandoned_limit=1)
    executor = ToolRuntimeExecutor(runner)

    await late(executor, blocked, timeout=0.01)
    result = await executor.invoke(made(lambda: None), {})
    assert (result.status, result.error) == (
        "busy",
        "1 calls that were given up are still running in their threads",
    )


async def cancelled(executor: ToolRuntimeExecutor, one: Tool, begun: Callable[[], bool]) -> None:
    """Begin a call and go away in the middle of it."""
    task = asyncio.create_task(executor.invoke(one, {}))
    await until(begun)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("seconds", [PATIENCE, math.inf])
async def test_a_caller_that_goes_away_leaves_one_cancelled_record(seconds: float) -> None:
    begun = asyncio.Event()

    async def wait() -> None:
        begun.set()
        await asyncio.Event().wait()

    executor = ToolRuntimeExecutor(journal=(journal := MemoryJournal()))
    await cancelled(executor, made(wait, effects=[Effect.WRITE], timeout=seconds), begun.is_set)

    assert [(result.status, result.error) for _, result in journal.ended] == [
        ("cancelled", "the caller went away")
    ]
    assert journal.unfinished == ()


@pytest.mark.parametrize("seconds", [PATIENCE, math.inf])
@pytest.mark.parametrize(
    ("effects", "status"), [([Effect.READ], "cancelled"), ([Effect.WRITE], "unknown-outcome")]
)
async def test_a_thread_whose_caller_goes_away_may_have_written(
    blocked: Blocked, effects: list[Effect], status: str, seconds: float
) -> None:
    executor = ToolRuntimeExecutor(journal=(journal := MemoryJournal()))
    await cancelled(executor, made(blocked, effects=effects, timeout=seconds), blocked.begun.is_set)

    assert [result.status for _, result in journal.ended] == [status]


async def test_a_cancelled_call_gives_its_place_back() -> None:
    begun = asyncio.Event()

    async def wait() -> None:
        begun.set()
        await asyncio.Event().wait()

    executor = ToolRuntimeExecutor(limits=Limits(concurrency=1))
    await cancelled(executor, made(wait), begun.is_set)
    assert (await executor.invoke(made(lambda: 1), {})).value == 1
