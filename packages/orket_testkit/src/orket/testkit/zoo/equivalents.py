"""Right strategies of odd shapes. A check that rejects one of them is wrong."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial, wraps
from typing import TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field

from orket.core import CallContext, Effect, Tool, ToolError, Toolset, TurnContext, hookimpl, tool
from orket.testkit.zoo.subjects import BY_THEMSELVES, Entry, Shelf

__all__ = ["EQUIVALENTS"]

_SHELF = Shelf(__name__, asked=BY_THEMSELVES)
_WHY = "it may do more than read"

Compose = TypeVar("Compose", bound=Callable[..., Toolset])


class _Reading:
    """Offer what reads."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return toolset.where(lambda tool: tool.read_only, why=_WHY)


@_SHELF.right()
def made_by_a_factory() -> _Reading:
    """A function makes it."""
    return _Reading()


@_SHELF.right()
class Inherits(_Reading):
    """Its hookimpl is its parent's."""


@_SHELF.right()
class Overrides(_Reading):
    """It asks its parent, and goes on from there."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return (
            super().compose(toolset, context).where(lambda tool: not tool.approval, why="it needs approval")
        )


@_SHELF.right()
@dataclass(frozen=True)
class IsFrozen:
    """A frozen dataclass, which cannot keep anything."""

    effects: frozenset[Effect] = frozenset({Effect.READ})

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return toolset.where(lambda tool: tool.effects <= self.effects, why=_WHY)


@_SHELF.right()
class HasSlots:
    """It has slots and no dictionary."""

    __slots__ = ("_role",)

    def __init__(self) -> None:
        self._role = "coder"

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return (
            toolset if self._role in context.roles else toolset.where(lambda tool: tool.read_only, why=_WHY)
        )


def _decorated(compose: Compose) -> Compose:
    @wraps(compose)
    def wrapper(self: object, toolset: Toolset, context: TurnContext) -> Toolset:
        logging.getLogger(__name__).warning("composing for %s", context.role)
        return compose(self, toolset, context)

    return cast("Compose", wrapper)


@_SHELF.right()
class IsDecorated:
    """Its method is wrapped by a decorator, which logs each compose."""

    @hookimpl
    @_decorated
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return toolset.where(lambda tool: tool.read_only, why=_WHY)


@_SHELF.right()
class IsStatic:
    """Its method is a static one."""

    @staticmethod
    @hookimpl
    def compose(toolset: Toolset, context: TurnContext) -> Toolset:  # noqa: ARG004 - fixed by the contract
        return toolset.where(lambda tool: tool.read_only, why=_WHY)


@_SHELF.right()
class RenamesAndBack:
    """It renames every tool, chooses, and renames it back."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        short = {f"t{number}": name for number, name in enumerate(toolset.names)}
        other = toolset.renamed({name: new for new, name in short.items()})
        return other.where(lambda tool: tool.read_only, why=_WHY).renamed(short)


@_SHELF.right()
class NumbersThem:
    """It gives every tool another name."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return toolset.renamed({name: f"tool_{number}" for number, name in enumerate(toolset.names)})


@_SHELF.right()
class MakesItAnew:
    """It makes a new Toolset of the same tools, in the same order."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return Toolset(list(toolset))


@_SHELF.right()
class TurnsItAround:
    """It offers everything, last first."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return Toolset(reversed(list(toolset)))


@_SHELF.right()
class IsStricter:
    """It narrows policies, and widens none."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return toolset.map(self._stricter)

    def _stricter(self, tool: Tool) -> Tool:
        return tool.with_(
            timeout=min(tool.timeout or 60, 3),
            approval=True,
            serial=True,
            retry=0,
            budget=min(tool.budget or 5, 5),
            effects=tool.effects - {Effect.NETWORK},
        )


@_SHELF.right()
class OffersNothing:
    """It offers no tools at all."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return Toolset()


@_SHELF.right()
class Remembers:
    """It keeps what it computes, by what it depends on, and gives the same as if it did not."""

    @cached_property
    def _allowed(self) -> Callable[[str | None], frozenset[Effect]]:
        return lru_cache(_allowed)

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        allowed = self._allowed(context.role)
        return toolset.where(lambda tool: tool.effects <= allowed, why=_WHY)


def _allowed(role: str | None) -> frozenset[Effect]:
    return frozenset({Effect.READ, Effect.WRITE} if role == "coder" else {Effect.READ})


@_SHELF.right()
class LocksItself:
    """It lets one turn in at a time, since it works in itself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._names: list[str] = []

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        with self._lock:
            self._names.clear()
            self._names += [tool.name for tool in toolset if tool.read_only or not context.roles]
            return toolset.only(*self._names)


class _Limited:
    def __init__(self, most: int) -> None:
        self._most = most

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return toolset.only(*toolset.names[: self._most])


made_of_a_partial = partial(_Limited, 128)
_SHELF.entries.append(
    Entry(
        "made-of-a-partial",
        f"{__name__}:made_of_a_partial",
        "",
        "A functools.partial makes it.",
        asked=BY_THEMSELVES,
    )
)


@_SHELF.right(
    cases=(
        {"options": {"limits": {"coder": 2}}, "roles": ["coder"], "expect": ["read_file", "write_file"]},
        {"options": {"otherwise": 1}, "roles": ["nobody"], "expect": ["read_file"]},
        {"options": {}, "expect": []},
    )
)
class HasOptions:
    """It has options, nested and optional ones, and cases for them."""

    class Options(BaseModel):
        """How many tools a role gets."""

        model_config = ConfigDict(extra="forbid", frozen=True)

        limits: dict[str, int] = Field(default_factory=dict[str, int])
        otherwise: int = Field(default=0, ge=0, le=100)

    def __init__(self, options: Options) -> None:
        self._options = options

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        most = self._options.limits.get(context.role or "", self._options.otherwise)
        return toolset.only(*toolset.names[: max(0, most)])


@tool(name="read_file", effects={Effect.READ}, idempotent=True)
async def head(path: str, ctx: CallContext) -> dict[str, object]:
    """Read the beginning of a text file."""
    return {"content": ctx.workspace.read_text(path)[:1000]}


@tool(effects={Effect.READ})
def acme_count(text: str, least: int = 0) -> int:
    """Count words, or say that there are too few."""
    words = len(text.split())
    if words < least:
        raise ToolError(f"there are only {words} words")
    return words


@tool(effects={Effect.READ}, timeout=1)
def acme_large(times: int) -> list[str]:
    """Give more than anybody can take."""
    return ["acme"] * 100_000 * max(1, min(times, 3))


@_SHELF.right(provides=("read_file", "acme_count", "acme_large"))
@dataclass
class BringsTools:
    """It replaces a tool where there is one, by another kind of function, and adds two."""

    own: Toolset = field(default_factory=lambda: Toolset([acme_count, acme_large]))

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        offered = toolset.replace(head) if "read_file" in toolset else toolset
        return offered | self.own


EQUIVALENTS: tuple[Entry, ...] = tuple(_SHELF.entries)
"""All of them."""
