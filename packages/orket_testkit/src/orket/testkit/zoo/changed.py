"""Strategies that differ from the control in one way each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from orket.core import Toolset, hookimpl, tool

if TYPE_CHECKING:
    from orket.core import TurnContext

__all__ = [
    "Backwards",
    "Confines",
    "CutsWords",
    "NewName",
    "OneMore",
    "Optional",
    "OtherWords",
    "Patience",
    "Same",
    "WithoutBoth",
    "WithoutWrite",
    "WithoutWriteAsReviewer",
]


class Same:
    """Offers what the control offers."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return toolset


class Optional(Same):
    """Has an option that makes no difference."""

    class Options(BaseModel):
        """Its options."""

        model_config = ConfigDict(extra="forbid")

        word: str = ""

    def __init__(self, options: Options) -> None:
        """Forget the option."""


class WithoutWrite:
    """Drops one tool."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return toolset.without("write_file", why="it writes")


class WithoutWriteAsReviewer:
    """Drops one tool in one role."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return toolset.without("write_file", why="it writes") if context.role == "reviewer" else toolset


class WithoutBoth:
    """Drops a tool more than it says."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return toolset.without("write_file", "read_file", why="they touch files")


class OtherWords:
    """Drops one tool and describes another one differently."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        rest = toolset.without("write_file", why="it writes")
        return rest.map(lambda one: one.with_(description="Read.") if one.name == "read_file" else one)


class Patience:
    """Gives one tool less time."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return toolset.map(lambda one: one.with_(timeout=1.0) if one.name == "read_file" else one)


class Confines:
    """Lets one tool run only where it is confined."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return toolset.map(lambda one: one.with_(confine=True) if one.name == "read_file" else one)


class CutsWords:
    """Cuts descriptions that are longer than some providers take."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return toolset.map(lambda one: one.with_(description=one.description[:1024]))


class NewName:
    """Calls one tool differently."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return toolset.renamed({"read_file": "peek"})


class Backwards:
    """Turns the order round."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return Toolset(reversed(list(toolset)))


class OneMore:
    """Adds a tool of its own."""

    def __init__(self) -> None:
        """Make the tool."""
        self._whisper = Toolset([tool(effects=(), name="whisper")(whisper)])

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return toolset | self._whisper


def whisper(word: str) -> str:
    """Say a word quietly."""
    return word.lower()
