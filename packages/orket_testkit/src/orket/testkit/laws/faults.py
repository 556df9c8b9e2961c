"""Tools that go wrong, each in a way that a runner has to hold, and what has to come of it.

They are found by their module and name, so that a runner may run them in another process.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, NamedTuple

from orket.core import CallContext, Effect, Tool, ToolError, tool

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "FAULTS",
    "Fault",
    "answer",
    "answer_otherwise",
    "fail",
    "fail_later",
    "reading",
    "wait",
    "wait_later",
    "writing",
]

_PAUSE = 0.01  # seconds
_PATIENCE = 2_000  # pauses


class Awkward(Exception):  # noqa: N818 - awkward is what it is
    """Cannot be made again from its own arguments, as pickling tries to."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} and {second}")


class Unprintable(Exception):  # noqa: N818 - unprintable is what it is
    """Raises when anybody wants to know what it says."""

    def __str__(self) -> str:
        raise ValueError("no text")

    __repr__ = __str__


ERRORS: dict[str, Callable[[], BaseException]] = {
    "error": lambda: ValueError("bad value"),
    "tool-error": lambda: ToolError("give another path"),
    "awkward": lambda: Awkward("this", "that"),
    "unprintable": Unprintable,
    "own-timeout": lambda: TimeoutError("the server is slow"),
    "stop-iteration": lambda: StopIteration("nothing more"),
    "stop-async-iteration": lambda: StopAsyncIteration("nothing more"),
    "group": lambda: ExceptionGroup("two at once", [ValueError("one"), KeyError("other")]),
    "memory": MemoryError,
    "exit": lambda: SystemExit(3),
    "generator-exit": GeneratorExit,
    "cancelled": asyncio.CancelledError,
    "interrupt": KeyboardInterrupt,
}


def fail(kind: str) -> object:
    """Raise an error of a kind."""
    if kind == "recursion":
        return fail(kind)
    error = ERRORS[kind]()
    raise error


async def fail_later(kind: str) -> object:
    """Raise an error of a kind, in a moment."""
    await asyncio.sleep(0)
    return fail(kind)


def give_unusable(kind: str) -> object:
    """Give what JSON cannot say."""
    circle: list[object] = []
    circle.append(circle)
    deep: object = "deep"
    for _ in range(1_000):
        deep = [deep]
    unusable: dict[str, object] = {
        "set": {1, 2},
        "object": object(),
        "not-a-number": float("nan"),
        "infinity": [float("inf")],
        "lone-surrogate": "\ud800",
        "bytes": b"bytes",
        "class": int,
        "numbered": {1: "one"},
        "circle": circle,
        "deep": deep,
    }
    return unusable[kind]


def answer() -> str:
    """Answer, so that it shows that calls still work."""
    return "still here"


def answer_otherwise() -> str:
    """Answer as nobody else does."""
    return "somebody else"


def wait(name: str, ctx: CallContext) -> str:
    """Wait for the file ``<name>.go``, then leave the file ``<name>.done``."""
    ctx.workspace.write_text(f"{name}.begun", "")
    for _ in range(_PATIENCE):
        if f"{name}.go" in ctx.workspace.list():
            break
        time.sleep(_PAUSE)
    ctx.workspace.write_text(f"{name}.done", "")
    return name


async def wait_later(name: str, ctx: CallContext) -> str:
    """Wait for the file ``<name>.go`` and let others work meanwhile, then leave the file ``<name>.done``."""
    ctx.workspace.write_text(f"{name}.begun", "")
    for _ in range(_PATIENCE):
        if f"{name}.go" in ctx.workspace.list():
            break
        await asyncio.sleep(_PAUSE)
    ctx.workspace.write_text(f"{name}.done", "")
    return name


def reading(function: Callable[..., object]) -> Tool:
    """A fresh tool that changes nothing, as far as it says."""
    return tool(effects={Effect.READ})(function)


def writing(function: Callable[..., object]) -> Tool:
    """A fresh tool that may write."""
    return tool(effects={Effect.WRITE})(function)


class Fault(NamedTuple):
    """One way to go wrong."""

    function: Callable[..., object]
    kind: str
    status: str
    """What has to come of it."""
    says: str = ""
    """What the text for the model has to hold."""

    @property
    def name(self) -> str:
        """``function: kind``."""
        return f"{self.function.__name__}: {self.kind}"


_FAILS = {
    "error": "ValueError: bad value",
    "tool-error": "give another path",
    "awkward": "Awkward: this and that",
    "unprintable": "Unprintable: <unprintable>",
    "own-timeout": "TimeoutError: the server is slow",
    "stop-iteration": "",
    "stop-async-iteration": "",
    "group": "two at once",
    "memory": "MemoryError",
    "recursion": "RecursionError",
    "exit": "",
    "generator-exit": "",
    "cancelled": "",
}
_UNUSABLE = (
    "set",
    "object",
    "not-a-number",
    "infinity",
    "lone-surrogate",
    "bytes",
    "class",
    "numbered",
    "circle",
    "deep",
)

FAULTS: tuple[Fault, ...] = (
    *(Fault(fail, kind, "failed", says) for kind, says in _FAILS.items()),
    # Raised on the loop's own thread it would be the keyboard's.
    Fault(fail, "interrupt", "failed"),
    *(Fault(fail_later, kind, "failed", says) for kind, says in _FAILS.items()),
    *(Fault(give_unusable, kind, "bad-result") for kind in _UNUSABLE),
)
"""Every fault that each runner holds."""
