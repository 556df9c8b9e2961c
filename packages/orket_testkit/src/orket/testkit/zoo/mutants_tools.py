"""Strategies that offer tools which no model or no caller can use, in one way each."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from orket.core import Effect, Tool, Toolset, tool
from orket.testkit.zoo.shapes import Broken, Each
from orket.testkit.zoo.subjects import BY_THEMSELVES, Shelf

if TYPE_CHECKING:
    from orket.core import TurnContext

__all__ = ["SHELF"]

SHELF = Shelf(__name__, asked=BY_THEMSELVES)


def acme_note(text: str) -> str:
    """Keep a note."""
    return text


class _Renames(Each):
    """Each tool under a name that ``Tool`` itself would refuse."""

    def change(self, tool: Tool) -> Tool:
        copy = tool.with_()
        object.__setattr__(copy, "name", self.name_of(tool))
        return copy

    def name_of(self, tool: Tool) -> str:
        raise NotImplementedError


@SHELF.rejected_by("names-valid")
class DotsNames(_Renames):
    """It puts a namespace and a dot in front of names."""

    def name_of(self, tool: Tool) -> str:
        return f"acme.{tool.name}"


@SHELF.rejected_by("names-valid")
class LengthensNames(_Renames):
    """It makes names longer than providers take."""

    def name_of(self, tool: Tool) -> str:
        return f"{'x' * 64}{tool.name}"


@SHELF.rejected_by("names-valid")
class TwoNames(Broken):
    """It offers tools under one name that have another."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        offered = toolset.map(lambda tool: tool.with_())
        for each in offered:
            object.__setattr__(each, "name", f"{each.name[:60]}_2")
        return offered


class _Schema(Broken):
    """All tools, and one of its own with a schema."""

    schema: ClassVar[dict[str, Any]] = {}

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        made = Tool.from_json_schema(acme_note, self.schema, name="acme_note", description="Keep a note.")
        return toolset | Toolset([made])


@SHELF.rejected_by("schemas-valid", provides=("acme_note",))
class NoSchema(_Schema):
    """It gives a type that there is not."""

    schema: ClassVar[dict[str, Any]] = {"properties": {"path": {"type": "path"}}}


@SHELF.rejected_by("schemas-valid", provides=("acme_note",))
class NoObject(_Schema):
    """It describes a list where an object belongs."""

    schema: ClassVar[dict[str, Any]] = {"type": "array", "items": {"type": "string"}}


@SHELF.rejected_by("schemas-valid", provides=("acme_note",))
class Choice(_Schema):
    """It gives a choice of objects, which providers refuse."""

    schema: ClassVar[dict[str, Any]] = {"anyOf": [{"required": ["path"]}, {"required": ["url"]}]}


@SHELF.rejected_by("schemas-valid", provides=("acme_note",))
class ForeignProperty(_Schema):
    """It names an argument, deep inside, in letters that providers refuse."""

    schema: ClassVar[dict[str, Any]] = {
        "properties": {"where": {"type": "object", "properties": {"größe": {"type": "integer"}}}}
    }


@SHELF.rejected_by("schemas-valid", provides=("acme_note",))
class FarReference(_Schema):
    """It refers to a schema that would have to be fetched."""

    schema: ClassVar[dict[str, Any]] = {
        "properties": {"where": {"$ref": "https://schemas.example/place.json"}}
    }


@SHELF.rejected_by("schemas-valid", provides=("acme_note",))
class LostReference(_Schema):
    """It refers to a part of the schema that is not there."""

    schema: ClassVar[dict[str, Any]] = {"properties": {"where": {"$ref": "#/$defs/Place"}}}


@SHELF.rejected_by("schemas-valid", provides=("acme_note",))
class NoNumber(_Schema):
    """It has a default that JSON cannot say."""

    schema: ClassVar[dict[str, Any]] = {"properties": {"depth": {"type": "number", "default": math.nan}}}


@SHELF.rejected_by("kind-kept")
class CallsThemAsync(Each):
    """It has what sync functions give awaited."""

    def change(self, tool: Tool) -> Tool:
        return replace(tool, is_async=True)


@SHELF.rejected_by("kind-kept")
class CallsThemSync(Each):
    """It hands coroutines to threads."""

    def change(self, tool: Tool) -> Tool:
        return replace(tool, is_async=False)


async def acme_wait(text: str) -> str:
    """Keep a note, in a while."""
    return text


@SHELF.rejected_by("kind-kept", provides=("acme_wait",))
class BringsAnAsyncOneAsSync(Broken):
    """It adds an async tool and calls it sync."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        return toolset | Toolset([replace(tool(effects={Effect.READ})(acme_wait), is_async=False)])
