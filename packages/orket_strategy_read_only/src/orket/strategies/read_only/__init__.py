"""Offer an agent only the tools that change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orket.core import hookimpl

if TYPE_CHECKING:
    from orket.core import Toolset, TurnContext

__all__ = ["ReadOnly"]


class ReadOnly:
    """Offer only tools whose effects are within {read}; a tool that declares none may do anything, and is left out."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        """The tools of ``toolset`` that only read."""
        return toolset.where(lambda tool: tool.read_only, why="read-only strategy: it may do more than read")
