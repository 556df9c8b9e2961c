"""Tools that runners are compared by besides the baseline: every kind of result, and what a call knows of itself.

They are found by their module and name, so that a runner may run them in another process.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum

from pydantic import BaseModel

from orket.core import CallContext, Effect, Toolset, tool

__all__ = ["ASKED", "samples"]


_AN_HOUR = 3_600


@dataclass
class Place:
    """A dataclass, which is dumped."""

    name: str
    at: tuple[int, int] = (1, 2)


class Weather(BaseModel):
    """A pydantic model, which is dumped."""

    degrees: float = 20.0
    clouds: list[Place] = []


class Colour(str, Enum):  # noqa: UP042 - a text that says it is something else
    """An enumeration, of which the value counts."""

    RED = "red"


RESULTS: dict[str, object] = {
    "null": None,
    "true": True,
    "false": False,
    "zero": 0,
    "one": 1,
    "one-as-float": 1.0,
    "negative": -7,
    "beyond-a-float": 2**53 + 1,
    "beyond-64-bits": -(2**64),
    "fraction": 0.1,
    "huge": 1e308,
    "empty-text": "",
    "text": "grün\n\u2028 and a tab\t",
    "beyond-the-plane": "\U0001f33f",
    "text-of-a-number": "1",
    "empty-list": [],
    "list": [1, 1.0, True, "1", None],
    "empty-object": {},
    "object": {"b": 1, "a": {"deep": [[], {}]}, "": "no name", "ok": False},
    "tuple": (1, (2, 3)),
    "dataclass": Place("here"),
    "model": Weather(clouds=[Place("there", (3, 4))]),
    "enumeration": Colour.RED,
    "long-text": "a long line, again and again; " * 5_000,
    "long-list": list(range(50_000)),
}


ASKED: ContextVar[str] = ContextVar("ASKED", default="")
"""Which scene is played."""


def give(kind: str) -> object:
    """Give a result of a kind."""
    return RESULTS[kind]


async def give_later(kind: str) -> object:
    """Give a result of a kind, in a moment."""
    await asyncio.sleep(0)
    return RESULTS[kind]


def give_awaitable(kind: str) -> Awaitable[object]:
    """Give something to await."""
    return give_later(kind)


def tell(ctx: CallContext, more: dict[str, object] | None = None, least: int | None = 1) -> object:
    """Tell what the call knows of itself, and of its arguments.

    Args:
        ctx: The context of the call.
        more: Anything.
        least: A number, or none at all.
    """
    known = ctx.session_id, ctx.roles, ctx.role, ctx.extra, ctx.model, ctx.turn, ctx.call_id, ctx.max_output
    left = ctx.deadline is not None and 0 < ctx.deadline - time.monotonic() < _AN_HOUR
    return {"known": known, "in time": left, "names": ctx.workspace.list(), "more": more, "least": least}


def stumble(ctx: CallContext) -> object:
    """Count the attempts in a file, and fail."""
    file = "attempts.txt"
    before = ctx.workspace.read_text(file) if file in ctx.workspace.list() else ""
    ctx.workspace.write_text(file, f"{before}another\n")
    raise ValueError("it never works")


def tell_host(ctx: CallContext) -> object:
    """Tell what only the host's own process knows: the application's objects, and the caller's context variables."""
    return {"deps": type(ctx.deps).__name__, "asked": ASKED.get()}


def tamper(values: list[object]) -> int:
    """Change the list that was passed."""
    values.append("changed")
    return len(values)


_TOOLS: tuple[Callable[..., object], ...] = (give, give_later, give_awaitable, tell, tamper)


def samples() -> Toolset:
    """The tools, fresh."""
    made = Toolset(tool(effects={Effect.READ})(function) for function in _TOOLS)
    made |= Toolset([tool(effects={Effect.WRITE})(stumble)])
    return made | Toolset([tool(effects={Effect.READ}, host=True)(tell_host)])
