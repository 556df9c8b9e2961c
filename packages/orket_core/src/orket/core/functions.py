"""The offer as plain functions, for frameworks that call tools themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orket.core.calls import ToolCall, new_call_id

if TYPE_CHECKING:
    from orket.core.tools import Tool
    from orket.core.turn import Turn

__all__ = ["ToolFunction"]


class ToolFunction:
    """One tool of a turn as an async function that takes the model's arguments by name and gives text for the model.

    A call of it is a call of the turn like any other: checked, limited, recorded. What goes wrong is told to the model
    in the text and is never raised. ``name``, ``description`` and ``schema`` are what frameworks ask for besides.
    """

    def __init__(self, turn: Turn, tool: Tool) -> None:
        self._turn = turn
        self.name = tool.name
        """What the model calls it."""
        self.description = tool.description
        """What it does, for the model."""
        self.schema = tool.schema
        """JSON Schema 2020-12 of the arguments."""
        self.__name__ = tool.name
        self.__doc__ = tool.description

    def __repr__(self) -> str:
        return f"ToolFunction({self.name})"

    async def __call__(self, /, **arguments: object) -> str:
        """Run the tool."""
        return (await self._turn.call(self._asked(arguments))).for_model()

    def sync(self, /, **arguments: object) -> str:
        """Run the tool from code without an event loop.

        Raises:
            RuntimeError: an event loop is running here.
        """
        return self._turn.call_sync(self._asked(arguments)).for_model()

    def _asked(self, arguments: dict[str, object]) -> ToolCall:
        # The framework keeps the model's id to itself, and a recording needs one to tell calls and answers apart.
        return ToolCall(new_call_id(), self.name, arguments)
