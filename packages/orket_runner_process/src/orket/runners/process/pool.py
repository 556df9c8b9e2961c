"""Who gets a worker when: as many at once as there may be, and no tool all of them."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from orket.core import CallRefused
from orket.runners.process.nurseries import Nursery
from orket.runners.process.quarantine import Quarantine
from orket.runners.process.workers import Worker

if TYPE_CHECKING:
    from orket.runners.process.options import Options
    from orket.runners.process.travel import Place

__all__ = ["Pool"]

_NURSERY = "nursery"


class _Waiting(NamedTuple):
    tool: object
    loop: asyncio.AbstractEventLoop
    turn: asyncio.Future[None]


class Pool:
    """The workers of one host. Calls from any event loop may take them.

    One tool may have all workers but one, so that a tool which floods leaves room for the others.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._quarantine = Quarantine(options.restarts)
        self._lock = Lock()
        self.closed = False
        """Whether no further call begins."""
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._nurseries: dict[Place | None, Nursery] = {}
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._taken: Counter[object] = Counter()
        self._under_way = 0
        self._waiting: list[_Waiting] = []

    async def take(self, tool: object, name: str, place: Place) -> Worker:
        """A worker for a call, waiting in line for one.

        Args:
            tool: whose calls count together.
            name: the tool's name, for messages.
            place: where the worker has to be.

        Raises:
            CallRefused: the line is full, the pool was closed, or no worker can be started.
        """
        if self._process != os.getpid():  # a forked child has none of its parent's workers
            self._lock = Lock()
            self._begin()
        waiting: _Waiting | None = None
        with self._lock:
            if self.closed:
                raise CallRefused("the process runner was closed")
            if self._room(tool):
                self._taken[tool] += 1
                self._under_way += 1
            else:
                ahead = sum(other.tool is tool for other in self._waiting)
                if ahead >= self._options.queue:
                    raise CallRefused(f"{ahead} calls of '{name}' wait for a worker already")
                loop = asyncio.get_running_loop()
                waiting = _Waiting(tool, loop, loop.create_future())
                self._waiting.append(waiting)
        if waiting is not None:
            await self._turn_of(waiting)
        try:
            with self._lock:
                return self._worker(place)
        except CallRefused:
            self._pass_on(tool)
            raise

    def give_back(self, tool: object, worker: Worker, *, usable: bool) -> None:
        """Give back what ``take`` gave; a worker that is not usable is ended."""
        with self._lock:
            self._busy.discard(worker)
            usable = usable and not self.closed
            if usable:
                self._idle.append(worker)
        if not usable:
            worker.close()
        self._pass_on(tool)

    def close(self) -> None:
        """End every worker, whatever it does, and begin no further call."""
        if self._process != os.getpid():
            return
        with self._lock:
            self.closed = True
            idle, self._idle = self._idle, []
            nurseries, self._nurseries = self._nurseries, {}
            waiting, self._waiting = self._waiting, []
        for worker in idle:
            worker.close()
        for nursery in nurseries.values():
            nursery.close()
        for one in waiting:
            with suppress(RuntimeError):
                one.loop.call_soon_threadsafe(_go_on, one.turn)

    def _room(self, tool: object) -> bool:
        most = self._options.workers
        return self._under_way < most and self._taken[tool] < most - 1

    async def _turn_of(self, waiting: _Waiting) -> None:
        try:
            await waiting.turn
        except asyncio.CancelledError:
            with self._lock:
                had_turn = waiting not in self._waiting
                if not had_turn:
                    self._waiting.remove(waiting)
            if had_turn and not self.closed:
                self._pass_on(waiting.tool)
            raise
        if self.closed:
            raise CallRefused("the process runner was closed")

    def _pass_on(self, tool: object) -> None:
        """Give up a place; the first in line that may have it goes on."""
        with self._lock:
            self._under_way -= 1
            self._taken[tool] -= 1
            if not self._taken[tool]:
                del self._taken[tool]
            for one in [*self._waiting]:
                if self._room(one.tool):
                    self._waiting.remove(one)
                    with suppress(RuntimeError):  # its loop was closed, so nobody waits there any more
                        one.loop.call_soon_threadsafe(_go_on, one.turn)
                        self._taken[one.tool] += 1
                        self._under_way += 1

    def _worker(self, place: Place) -> Worker:
        """An idle worker of the place, or a new one in the stead of an idle one elsewhere."""
        if self.closed:
            raise CallRefused("the process runner was closed")
        for worker in reversed(self._idle[:]):
            if worker.place == place:
                self._idle.remove(worker)
                if worker.alive:
                    self._busy.add(worker)
                    return worker
                worker.close()
        if self._idle and len(self._idle) + len(self._busy) >= self._options.workers:
            self._idle.pop(0).close()
        worker = self._fork(place)
        self._busy.add(worker)
        return worker

    def _fork(self, place: Place) -> Worker:
        key = place if place.confined else None
        self._quarantine.check(_NURSERY, "worker processes ended as soon as they were started")
        nursery = self._nurseries.get(key)
        if nursery is not None and not nursery.alive:
            self._nurseries.pop(key).close()
            self._quarantine.count(_NURSERY)
            nursery = None
        try:
            if nursery is None:
                self._end_unused()
                nursery = self._nurseries[key] = Nursery(self._options, key)
            return Worker(nursery, place, self._options.output)
        except OSError as error:
            raise CallRefused(f"no worker process can be started: {error}") from error

    def _end_unused(self) -> None:
        """End the nurseries of confined places where no worker is left."""
        used = {worker.place for worker in (*self._idle, *self._busy)}
        for place in [one for one in self._nurseries if one is not None and one not in used]:
            self._nurseries.pop(place).close()


def _go_on(turn: asyncio.Future[None]) -> None:
    if not turn.done():
        turn.set_result(None)
