"""Daemon threads for blocking calls, which can be let go of when a call outlives its deadline.

``ThreadPoolExecutor`` will not do: it holds up the exit of the process until every thread has ended, and a thread
that never ends takes one of its places for ever. Here an abandoned thread gives its place back at once. Abandoned
threads are counted, and past a limit no further call begins.
"""

from __future__ import annotations

import asyncio
import os
from contextvars import Context, copy_context
from dataclasses import dataclass
from enum import Enum
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING
from weakref import WeakSet

from orket.core.contain import contained
from orket.core.hookspecs import CallAbandoned, CallRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    Outcome: TypeAlias = tuple[object, BaseException | None]

__all__ = ["Threads"]


class Threads:
    """Up to ``limit`` threads, started as they are needed and used again."""

    def __init__(self, limit: int = 32, abandoned_limit: int = 32) -> None:
        self.limit = limit
        self.abandoned_limit = abandoned_limit
        self.forget()
        _EVERY.add(self)

    def forget(self) -> None:
        """Start anew: a forked child has none of its parent's threads."""
        self.abandoned = 0
        """How many calls that were given up are still running."""
        self._closed = False
        self._lock = Lock()
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._count = self._idle = self._pending = 0

    async def run(self, function: Callable[..., object], arguments: Mapping[str, object]) -> object:
        """Call ``function(**arguments)`` in a thread, with the caller's context variables.

        Raises:
            CallRefused: too many abandoned calls are still running, or the threads were closed.
            CallAbandoned: the caller was cancelled, and the call had begun.
        """
        if self.abandoned >= self.abandoned_limit:
            raise CallRefused(f"{self.abandoned} calls that were given up are still running in their threads")
        loop = asyncio.get_running_loop()
        job = _Job(function, arguments, copy_context(), loop, loop.create_future())
        self._submit(job)
        try:
            value, error = await job.future
        except asyncio.CancelledError:
            if self._let_go(job):
                raise CallAbandoned from None
            raise
        if isinstance(error, KeyboardInterrupt):  # raised here, it would pass for one from the keyboard
            raise RuntimeError("KeyboardInterrupt raised in a thread") from error
        if error is not None:
            raise error
        return value

    def close(self) -> None:
        """Begin no further call. Idle threads end; one that is in a call ends after it."""
        with self._lock:
            self._closed = True
            for _ in range(self._count):
                self._jobs.put(None)

    def _submit(self, job: _Job) -> None:
        """Every job put is met by one idle thread, one new thread, or one thread that looks at ``_pending``."""
        with self._lock:
            if self._closed:
                raise CallRefused("the runner was closed")
            if self._idle:
                self._idle -= 1
            elif self._count < self.limit:
                self._start()
            else:
                self._pending += 1
            self._jobs.put(job)

    def _start(self) -> None:
        Thread(target=self._work, name="orket-tool", daemon=True).start()
        self._count += 1

    def _let_go(self, job: _Job) -> bool:
        """Give up a job; whether it has begun. It may even have ended, with an outcome that nobody will hear."""
        with self._lock:
            begun = job.state is not _State.WAITING
            if job.state is _State.RUNNING:
                self.abandoned += 1
                self._count -= 1
                if self._pending:  # the place this thread gives back belongs to the job that waits longest
                    self._pending -= 1
                    self._start()
            if job.state is not _State.DONE:
                job.state = _State.GIVEN_UP
            return begun

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            if self._enter(job, _State.RUNNING):
                outcome = job.call()
                if not self._enter(job, _State.DONE):
                    with self._lock:
                        self.abandoned -= 1
                    return
                job.deliver(outcome)
                del outcome
            del job
            with self._lock:
                if self._pending:
                    self._pending -= 1
                else:
                    self._idle += 1

    def _enter(self, job: _Job, state: _State) -> bool:
        """Move a job on; whether nobody gave it up before."""
        with self._lock:
            if job.state is _State.GIVEN_UP:
                return False
            job.state = state
            return True


class _State(Enum):
    WAITING = 0
    RUNNING = 1
    GIVEN_UP = 2
    DONE = 3


@dataclass(slots=True, eq=False)
class _Job:
    function: Callable[..., object]
    arguments: Mapping[str, object]
    context: Context
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Outcome]
    state: _State = _State.WAITING

    def call(self) -> Outcome:
        with contained() as guard:
            return self.context.run(self.function, **self.arguments), None
        return None, guard.error

    def deliver(self, outcome: Outcome) -> None:
        with contained():  # the loop may have been closed meanwhile; nobody is left to tell
            self.loop.call_soon_threadsafe(_settle, self.future, outcome)


def _settle(future: asyncio.Future[Outcome], outcome: Outcome) -> None:
    if not future.done():
        future.set_result(outcome)


_EVERY: WeakSet[Threads] = WeakSet()


def _forget_every() -> None:
    for threads in _EVERY:
        threads.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_every)
