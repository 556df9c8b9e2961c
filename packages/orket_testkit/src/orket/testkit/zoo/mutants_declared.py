"""Strategies at odds with what they declare: their options, their cases, the tools they provide."""

from __future__ import annotations

import asyncio
import os
import re
import time
from pathlib import PurePath
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, field_validator

from orket.core import Effect, Toolset, TurnContext, hookimpl, tool
from orket.testkit.toolsets import baseline
from orket.testkit.zoo.subjects import BY_THEMSELVES, Shelf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orket.core import Tool

__all__ = ["SHELF"]

SHELF = Shelf(__name__, asked=BY_THEMSELVES)

_TWO: Mapping[str, object] = {"options": {"limit": 2}, "expect": ["read_file", "write_file"]}


class _Options(BaseModel):
    model_config = ConfigDict(extra="forbid")

    limit: int


class _First:
    """The first tools, as many as an option says."""

    Options: type[_Options] = _Options

    def __init__(self, options: _Options) -> None:
        self._limit = max(0, options.limit)

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return toolset.only(*toolset.names[: self._limit])


class _Lenient(_Options):
    @field_validator("limit", mode="before")
    @classmethod
    def _any(cls, value: object) -> object:
        return value if isinstance(value, int) else 1


@SHELF.rejected_by("options-checked", cases=(_TWO,))
class TakesAnything(_First):
    """It takes any value for an option, and 1 for those that are none."""

    Options = _Lenient


class _Trusting(_Options):
    @field_validator("limit", mode="before")
    @classmethod
    def _sum(cls, value: int) -> int:
        return value + 0


@SHELF.rejected_by("options-checked", cases=(_TWO,))
class BreaksOverOptions(_First):
    """Its model raises over a wrong type, and does not refuse it."""

    Options = _Trusting


@SHELF.rejected_by("options-checked", cases=(_TWO,))
class RefusesInPrivate(_First):
    """It raises over options that its model allows."""

    def __init__(self, options: _Options) -> None:
        super().__init__(options)
        if options.limit > 3:
            raise ValueError("at most 3")


@SHELF.rejected_by("options-checked", cases=(_TWO, {"options": {"limit": "many"}, "expect": []}))
class HasAnImpossibleCase(_First):
    """One of its cases has options that it refuses."""


@SHELF.rejected_by("cases-hold", cases=(_TWO, {"options": {"limit": 1}, "expect": ["write_file"]}))
class PromisesAnother(_First):
    """A case names another tool than it offers."""


@SHELF.rejected_by("cases-hold", cases=({"options": {"limit": 2}, "expect": ["write_file", "read_file"]},))
class PromisesAnotherOrder(_First):
    """A case names its tools in another order."""


@SHELF.rejected_by("cases-hold", cases=(_TWO, {"options": {"limit": 1}}))
class PromisesNothing(_First):
    """A case does not say what it expects."""


@SHELF.rejected_by("cases-hold", cases=(_TWO, {**_TWO, "roles": "coder"}))
class MisspellsRoles(_First):
    """A case has a text where a list of roles belongs."""


@SHELF.rejected_by("cases-hold")
class HasNoCases(_First):
    """It has options, and no case that shows what they do."""


@SHELF.rejected_by("cases-hold", cases=({"options": {"limit": 0}, "expect": [*baseline().names]},))
class OffersAll:
    """It has an option that changes nothing, and a case that shows just that."""

    Options = _Options

    def __init__(self, options: _Options) -> None:
        self.options = options

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return toolset


class _Pattern(BaseModel):
    """Which tools."""

    model_config = ConfigDict(extra="forbid")

    pattern: str


@SHELF.rejected_by("total", cases=({"options": {"pattern": "read"}, "expect": ["read_file"]},))
class TakesAnyTextForAPattern:
    """It has a pattern for an option, and takes any text."""

    Options = _Pattern

    def __init__(self, options: _Pattern) -> None:
        self._pattern = options.pattern

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        pattern = re.compile(self._pattern)
        return toolset.where(lambda tool: bool(pattern.match(tool.name)), why="it is not of the pattern")


class _Provides:
    """All tools, and one of its own that never returns as it should."""

    tool: Tool

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return toolset | Toolset([self.tool])


async def acme_block() -> str:
    """Wait in a way that holds up everybody else."""
    time.sleep(30)  # noqa: ASYNC251 - that is what is wrong with it
    return "done"


@SHELF.rejected_by("calls-contained", provides=("acme_block",))
class HoldsUpTheLoop(_Provides):
    """It adds an async tool that never gives way."""

    tool = tool(effects={Effect.READ})(acme_block)


async def acme_deaf() -> str:
    """Wait, whatever anybody says."""
    while True:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            continue


@SHELF.rejected_by("calls-contained", provides=("acme_deaf",))
class IsDeaf(_Provides):
    """It adds a tool that cannot be cancelled."""

    tool = tool(effects={Effect.READ})(acme_deaf)


async def acme_stubborn() -> str:
    """Wait, and answer although nobody listens any more."""
    try:
        await asyncio.sleep(30)
    except asyncio.CancelledError:
        return "cancelled, and all the same"
    return "done"


@SHELF.rejected_by("calls-contained", provides=("acme_stubborn",))
class GoesOn(_Provides):
    """It adds a tool that takes its cancellation for an answer."""

    tool = tool(effects={Effect.READ})(acme_stubborn)


def acme_where(name: str) -> object:
    """Say where something is."""
    return PurePath(name)


@SHELF.rejected_by("calls-contained", provides=("acme_where",))
class GivesAPath(_Provides):
    """It adds a tool whose results JSON cannot say."""

    tool = tool(effects=())(acme_where)


def acme_leave() -> str:
    """End the program."""
    os._exit(3)


@SHELF.rejected_by("calls-contained", provides=("acme_leave",))
class EndsTheProcess(_Provides):
    """It adds a tool that takes the whole process along."""

    tool = tool(effects={Effect.READ})(acme_leave)
