"""A distribution with nodes and tools, and runtimes that may choose them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from orket.core import CallContext, Effect, Runtime, Settings, Tool, tool

ACME = """
from orket.core import Toolset, hookimpl, tool

class Reader:
    @hookimpl
    def compose(self, toolset, context):
        return toolset.where(lambda tool: tool.read_only, why="reviewers only read")

class Faulty:
    @hookimpl
    def compose(self, toolset, context):
        raise LookupError("no table")

class Careful:
    open = True

    @hookimpl
    async def run(self, tool, arguments, context):
        return "carefully"

    def close(self):
        self.open = False
        raise OSError("still busy")
"""
ACME_ENTRY_POINTS = """
[orket.tool_strategy]
reader = acme:Reader
faulty = acme:Faulty
[orket.tool_runner]
careful = acme:Careful
[orket.tools]
notes = acme_notes:NOTES
odd = acme_notes:ODD
"""
NOTES = """
from orket.core import Toolset, tool

@tool(effects=["read"])
def read_note() -> str:
    return "a note"

NOTES = Toolset([read_note])
ODD = [read_note]
"""


@tool(effects={Effect.READ})
def read(path: str, ctx: CallContext) -> str:
    """Read."""
    return ctx.workspace.read_text(path)


@tool(effects={Effect.WRITE})
def write(path: str, ctx: CallContext) -> str:
    """Write."""
    return ctx.workspace.write_text(path, "new")


@pytest.fixture(autouse=True)
def acme(wheel: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, work: Path) -> None:
    """A distribution with nodes and tools; no variable of whoever runs the tests; a folder to work in."""
    wheel("acme", {"acme.py": ACME, "acme_notes.py": NOTES}, ACME_ENTRY_POINTS)
    for name in ("ORKET_CONFIG", "ORKET_ALLOW_EFFECTS", "ORKET_TOOL_STRATEGY_NODE", "ORKET_TOOL_RUNNER_NODE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(work)


@pytest.fixture
def tools() -> list[Tool]:
    """A tool that reads a file of its workspace, and one that writes it."""
    return [read, write]


@pytest.fixture
def start() -> Iterator[Callable[..., Runtime]]:
    """Starts a runtime whose gate only warns, and closes it after the test."""
    started: list[Runtime] = []

    def start(config: dict[str, object] | None = None, **parts: Any) -> Runtime:
        settings = Settings({"gate": {"mode": "warn"}, **(config or {})}, environ=parts.pop("environ", {}))
        parts.setdefault("tools", [read, write])
        started.append(Runtime(settings=settings, **parts))
        return started[-1]

    yield start
    for runtime in started:
        runtime.close()
