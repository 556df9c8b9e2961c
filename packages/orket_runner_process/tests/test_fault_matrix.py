"""Whatever a tool does to its process, the call has the promised outcome, and the next call is right."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from orket.core import CallContext, Effect, MemoryJournal, Tool, ToolRuntimeExecutor, tool
from orket.core.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from orket.core import Status, ToolResult, Workspace
    from orket.runners.process import Process

WORKERS = 3
LAG = 0.05
SEED = 20_261_125


class Outcome(NamedTuple):
    status: Status
    text: str
    """How the error begins, or the value as text."""


class Cannot(NamedTuple):
    """Why the inline runner cannot promise anything."""

    reason: str


class Fault(NamedTuple):
    tool: str
    process: Outcome
    inline: Outcome | Cannot | None = None
    """What the inline runner promises; the same where it is left out."""
    writes: bool = False
    module: str = "faulty_tools"
    cancelled: bool = False


SHARED = Cannot("a tool and its host are one process")
FOR_EVER = Cannot("a thread cannot be ended: it is abandoned and counted, as core's own tests say")
OWN_STREAMS = Cannot("the streams are the host's own")
BAD = "'{}' gave what JSON cannot say: "

FAULTS = (
    Fault("raises", Outcome("failed", "ValueError: no such row")),
    Fault("raises_on_purpose", Outcome("failed", "ask for less")),
    Fault("raises_unprintable", Outcome("failed", "UnprintableError: <unprintable>")),
    Fault("raises_without_repr", Outcome("failed", "ValueError: <unprintable>")),
    Fault(
        "raises_stop_iteration",
        Outcome("failed", "StopIteration: over"),
        Outcome("failed", "RuntimeError: coroutine raised StopIteration"),
    ),
    Fault("raises_generator_exit", Outcome("failed", "GeneratorExit")),
    Fault(
        "raises_keyboard_interrupt",
        Outcome("failed", "RuntimeError: KeyboardInterrupt raised in a worker"),
        Outcome("failed", "RuntimeError: KeyboardInterrupt raised in a thread"),
    ),
    Fault("raises_own", Outcome("failed", "Own: odd")),
    Fault("raises_unpicklable", Outcome("failed", "HoldingError: it holds a lock")),
    Fault("exits", Outcome("failed", "SystemExit: 3")),
    Fault("exits_at_once", Outcome("crashed", "'exits_at_once' ended its process: exit code 3"), SHARED),
    Fault("segfaults", Outcome("crashed", "'segfaults' ended its process: SIGSEGV"), SHARED),
    Fault("aborts", Outcome("crashed", "'aborts' ended its process: SIGABRT"), SHARED),
    Fault("recurses", Outcome("failed", "RecursionError: maximum recursion depth exceeded")),
    Fault("nested", Outcome("bad-result", BAD.format("nested") + "it is nested more than 200 deep")),
    Fault("sleeps", Outcome("timeout", "'sleeps' did not end within 0.3 seconds"), FOR_EVER),
    Fault("sleeps_async", Outcome("timeout", "'sleeps_async' did not end within 0.3 seconds")),
    Fault(
        "sleeps",
        Outcome("unknown-outcome", "'sleeps' did not end within 0.3 seconds; it was ended in the middle"),
        FOR_EVER,
        writes=True,
    ),
    Fault("spins", Outcome("timeout", "'spins' did not end within 0.3 seconds"), FOR_EVER),
    Fault("ignores_sigterm", Outcome("timeout", "'ignores_sigterm' did not end within"), FOR_EVER),
    Fault("sleeps", Outcome("cancelled", "the caller went away"), FOR_EVER, cancelled=True),
    Fault("allocates", Outcome("failed", "MemoryError"), Cannot("the memory is the host's own")),
    Fault("long_text", Outcome("ok", "xxx"), Cannot("the host holds the text, which is none of its faults")),
    Fault("long_list", Outcome("too-large", "'long_list' gave 67,109,"), SHARED),
    Fault("prints", Outcome("ok", "printed"), OWN_STREAMS),
    Fault("forges", Outcome("ok", "genuine"), OWN_STREAMS),
    Fault(
        "forges_an_answer",
        Outcome("crashed", "'forges_an_answer' ended its process: it answered what was not asked"),
        SHARED,
    ),
    Fault("closes_streams", Outcome("ok", "closed"), OWN_STREAMS),
    Fault("gives_set", Outcome("bad-result", BAD.format("gives_set") + "a set is no JSON value")),
    Fault("gives_object", Outcome("bad-result", BAD.format("gives_object") + "a object is no JSON value")),
    Fault("gives_nan", Outcome("bad-result", BAD.format("gives_nan") + "nan is no JSON number")),
    Fault(
        "gives_surrogate", Outcome("bad-result", BAD.format("gives_surrogate") + "text with a lone surrogate")
    ),
    Fault("leaves_thread", Outcome("ok", "left"), SHARED),
    Fault("leaves_child", Outcome("ok", "left"), SHARED),
    Fault("leaves_daemon", Outcome("ok", "left"), SHARED),
    Fault("leaves_folder", Outcome("ok", "left"), SHARED),
    Fault("leaves_variable", Outcome("ok", "left"), SHARED),
    Fault("opens_too_much", Outcome("failed", "OSError: [Errno 24] Too many open files"), SHARED),
    Fault(
        "forks_too_much",
        Outcome("failed", "'forks_too_much' was ended: it started more than 32 processes"),
        SHARED,
    ),
    Fault(
        "unreachable",
        Outcome("crashed", "the import of 'faulty_import' ended its process: exit code 9"),
        Cannot("the host has imported it"),
        module="faulty_import",
    ),
    Fault(
        "unreachable",
        Outcome("crashed", "the import of 'hanging_import' did not end within 1 seconds"),
        Cannot("the host has imported it"),
        module="hanging_import",
    ),
)


def made(fault: Fault) -> Tool:
    timeout = 0.3 if fault.process.status in ("timeout", "unknown-outcome") else 20
    effects = {Effect.WRITE} if fault.writes else {Effect.READ}
    return tool(effects=effects, timeout=timeout)(getattr(import_module(fault.module), fault.tool))


class Host:
    """Makes the calls of a matrix, and watches what happens to the process that makes them."""

    def __init__(self, runner: Process | None, workspace: Workspace) -> None:
        self._executor = ToolRuntimeExecutor(runner, journal=MemoryJournal(), limits=Limits(timeout=20))
        self._workspace = workspace
        self._next = tool(effects={Effect.READ})(import_module("faulty_tools").surroundings)
        self._tools = {fault: made(fault) for fault in FAULTS}  # imported here before a worker starts
        self._strangers = set(_children("self"))  # those of other tests in this process
        self.lags: dict[str, float] = {}

    async def call(self, called: Tool) -> ToolResult:
        return await self._executor.invoke(called, {}, CallContext(files=self._workspace))

    async def outcome(self, fault: Fault) -> Outcome:
        """What becomes of a call that has the fault."""
        if fault.cancelled:
            return await self._cancelled(self._tools[fault])
        result = await self.call(self._tools[fault])
        return Outcome(result.status, str(result.value) if result.ok else result.error)

    async def _cancelled(self, called: Tool) -> Outcome:
        call = asyncio.create_task(self.call(called))
        await asyncio.sleep(0.2)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert isinstance(self._executor.journal, MemoryJournal)
        _, ended = self._executor.journal.ended[-1]
        return Outcome(ended.status, ended.error)

    async def problems(self, fault: Fault) -> list[str]:
        """Everything that is not as it is promised."""
        watching = asyncio.create_task(self._watch(fault.tool))
        got = await self.outcome(fault)
        watching.cancel()
        found: list[str] = []
        if got.status != fault.process.status or not got.text.startswith(fault.process.text):
            found.append(f"{fault.tool}: {got.status}: {got.text[:200]}")
        after = await self.call(self._next)
        expected = {"cwd": str(Path.cwd()), "variable": None, "threads": 1, "writable": True}
        if after.value != expected:
            found.append(f"after {fault.tool}: {after.status} {after.value} {after.error}")
        if left := await _left(self._strangers):
            found.append(f"after {fault.tool} there are left: {left}")
        return found

    async def _watch(self, name: str) -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.005)
            self.lags[name] = max(self.lags.get(name, 0), time.monotonic() - before - 0.005)


async def _left(strangers: Collection[str]) -> list[str]:
    """The processes besides the nursery and as many workers as there may be, after they had time to end."""
    until = time.monotonic() + 5
    while True:
        children = [child for child in _children("self") if child not in strangers]
        found = [command for child in children for command in _commands(child)]
        ours = [command for command in found if "orket.runners.process.inside.nursery" in command]
        others = [command for command in found if command and command not in ours]
        if (not others and len(ours) <= 1 + WORKERS) or time.monotonic() > until:
            return others or ours[1 + WORKERS :]
        await asyncio.sleep(0.01)


def _commands(pid: str) -> list[str]:
    """The command lines of a process and its descendants; empty of one that has ended."""
    try:
        own = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return []
    return [own, *(command for child in _children(pid) for command in _commands(child))]


def _children(pid: str) -> list[str]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [child for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []


async def test_every_fault_has_its_promised_outcome_and_the_next_call_is_right(
    make: Callable[..., Process], workspace: Workspace, request: pytest.FixtureRequest
) -> None:
    """Each fault happens as often as ``--faults`` says, all of them in one shuffled order."""
    times = int(str(request.config.getoption("--faults", default=1)))
    faults = list(FAULTS) * times
    random.Random(SEED).shuffle(faults)
    limits = {"workers": WORKERS, "processes": 32, "memory": 1024, "import_seconds": 1}
    host = Host(make(restarts=1_000, **limits), workspace)
    await host.call(made(FAULTS[0]))  # the start of the nursery is no fault

    problems = [problem for fault in faults for problem in await host.problems(fault)]

    longest = max(host.lags, key=lambda name: host.lags[name])
    sys.stdout.write(
        f"{len(faults)} calls with a fault, {len(problems)} broken promises; "
        f"the loop lagged {host.lags[longest] * 1000:.0f} ms at most, during '{longest}'\n"
    )
    assert problems == []
    if times >= 20:
        assert {name: lag for name, lag in host.lags.items() if lag > LAG} == {}


@pytest.mark.parametrize(
    "fault", [one for one in FAULTS if not isinstance(one.inline, Cannot)], ids=lambda fault: fault.tool
)
async def test_what_inline_can_promise_it_promises(fault: Fault, workspace: Workspace) -> None:
    expected = fault.inline if isinstance(fault.inline, Outcome) else fault.process

    got = await Host(None, workspace).outcome(fault)

    assert (got.status, got.text[: len(expected.text)]) == expected


def test_what_inline_cannot_promise_has_a_reason() -> None:
    assert [one.tool for one in FAULTS if isinstance(one.inline, Cannot) and not one.inline.reason] == []
