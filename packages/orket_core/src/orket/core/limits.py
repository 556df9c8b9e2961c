"""How much may happen: the application's limits, the brake on effects, and the admission of calls."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter, deque
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from threading import Lock, RLock
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary, WeakSet, WeakValueDictionary

from orket.core.tools import Effect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from contextlib import AbstractContextManager
    from typing import Self

    from orket.core.tools import Lineage, Tool

__all__ = ["Admission", "Brake", "Busy", "Claim", "Limits", "OverBudget"]

_MINUTE = 60.0


class Busy(Exception):  # noqa: N818 - an outcome
    """There is no room for the call now; the text says which limit is reached."""


class OverBudget(Exception):  # noqa: N818 - an outcome
    """The session has used up its calls of a tool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What holds for every tool that says nothing of its own."""

    timeout: float = 60.0
    """Seconds until a call is given up; ``math.inf`` for never."""
    max_output: int = 65_536
    """Bytes of JSON a result may have."""
    concurrency: int | None = 16
    """How many calls may be under way at once; ``None`` for any number."""
    session_concurrency: int | None = None
    """How many calls of one session may be under way at once; ``None`` for any number."""
    queue: int = 1_000
    """How many calls may wait in one line, for a tool, a session or all calls; a further one is ``busy``."""

    @property
    def counted(self) -> bool:
        """Whether calls are counted, whatever their tools say."""
        return self.concurrency is not None or self.session_concurrency is not None


class Brake:
    """The effects that calls may have. It only ever narrows, and works on calls of turns that are under way."""

    def __init__(self, allowed: Iterable[Effect] = Effect, parent: Brake | None = None) -> None:
        self.allowed = frozenset(allowed)
        """What is left after every restriction, those of the brakes above included."""
        self._below: WeakSet[Brake] = WeakSet()
        self._lock: RLock = RLock() if parent is None else parent._lock
        if parent is not None:
            with self._lock:
                self.allowed &= parent.allowed
                parent._below.add(self)

    def restrict(self, effects: Iterable[Effect]) -> None:
        """Allow nothing but ``effects``, and of these only what is allowed already."""
        with self._lock:  # of two who restrict at once, neither undoes what the other did
            self.allowed &= frozenset(effects)
            for brake in self._below:
                brake.restrict(self.allowed)


class Slots:
    """Room for a number of calls at once. Belongs to no event loop, so that a call from any loop can wait here.

    Whoever asks for a place says how many there are, since the copies of one tool may differ in that. A context
    manager around a place that is already taken: leaving it gives the place back.
    """

    def __init__(self, queue: int) -> None:
        self._queue = queue
        self._taken = 0
        self._lock = Lock()
        self._waiting: deque[_Waiter] = deque()

    def __enter__(self) -> Self:
        return self

    def take(self, size: int) -> bool:
        """Take one of ``size`` places if one is free and nobody waits; whether it was."""
        with self._lock:
            if self._waiting or self._taken >= size:
                return False
            self._taken += 1
            return True

    async def wait(self, size: int) -> None:
        """Take one of ``size`` places, waiting in line for it; ``Busy`` where the line is as long as it may be."""
        loop = asyncio.get_running_loop()
        waiter = _Waiter(loop, loop.create_future(), size)
        with self._lock:
            if not self._waiting and self._taken < size:
                self._taken += 1
                return
            if len(self._waiting) >= self._queue:
                places = "the only place" if size == 1 else f"one of {size} places"
                raise Busy(f"{self._queue} calls wait for {places} already; try again later")
            self._waiting.append(waiter)
        try:
            await waiter.place
        except asyncio.CancelledError:
            with self._lock:
                if waiter in self._waiting:
                    self._waiting.remove(waiter)
                else:  # it was handed over
                    self._taken -= 1
                self._let_in()
            raise

    def give_back(self, *_: object) -> None:
        """Hand the place to whoever waits longest."""
        with self._lock:
            self._taken -= 1
            self._let_in()

    __exit__ = give_back

    def _let_in(self) -> None:
        while self._waiting and self._taken < self._waiting[0].size:
            waiter = self._waiting.popleft()
            with suppress(RuntimeError):  # its loop was closed, so nobody waits there any more
                waiter.loop.call_soon_threadsafe(_hand_over, waiter.place)
                self._taken += 1


class _Waiter(NamedTuple):
    loop: asyncio.AbstractEventLoop
    place: asyncio.Future[None]
    size: int


class Admission:
    """Lets calls in, one check after the other: budget, rate, a place for the tool, for the session, among all."""

    def __init__(self, concurrency: int | None, of_session: int | None = None, queue: int = 1_000) -> None:
        """Make room.

        Args:
            concurrency: how many calls may be under way at once; ``None`` for any number.
            of_session: how many of them may be of one session; ``None`` for any number.
            queue: how many calls may wait in one line.
        """
        self._concurrency = concurrency
        self._places = Slots(queue)
        self._of_session = of_session
        self._queue = queue
        # Kept by the calls that hold or want a place, so that sessions which are over leave nothing behind.
        self.sessions: WeakValueDictionary[str | None, Slots] = WeakValueDictionary()
        self._usage: WeakKeyDictionary[Lineage, _Usage] = WeakKeyDictionary()
        self._lock = Lock()

    def at_once(self, tool: Tool) -> AbstractContextManager[object] | None:
        """Admit a call that needs a place among all calls and nothing else, if there is one; see ``enter``."""
        if (
            self._concurrency is None
            or tool.limited
            or tool.approval
            or self._of_session is not None
            or not self._places.take(self._concurrency)
        ):
            return None
        return self._places

    def count(self, tool: Tool, session: str | None) -> Claim:
        """Count a call against the tool's budget and rate.

        Args:
            tool: what is called; the changed copies of one tool count together.
            session: whose budget it counts against.

        Raises:
            OverBudget: the session has made as many calls as the tool allows.
            Busy: the tool's rate is reached.
        """
        usage, places = None, list[tuple[Slots, int]]()
        with self._lock:
            now = time.monotonic()
            if tool.limited:
                usage = self._usage.get(tool.lineage)
                if usage is None:
                    usage = self._usage[tool.lineage] = _Usage(self._queue)
                usage.count(tool, session, now)
                size = 1 if tool.serial else tool.concurrency
                if size is not None:
                    places.append((usage.slots, size))
            if self._of_session is not None:
                fresh = Slots(self._queue)
                places.append((self.sessions.setdefault(session, fresh), self._of_session))
        if self._concurrency is not None:
            places.append((self._places, self._concurrency))

        def take_back() -> None:
            if usage is not None:
                with self._lock:
                    usage.take_back(tool, session, now)

        return Claim(places, take_back)

    async def enter(self, tool: Tool, claim: Claim, patience: float) -> AbstractContextManager[object]:
        """Take the places of a claim; they are held until the context manager that this gives is left.

        Args:
            tool: what is called, for messages.
            claim: what ``count`` gave.
            patience: seconds to wait for them; ``math.inf`` to wait as long as it takes.

        Raises:
            Busy: too many calls wait already, or no place became free.
        """
        with ExitStack() as held:
            try:
                async with asyncio.timeout(None if patience == math.inf else patience):
                    for places, size in claim.places:
                        if not places.take(size):
                            await places.wait(size)
                        held.enter_context(places)
            except TimeoutError:
                raise Busy(f"no place became free for '{tool.name}' within {patience:g} seconds") from None
            return held.pop_all()


class Claim:
    """What a call was counted as, and the places it has to hold, in order. Left before it began, it counts no more."""

    def __init__(self, places: Sequence[tuple[Slots, int]], take_back: Callable[[], None]) -> None:
        self.places = places
        self.began = False
        """Whether the call has begun, to be set by whoever begins it."""
        self._take_back = take_back

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self.began:
            self._take_back()


class _Usage:
    """What the calls of one tool have used."""

    def __init__(self, queue: int) -> None:
        self.slots = Slots(queue)
        self._spent: Counter[str | None] = Counter()
        self._begun: deque[float] = deque()

    def count(self, tool: Tool, session: str | None, now: float) -> None:
        while self._begun and self._begun[0] <= now - _MINUTE:
            self._begun.popleft()
        if tool.budget is not None and self._spent[session] >= tool.budget:
            raise OverBudget(f"this session has used its {tool.budget} calls of '{tool.name}'")
        if tool.rate is not None and len(self._begun) >= tool.rate:
            wait = _MINUTE - (now - self._begun[0] if self._begun else 0.0)
            raise Busy(
                f"'{tool.name}' may begin {tool.rate} calls a minute; the next one in {math.ceil(wait)} seconds"
            )
        if tool.budget is not None:
            self._spent[session] += 1
        if tool.rate is not None:
            self._begun.append(now)

    def take_back(self, tool: Tool, session: str | None, counted_at: float) -> None:
        if tool.budget is not None:
            self._spent[session] -= 1
        if tool.rate is not None:
            with suppress(ValueError):  # it was more than a minute ago
                self._begun.remove(counted_at)


def _hand_over(place: asyncio.Future[None]) -> None:
    if not place.done():  # a waiter that was cancelled meanwhile gives the place back itself
        place.set_result(None)
