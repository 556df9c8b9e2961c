"""What broken strategies have in common, so that each shows nothing but what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from orket.core import Toolset, hookimpl

if TYPE_CHECKING:
    from orket.core import Tool, TurnContext

__all__ = ["Broken", "Each"]


class Broken:
    """What is wrong is in ``offer``."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return cast("Toolset", self.offer(toolset, context))

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        raise NotImplementedError


class Each(Broken):
    """What is wrong is in ``change``, and in each tool."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        return Toolset(self.change(tool) for tool in toolset)

    def change(self, tool: Tool) -> Tool:
        raise NotImplementedError
