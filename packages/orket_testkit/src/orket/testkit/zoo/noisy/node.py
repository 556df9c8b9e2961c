"""A node with nothing wrong in it; what is wrong is in the modules that import it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orket.core import hookimpl

if TYPE_CHECKING:
    from orket.core import Toolset, TurnContext

__all__ = ["Node"]


class Node:
    """Offer every tool."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return toolset
