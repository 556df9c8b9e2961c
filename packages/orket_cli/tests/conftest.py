"""A terminal, and a machine on which exactly what a test installs is installed."""

from __future__ import annotations

import json
import os
import sys
from importlib import invalidate_caches
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from orket.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

CORE = """
[orket.tool_runner]
inline = orket.core.defaults:Inline
[orket.tool_strategy]
default = orket.core.defaults:Default
"""
CALM = """
from orket.core import hookimpl

class Calm:
    @hookimpl
    def compose(self, toolset, context):
        return toolset.where(lambda tool: tool.read_only, why="calm agents only look")
"""
FILES = """
from orket.core import CallContext, Effect, ToolError, Toolset, tool

@tool(effects={Effect.READ})
def look(path: str, times: int = 1) -> dict:
    "Look at a file."
    return {"content": f"{path}\\n" * times}

@tool(effects={Effect.WRITE})
def put(path: str) -> dict:
    "Put a file there."
    return {"path": path, "bytes": 0}

@tool(effects={Effect.READ})
def fail() -> str:
    "Fail on purpose."
    raise ToolError("there is nothing to look at")

@tool(effects={Effect.READ})
def who(ctx: CallContext) -> list:
    "Say who calls."
    return [ctx.session_id or "nobody", *ctx.roles]

@tool(effects={Effect.READ})
def count(path: str) -> list:
    "Count what is in a file."
    return [path, len(path)]

FILES = Toolset([look, put, fail, who, count])
"""


class Site:
    """A folder with installed distributions."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def install(
        self, name: str, entry_points: str, files: Mapping[str, str] | None = None, version: str = "1.0"
    ) -> None:
        """Do what an installer does with a wheel."""
        place = self.folder / f"{name.replace('-', '_')}-{version}.dist-info"
        place.mkdir()
        (place / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (place / "entry_points.txt").write_text(entry_points)
        for path, text in (files or {}).items():
            (self.folder / path).parent.mkdir(exist_ok=True)
            (self.folder / path).write_text(text)
        names = [
            *(files or {}),
            *(f"{place.name}/{own}" for own in ("METADATA", "entry_points.txt", "RECORD")),
        ]
        (place / "RECORD").write_text("".join(f"{path},,\n" for path in names))
        invalidate_caches()

    def install_calm(self) -> None:
        """A strategy that keeps its contract."""
        self.install("acme", "[orket.tool_strategy]\ncalm = acme_calm:Calm\n", {"acme_calm.py": CALM})

    def install_files(self) -> None:
        """A tool group called as the one that ships with Orket."""
        self.install("orket-tools", "[orket.tools]\nfiles = some_files:FILES\n", {"some_files.py": FILES})


class Ran(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory; no variable of Orket's is set."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    for name in [name for name in os.environ if name.startswith("ORKET_")]:
        monkeypatch.delenv(name)
    return work


@pytest.fixture
def site(tmp_path: Path, work: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Holds orket-core 0.1.0; what else is installed around the tests is out of sight."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    seen = SimpleNamespace(path=[str(folder)], meta_path=sys.meta_path)
    monkeypatch.setattr("orket.core.discovery.sys", seen)
    site = Site(folder)
    site.install("orket-core", CORE, version="0.1.0")
    yield site
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(str(folder)):
            del sys.modules[name]


@pytest.fixture
def orket(site: Site, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs the command with these words."""

    def orket(*words: str) -> Ran:
        code = main(words)
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return orket
