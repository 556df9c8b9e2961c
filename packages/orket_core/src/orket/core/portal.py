"""Lets code without an event loop make calls: one thread with a loop of its own, started when it is first used."""

from __future__ import annotations

import asyncio
import os
from threading import Lock, Thread, current_thread
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

__all__ = ["Portal"]

_PATIENCE = 2.0  # seconds; a call may hold on although it was cancelled

T = TypeVar("T")


class Portal:
    """Runs coroutines for callers that have no loop, from any thread, also after a fork."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None
        self._process = os.getpid()

    def run(self, make: Callable[[], Coroutine[object, object, T]], instead: str) -> T:
        """Run the coroutine that ``make`` gives, and wait for it.

        Args:
            make: called only when it is certain that the coroutine will run.
            instead: what to write where there is a loop, for the error.

        Raises:
            RuntimeError: the caller is inside a running event loop, which waiting would block.
            concurrent.futures.CancelledError: the portal was closed meanwhile.
        """
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            pass
        else:
            raise RuntimeError(f"an event loop is running here, and waiting would block it: write {instead}")
        if self._process != os.getpid():
            # A forked child has its parent's loop and lock, and none of its threads.
            self._lock, self._loop, self._process = Lock(), None, os.getpid()
        with self._lock:  # closed between these two, the loop would never come to the call
            loop = self._running()
            future = asyncio.run_coroutine_threadsafe(make(), loop)
        try:
            return future.result()
        except KeyboardInterrupt:
            future.cancel()
            raise

    def close(self) -> None:
        """Stop the loop, and wait until the calls that this cancels have ended. A later call starts another."""
        if self._process != os.getpid():
            return
        with self._lock:
            loop, thread, self._loop = self._loop, self._thread, None
            if loop is not None:
                loop.call_soon_threadsafe(loop.stop)
        if thread is not None and thread is not current_thread():
            thread.join(_PATIENCE)

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = Thread(target=_serve, args=(self._loop,), name="orket-portal", daemon=True)
            self._thread.start()
        return self._loop


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()
