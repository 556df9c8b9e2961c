"""Let an agent change things only a few times a session."""

from pydantic import BaseModel, ConfigDict, PositiveInt

from orket.core import Tool, Toolset, TurnContext, hookimpl

__all__ = ["Thrifty"]


class Thrifty:
    """Offer every tool; each that may do more than read runs a few times a session, and then no more."""

    class Options(BaseModel):
        """`[nodes.tool_strategy.thrifty]` of the configuration."""

        model_config = ConfigDict(extra="forbid", frozen=True)

        changes: PositiveInt = 3
        """How many calls a session may make of each tool that may do more than read."""

    def __init__(self, options: Options) -> None:
        """Keep the number of changes."""
        self._changes = options.changes

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        """The tools of `toolset`, in the same order, those that change things with a budget."""
        return toolset.map(lambda tool: tool if tool.read_only else self._limited(tool))

    def _limited(self, tool: Tool) -> Tool:
        # A strategy may narrow a tool and never widen it: a smaller budget of its author stays.
        return tool.with_(budget=self._changes if tool.budget is None else min(tool.budget, self._changes))
