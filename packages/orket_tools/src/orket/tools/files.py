"""The group ``files``: read, write and list what is in the workspace."""

from __future__ import annotations

import json
from io import StringIO
from typing import TypeAlias, TypedDict

from orket.core import CallContext, Effect, ToolError, Toolset, tool

__all__ = ["FILES", "Content", "Listed", "Written", "list_directory", "read_file", "write_file"]

Json: TypeAlias = str | int | float | bool | list[object] | dict[str, object]
"""What a file can be written from. ``null`` is left out: a model that sends it has forgotten the content."""


class Content(TypedDict):
    """What ``read_file`` gives."""

    content: str


class Written(TypedDict):
    """What ``write_file`` gives: the path relative to the workspace."""

    path: str


class Listed(TypedDict):
    """What ``list_directory`` gives: sorted names."""

    items: list[str]


@tool(effects={Effect.READ}, idempotent=True)
def read_file(path: str, ctx: CallContext, first_line: int = 1, last_line: int | None = None) -> Content:
    """Read a text file, or some of its lines. What is too long to be given at once comes without its middle.

    Args:
        path: Path of the file, relative to the workspace; or absolute, inside the workspace or a reference folder.
        ctx: The context of the call.
        first_line: Number of the line to begin with, counted from 1.
        last_line: Number of the line to end with; the end of the file when left out.
    """
    text = ctx.workspace.read_text(path)
    if first_line == 1 and last_line is None:
        return {"content": text}
    if not 1 <= first_line <= (first_line if last_line is None else last_line):
        raise ToolError(
            f"there are no lines {first_line} to {'the end' if last_line is None else last_line}: "
            "lines are counted from 1, and the first is not after the last"
        )
    lines = list(StringIO(text, newline="\n"))
    if first_line > len(lines):
        raise ToolError(f"{path!r} has no line {first_line}, only {len(lines)}")
    return {"content": "".join(lines[first_line - 1 : last_line])}


@tool(effects={Effect.WRITE}, idempotent=True)
def write_file(path: str, content: Json, ctx: CallContext) -> Written:
    """Create a file or replace its whole content. Missing folders are made.

    Args:
        path: Path of the file, relative to the workspace.
        content: The whole new content, as text. Anything but text is written as JSON, indented by 2.
            Use "" for an empty file.
        ctx: The context of the call.
    """
    if not isinstance(content, str):
        content = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    return {"path": ctx.workspace.write_text(path, content)}


@tool(effects={Effect.READ}, idempotent=True)
def list_directory(ctx: CallContext, path: str = ".") -> Listed:
    """List the names of the files and folders in a folder, sorted.

    Args:
        ctx: The context of the call.
        path: Path of the folder, relative to the workspace; the workspace itself when left out.
    """
    return {"items": ctx.workspace.list(path)}


FILES = Toolset([read_file, write_file, list_directory])
