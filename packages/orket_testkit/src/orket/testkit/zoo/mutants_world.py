"""Strategies that look at the world, or change it, in one way each."""

from __future__ import annotations

import itertools
import logging
import os
import random
import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from typing import cast

from orket.core import Toolset, TurnContext, hookimpl
from orket.testkit.zoo.subjects import BY_THEMSELVES, Shelf

__all__ = ["SHELF"]

SHELF = Shelf(__name__, asked=BY_THEMSELVES)

_WHY = "it may do more than read"


def _reading(toolset: Toolset) -> Toolset:
    return toolset.where(lambda tool: tool.read_only, why=_WHY)


def _told(toolset: Toolset, what: object) -> Toolset:
    """Tools that tell the model something more."""
    return toolset.map(lambda tool: tool.with_(description=f"{tool.description} ({what})"))


@SHELF.rejected_by("deterministic")
class Shuffles:
    """It offers tools in a random order."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return Toolset(random.sample(list(toolset), len(toolset)))


@SHELF.rejected_by("deterministic")
class OrdersByHash:
    """It offers tools in the order of a hash, which is another one in each process."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return Toolset(toolset[name] for name in sorted(toolset.names, key=hash))


@SHELF.rejected_by("deterministic")
class OrdersBySet:
    """It offers tools in the order in which a set of their names gives them."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return Toolset(toolset[name] for name in set(toolset.names))


@SHELF.rejected_by("deterministic")
class ReadsInTheMorning:
    """It offers less until noon."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return _reading(toolset) if datetime.now(UTC).hour < 12 else toolset


@SHELF.rejected_by("deterministic")
class WarmsUp:
    """It offers less in the first minute of its life."""

    def __init__(self) -> None:
        self._born = time.time()

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return toolset if time.time() - self._born > 60 else _reading(toolset)


@SHELF.rejected_by("deterministic")
class TellsTheDay:
    """It tells the model what day it is, in each description."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return _told(toolset, datetime.now(UTC).date())


@SHELF.rejected_by("deterministic")
class AsksTheEnvironment:
    """It offers what a variable of the environment says."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return toolset if os.environ.get("ACME_TRUSTED") else _reading(toolset)


@SHELF.rejected_by("deterministic")
class TellsTheFolder:
    """It tells the model where the process happens to run."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return _told(toolset, os.getcwd())


@SHELF.rejected_by("deterministic")
class TellsTheHome:
    """It tells the model whose process this is."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return _told(toolset, os.path.expanduser("~"))


@SHELF.rejected_by("deterministic")
class TellsTheProcess:
    """It tells the model the number of the process."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return _told(toolset, os.getpid())


_turns = itertools.count()


@SHELF.rejected_by("deterministic")
class CountsForAll:
    """It counts the turns of all nodes, and tells the model."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return _told(toolset, next(_turns))


@SHELF.rejected_by("pure")
class WritesItDown:
    """It writes each offer to a file."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        with open(os.devnull, "a", encoding="utf-8") as stream:
            stream.write(repr(toolset))
        return toolset


@SHELF.rejected_by("pure")
class Prints:
    """It prints each offer."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        print(toolset)  # noqa: T201 - that is what is wrong with it
        return toolset


@SHELF.rejected_by("pure")
class PrintsBeside:
    """It prints each offer where errors are printed."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        print(toolset, file=sys.stderr)  # noqa: T201 - that is what is wrong with it
        return toolset


@SHELF.rejected_by("pure")
class SetsUpLogging:
    """It sets up the logging of the whole program."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        logging.basicConfig(level=logging.DEBUG)
        return toolset


@SHELF.rejected_by("pure")
class LiftsTheLimit:
    """It lets everybody's functions call themselves more often."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        sys.setrecursionlimit(max(10_000, sys.getrecursionlimit()))
        return toolset


@SHELF.rejected_by("pure")
class SeedsTheDice:
    """It seeds the random numbers of the whole program."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        random.seed(context.session_id)
        return toolset


@SHELF.rejected_by("pure")
class LeavesAMark:
    """It writes into the context."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        cast("dict[str, object]", context.extra)["acme"] = "was here"
        return toolset


@SHELF.rejected_by("pure")
class ChangesTheTools:
    """It gives the application's own tools less time, and not copies of them."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        for tool in toolset:
            object.__setattr__(tool, "timeout", 1.0)
        return toolset


@SHELF.rejected_by("pure")
class ChangesTheSchemas:
    """It adds titles to the schemas of the application's own tools."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        for tool in toolset:
            tool.schema["title"] = tool.name
        return toolset


@SHELF.rejected_by("pure")
class Connects:
    """It opens a socket."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        socket.socket().close()
        return toolset


@SHELF.rejected_by("pure")
class StartsAProgram:
    """It runs a program to learn something."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        subprocess.run(["true"], check=False)
        return toolset


@SHELF.rejected_by("pure")
class StartsAThread:
    """It has a thread do the work."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        thread = threading.Thread(target=lambda: None)
        thread.start()
        thread.join()
        return toolset


@SHELF.rejected_by("pure")
class SetsAVariable:
    """It leaves a variable in the environment."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        os.environ["ACME_COMPOSED"] = "1"
        return toolset
