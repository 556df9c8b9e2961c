"""Strategies that remember what they should not, or share it with turns beside this one, in one way each."""

from __future__ import annotations

import asyncio
import threading
from functools import lru_cache
from typing import ClassVar

from orket.core import Effect, Tool, Toolset, TurnContext, hookimpl, tool
from orket.testkit.zoo.shapes import Broken
from orket.testkit.zoo.subjects import BY_THEMSELVES, Shelf

__all__ = ["SHELF"]

SHELF = Shelf(__name__, asked=BY_THEMSELVES)

_WHY = "it may do more than read"


def _reading(toolset: Toolset) -> Toolset:
    return toolset.where(lambda tool: tool.read_only, why=_WHY)


@SHELF.rejected_by("no-leak")
class KeepsTheFirst:
    """It keeps the tools of its first turn for ever."""

    _kept: Toolset | None = None

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        self._kept = self._kept or _reading(toolset)
        return self._kept


@SHELF.rejected_by("no-leak")
class KeepsTheRole:
    """It takes every agent for the first that had a role."""

    _role: str | None = None

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        self._role = self._role or context.role
        return _reading(toolset) if self._role else toolset


@SHELF.rejected_by("no-leak")
class OffersOnce:
    """It offers each tool once."""

    def __init__(self) -> None:
        self._offered: set[str] = set()

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        fresh = toolset.without(*self._offered, why="it was offered before")
        self._offered |= set(toolset.names)
        return fresh


@SHELF.rejected_by("no-leak")
class KnowsThemByName:
    """It takes tools of the same names for the same tools."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], Toolset] = {}

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return self._known.setdefault(toolset.names, _reading(toolset))


@SHELF.rejected_by("no-leak")
class GrowsTired:
    """It offers less after ten turns, which it counts itself."""

    _turns = 0

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        self._turns += 1
        return toolset if self._turns <= 10 else _reading(toolset)


@SHELF.rejected_by("no-leak")
class KeepsTheSessionsRole:
    """It takes the agent of a session for what it was in the session's first turn."""

    def __init__(self) -> None:
        self._roles: dict[str, str | None] = {}

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        role = context.role
        if context.session_id is not None:
            role = self._roles.setdefault(context.session_id, role)
        return toolset if role == "coder" else _reading(toolset)


def _finder(toolset: Toolset) -> Tool:
    def acme_find(text: str) -> list[str]:
        """Find a tool by a part of its name."""
        return [name for name in toolset.names if text in name]

    return tool(effects={Effect.READ})(acme_find)


@SHELF.rejected_by("no-leak", provides=("acme_find",))
class MakesItsToolOnce:
    """It keeps the tool that it made in its first turn, which knows the toolset of that turn."""

    _finder: Tool | None = None

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        self._finder = self._finder or _finder(toolset)
        return toolset | Toolset([self._finder])


@SHELF.rejected_by("no-leak", provides=("acme_find",))
class KnowsTheLatest:
    """Its tool is a method, and knows the toolset of the latest turn, whichever turn it was offered in."""

    _toolset: Toolset

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        self._toolset = toolset
        return toolset | Toolset([tool(effects={Effect.READ})(self.acme_find)])

    def acme_find(self, text: str) -> list[str]:
        """Find a tool by a part of its name."""
        return [name for name in self._toolset.names if text in name]


@SHELF.rejected_by("deterministic")
class SharesByRole(Broken):
    """All its nodes share what the first turn in a role was offered."""

    names: ClassVar[dict[str | None, tuple[str, ...]]] = {}

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        names = self.names.setdefault(context.role, _reading(toolset).names)
        return toolset.only(*names)


@lru_cache
def _allowed(_role: str | None) -> list[str]:
    return []


@SHELF.rejected_by("deterministic")
class AddsToWhatIsCached(Broken):
    """It adds to a list that its cache gives to every turn."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        names = _allowed(context.role)
        names += _reading(toolset).names
        return toolset.only(*names)


@SHELF.rejected_by("reentrant")
class PutsTheContextAside:
    """It keeps the context in itself while it chooses."""

    _context: TurnContext

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        self._context = context
        return toolset.where(self._fits, why=_WHY)

    def _fits(self, tool: Tool) -> bool:
        return tool.read_only or not self._context.roles


@SHELF.rejected_by("reentrant")
class CollectsInItself:
    """It gathers the names of a turn in a list that all turns share."""

    def __init__(self) -> None:
        self._names: list[str] = []

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        self._names.clear()
        for each in toolset:
            if not context.roles or Effect.WRITE not in each.effects:
                self._names.append(each.name)
        return toolset.only(*self._names)


@SHELF.rejected_by("reentrant")
class KnowsOneThread:
    """It offers less in every thread but the one that made it."""

    def __init__(self) -> None:
        self._here = threading.local()
        self._here.known = True

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return toolset if getattr(self._here, "known", False) else _reading(toolset)


@SHELF.rejected_by("reentrant")
class LooksForALoop:
    """It offers less inside a running event loop."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return toolset
        return _reading(toolset)
