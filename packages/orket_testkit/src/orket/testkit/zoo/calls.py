"""Strategies that bring tools along which are broken in one way each, and right ones that do."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import ClassVar

from orket.core import CallContext, Effect, Tool, ToolError, Toolset, TurnContext, hookimpl, tool
from orket.core.proving import Declaration
from orket.testkit.zoo.subjects import Entry

__all__ = ["CALLS", "EQUIVALENTS"]

_FILE = os.path.join(os.path.dirname(__file__), "brought", "orket-node.toml")


def _read(path: str, ctx: CallContext) -> object:
    return {"content": ctx.workspace.read_text(path)}


def _write(path: str, content: object, ctx: CallContext) -> object:
    text = content if isinstance(content, str) else json.dumps(content, indent=2, ensure_ascii=False)
    return {"path": ctx.workspace.write_text(path, text)}


def read_as_list(path: str, ctx: CallContext) -> object:
    """Answer with another type."""
    return {"content": ctx.workspace.read_text(path).splitlines()}


def read_or_nothing(path: str, ctx: CallContext) -> object:
    """Hide what is missing."""
    try:
        return _read(path, ctx)
    except ToolError:
        return {"content": ""}


def read_beginning(path: str, ctx: CallContext) -> object:
    """Give no more of a file than fits on a few pages."""
    return {"content": ctx.workspace.read_text(path)[:10_000]}


def read_with_number(path: str, ctx: CallContext) -> object:
    """Answer differently each time."""
    return {"content": f"{ctx.workspace.read_text(path)}{int.from_bytes(os.urandom(2))}"}


def read_and_stay(path: str, ctx: CallContext) -> object:
    """Leave a thread behind."""
    threading.Thread(target=threading.Event().wait, args=(30,), daemon=True).start()
    return _read(path, ctx)


def write_once(path: str, content: object, ctx: CallContext) -> object:
    """Lose every write to a file that is there."""
    try:
        ctx.workspace.read_bytes(path)
    except ToolError:
        return _write(path, content, ctx)
    return {"path": ctx.workspace.relative(path)}


def write_and_keep(path: str, content: object, ctx: CallContext) -> object:
    """Leave a copy beside the file."""
    answer = _write(path, content, ctx)
    _write(f"{path}.orig", content, ctx)
    return answer


def write_trimmed(path: str, content: object, ctx: CallContext) -> object:
    """Lose the white space at the end."""
    return _write(path, content.rstrip() if isinstance(content, str) else content, ctx)


def list_whole_paths(ctx: CallContext, path: str = ".") -> object:
    """Give each name with its folder."""
    return {"items": [f"{path}/{name}" for name in ctx.workspace.list(path)]}


def read_again(path: str, ctx: CallContext) -> object:
    """Do exactly what the original does."""
    return _read(path, ctx)


def roll_dice(sides: int = 6) -> int:
    """Roll dice, which nobody can foresee."""
    return int.from_bytes(os.urandom(6)) % (10**9) + sides


def roll_loaded_dice(sides: int = 6) -> int:
    """Roll dice that always show the same."""
    return sides


def roll_and_note(ctx: CallContext, sides: int = 6) -> int:
    """Note each roll in a file."""
    ctx.workspace.write_text("rolls.txt", str(sides))
    return sides


def roll_elsewhere(sides: int = 6) -> int:
    """Ask another machine for dice."""
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", 9), timeout=1).close()
    return sides


def roll_by_a_program(sides: int = 6) -> int:
    """Have a program roll the dice."""
    return sides + subprocess.run(["true"], check=True).returncode


class _Brings:
    """Puts a function of its own behind a tool of the application."""

    replaced: ClassVar[Mapping[str, Callable[..., object]]] = {}

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return toolset.map(self._change)

    def _change(self, each: Tool) -> Tool:
        function = self.replaced.get(each.name)
        return each if function is None else replace(each, function=function)


class OtherType(_Brings):
    """Its read_file gives lines where the original gives text."""

    replaced: ClassVar = {"read_file": read_as_list}


class HidesErrors(_Brings):
    """Its read_file gives nothing where the original fails."""

    replaced: ClassVar = {"read_file": read_or_nothing}


class CutsShort(_Brings):
    """Its read_file gives the beginning of a long file, and does not say so."""

    replaced: ClassVar = {"read_file": read_beginning}


class Unstable(_Brings):
    """Its read_file gives something else each time."""

    replaced: ClassVar = {"read_file": read_with_number}


class LeavesThread(_Brings):
    """Its read_file leaves a thread behind."""

    replaced: ClassVar = {"read_file": read_and_stay}


class LosesSecondWrite(_Brings):
    """Its write_file writes no file twice."""

    replaced: ClassVar = {"write_file": write_once}


class LeavesCopy(_Brings):
    """Its write_file leaves a copy beside each file."""

    replaced: ClassVar = {"write_file": write_and_keep}


class Trims(_Brings):
    """Its write_file loses white space at the end."""

    replaced: ClassVar = {"write_file": write_trimmed}


class OtherInOneRole:
    """Its read_file gives lines where the original gives text, to coders alone."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        function = read_as_list if context.role == "coder" else read_again
        return toolset.map(
            lambda each: replace(each, function=function) if each.name == "read_file" else each
        )


class WholePaths(_Brings):
    """Its list_directory gives whole paths."""

    replaced: ClassVar = {"list_directory": list_whole_paths}


class Same(_Brings):
    """Its tools do what the originals do."""

    replaced: ClassVar = {"read_file": read_again}


class Dice:
    """It adds dice."""

    roll: ClassVar[Callable[..., object]] = roll_dice

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return toolset | Toolset([tool(name="roll_dice", effects={Effect.READ})(type(self).roll)])


class LoadedDice(Dice):
    """It adds dice that are always the same."""

    roll: ClassVar[Callable[..., object]] = roll_loaded_dice


class NotedDice(Dice):
    """It adds dice that write, and says of them that they read."""

    roll: ClassVar[Callable[..., object]] = roll_and_note


class FarDice(Dice):
    """It adds dice that use the network, and says of them that they read."""

    roll: ClassVar[Callable[..., object]] = roll_elsewhere


class ProgramDice(Dice):
    """It adds dice that run a program, and says of them that they read."""

    roll: ClassVar[Callable[..., object]] = roll_by_a_program


_DICE: dict[str, object] = {
    "id": "dice",
    "kind": "added",
    "when": {"tool": "roll_dice"},
    "reason": "some things are left to chance",
    "doc": "changes.md#dice",
    "witness": "witness/dice.json",
}
_WHOLE_PATHS: dict[str, object] = {
    "id": "whole-paths",
    "kind": "result",
    "when": {"tool": "list_directory"},
    "reason": "a model need not put paths together",
    "doc": "changes.md#whole-paths",
    "witness": "witness/whole_paths.json",
}


def _entry(
    made: type, provides: str, *changes: dict[str, object], rejected_by: str = "parity-calls"
) -> Entry:
    declared = Declaration(1, (provides,), (), changes, _FILE)
    about = (made.__doc__ or "").partition("\n")[0]
    return Entry(made.__name__, f"{__name__}:{made.__qualname__}", rejected_by, about, declared)


CALLS = (
    _entry(OtherType, "read_file"),
    _entry(HidesErrors, "read_file"),
    _entry(CutsShort, "read_file"),
    _entry(Unstable, "read_file"),
    _entry(LeavesThread, "read_file"),
    _entry(LosesSecondWrite, "write_file"),
    _entry(LeavesCopy, "write_file"),
    _entry(Trims, "write_file"),
    _entry(WholePaths, "list_directory"),
    _entry(OtherInOneRole, "read_file"),
    _entry(Dice, "roll_dice", _DICE),
    _entry(NotedDice, "roll_dice", _DICE),
    _entry(FarDice, "roll_dice", _DICE),
    _entry(ProgramDice, "roll_dice", _DICE),
)
"""Strategies whose own tools are broken, each with the one law that must reject it."""

EQUIVALENTS = (
    _entry(Same, "read_file", rejected_by=""),
    _entry(WholePaths, "list_directory", _WHOLE_PATHS, rejected_by=""),
    _entry(LoadedDice, "roll_dice", _DICE, rejected_by=""),
)
"""Strategies with tools of their own that keep every law."""
