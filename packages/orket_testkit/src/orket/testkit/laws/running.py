"""Runners at work: what the laws of runners have in common."""

from __future__ import annotations

import asyncio
import os
import tempfile
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar, cast

from orket.core import CallContext, MemoryJournal, ToolRuntimeExecutor, Workspace
from orket.core.proving import Limits, contained, describe
from orket.testkit.circumstances import circumstances
from orket.testkit.findings import Broken
from orket.testkit.laws.state import process
from orket.testkit.parity.leaks import descendants

if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator, Iterator, Mapping

    from orket.core import ToolRunner
    from orket.testkit.circumstances import Circumstance
    from orket.testkit.subject import Plan, Subject

    T = TypeVar("T")

__all__ = ["Bench", "at_work", "benches", "close", "there"]

_PAUSE = 0.005
_MOST = 4
"""Sets of options that a runner is tried with."""


class Bench:
    """A fresh runner behind the seam, in a workspace of its own."""

    def __init__(
        self,
        subject: Subject,
        circumstance: Circumstance,
        workspace: Workspace,
        plan: Plan,
        before: Mapping[str, object],
    ) -> None:
        self.soon = 2 * plan.brief
        """Seconds in which what has to happen at once happens, also where a process has to be started for it."""
        self.threads = set(threading.enumerate())
        """The threads that were there before the runner."""
        self.processes = set(descendants())
        """The processes below this one that were there before the runner."""
        self.process = before
        """The state of this process before any runner was made."""
        self.files = set(self.temporary())
        """The temporary files that were there before the runner."""
        self.circumstance = circumstance
        self.workspace = workspace
        self.runner = cast("ToolRunner", subject.make(circumstance.options))
        self.journal = MemoryJournal()
        self.executor = ToolRuntimeExecutor(
            self.runner, journal=self.journal, limits=Limits(timeout=self.soon)
        )

    def temporary(self) -> list[str]:
        """The temporary files of this process and those below it."""
        return sorted(os.listdir(tempfile.gettempdir()))

    def context(self) -> CallContext:
        """The context of one call."""
        return CallContext(session_id="session-1", roles=("coder",), files=self.workspace)

    def broken(self, found: str, expected: str, **circumstance: object) -> Broken:
        """What a law raises."""
        return Broken(found, expected=expected, trace={**self.circumstance.as_dict(), **circumstance})


def benches(subject: Subject, plan: Plan) -> Iterator[Bench]:
    """One bench for each set of options that the runner takes; it is closed afterwards."""
    with _temporary_files_apart():
        before = process()
        different: list[object] = []
        for circumstance in circumstances(subject, plan):
            if circumstance.options in different or len(different) == _MOST:
                continue
            different.append(circumstance.options)
            with (
                tempfile.TemporaryDirectory(prefix="orket-bench-", ignore_cleanup_errors=True) as folder,
                Workspace(folder) as workspace,
            ):
                bench = Bench(subject, circumstance, workspace, plan, before)
                try:
                    yield bench
                finally:
                    close(bench.runner)


@contextmanager
def _temporary_files_apart() -> Generator[None]:
    """Have temporary files made where nobody else makes any."""
    before = tempfile.tempdir, os.environ.get("TMPDIR")
    with tempfile.TemporaryDirectory(prefix="orket-files-", ignore_cleanup_errors=True) as folder:
        tempfile.tempdir = os.environ["TMPDIR"] = folder
        try:
            yield
        finally:
            tempfile.tempdir = before[0]
            os.environ.pop("TMPDIR")
            if before[1] is not None:
                os.environ["TMPDIR"] = before[1]


def at_work(bench: Bench, work: Coroutine[object, object, T], seconds: float) -> T:
    """What ``work`` gives on a loop of its own.

    Raises:
        Broken: it did not end in time, or the seam raised what it has to hold.
    """
    outcome: list[T] = []
    raised: list[BaseException] = []

    def run() -> None:
        with contained() as guard:
            outcome.append(asyncio.run(work))
        if guard.error is not None:
            raised.append(guard.error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    expected = "every call ends, and only the caller's own cancellation is raised"
    if raised and isinstance(raised[0], Broken):
        raise raised[0]
    if raised:
        raise bench.broken(f"it raised {describe(raised[0])} in its caller", expected)
    if not outcome:
        raise bench.broken(f"its calls did not end within {seconds:g} seconds", expected)
    return outcome[0]


async def there(bench: Bench, name: str, seconds: float) -> bool:
    """Wait until a file is in the workspace, at most ``seconds``; whether it is."""
    end = time.monotonic() + seconds
    while name not in bench.workspace.list():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(_PAUSE)
    return True


def close(runner: ToolRunner) -> None:
    """Close a runner as a runtime does at its end."""
    closing: object = getattr(runner, "close", None)
    if callable(closing):
        with contained():
            closing()
