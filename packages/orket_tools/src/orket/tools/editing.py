"""The group ``editing``: change one place of a file, and find text in many files."""

from __future__ import annotations

import json
import math
import re
import time
from typing import TYPE_CHECKING, TypedDict

from orket.core import CallContext, Effect, ToolError, Toolset, tool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from orket.core import Workspace

__all__ = ["EDITING", "Edited", "Found", "edit_file", "search_text"]

_MOST_MATCHES = 200
_LONGEST_LINE = 300  # characters of a line that are shown
_ROOM_FOR_THE_REST = 500  # bytes of JSON around the matches
_SECONDS = 10.0  # that an expression may take over all files
_LARGEST_FILE = 4 * 1024 * 1024
_LARGEST_EXPRESSION = 1_000_000  # items; regex takes some 300 bytes for each

_BRACE = re.compile(r"(\\(?:[NpP]\{[^}]*\}|.))|\{(?!\d*,?\d*\})", re.DOTALL)
"""What is escaped, kept by the first group; or a brace that begins no repeat."""
_REPEAT = re.compile(r"\{0*(\d{1,9})")


class Edited(TypedDict):
    """What ``edit_file`` gives: the path relative to the workspace, and the line that the change begins in."""

    path: str
    line: int


class Found(TypedDict):
    """What ``search_text`` gives."""

    matches: list[str]
    """``path:line:text`` of each line that matches, in the order of the paths."""
    complete: bool
    """Whether these are all."""


@tool(effects={Effect.READ, Effect.WRITE}, serial=True)
def edit_file(path: str, old: str, new: str, ctx: CallContext) -> Edited:
    """Replace one passage of a text file. The passage must stand in the file exactly once.

    Args:
        path: Path of the file, relative to the workspace.
        old: The passage as it is in the file, with enough around it to be found only once.
        new: What takes its place; "" to remove it.
        ctx: The context of the call.
    """
    if not old:
        raise ToolError("'old' is empty; give the passage to replace, or use write_file for a whole file")
    if old == new:
        raise ToolError("'old' and 'new' are the same, so nothing would change")
    ctx.workspace.relative(path)  # a reference is read and never written: say so before anything else
    text = ctx.workspace.read_text(path)
    if text.count("\r\n") == text.count("\n"):  # models write \n, whatever line ends the file has
        old, new = (re.sub("\r?\n", "\r\n", passage) if "\n" in text else passage for passage in (old, new))
    lines = list(_lines_of(text, old))
    if not lines:
        raise ToolError(f"{path!r} does not have the passage; {_nearest(text, old)}")
    if len(lines) > 1:
        places = ", ".join(map(str, lines[:10])) + (", …" if len(lines) > 10 else "")
        raise ToolError(
            f"{path!r} has the passage {len(lines)} times, beginning in the lines {places}; "
            "add lines around it until it is the only one"
        )
    return {"path": ctx.workspace.write_text(path, text.replace(old, new)), "line": lines[0]}


@tool(effects={Effect.READ}, idempotent=True)
def search_text(pattern: str, ctx: CallContext, path: str = ".", *, regex: bool = False) -> Found:
    """Find the lines that contain a text, in a file or in all files of a folder and below.

    Passed over are files that are no text, symbolic links, and folders below that cannot be opened. Where a file is too
    large to be searched, what is found is not complete; give the path of a file to be told why.

    Args:
        pattern: What to look for, exactly as written.
        ctx: The context of the call.
        path: Path of a file or a folder, relative to the workspace; the workspace itself when left out.
        regex: Whether the pattern is a regular expression, as of Python's re.
    """
    if not pattern:
        raise ToolError("the pattern is empty; give the text to look for")
    if not regex and "\n" in pattern:
        raise ToolError(
            "the pattern goes over several lines, which are searched one by one; look for one of them"
        )
    until = time.monotonic() + _SECONDS
    has = _expression(pattern, until) if regex else _text(pattern)
    matches: list[str] = []
    complete = True
    room = ctx.max_output - _ROOM_FOR_THE_REST
    for file in ctx.workspace.walk(path):
        if time.monotonic() > until:
            return {"matches": matches, "complete": False}
        try:
            lines = _searchable(ctx.workspace, file)
        except ToolError:
            if file == path:
                raise
            complete = False
            continue
        for number, line in enumerate(lines, 1):
            if has(line):
                shown = line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…"
                match = f"{file}:{number}:{shown}"
                room -= len(json.dumps(match, ensure_ascii=False).encode()) + len(", ")
                if room < 0 or len(matches) == _MOST_MATCHES:
                    return {"matches": matches, "complete": False}
                matches.append(match)
    return {"matches": matches, "complete": complete}


def _lines_of(text: str, passage: str) -> Iterator[int]:
    """The line of each place where the passage begins, also where one overlaps the one before."""
    line, seen, start = 1, 0, text.find(passage)
    while start >= 0:
        line += text.count("\n", seen, start)
        yield line
        seen, start = start, text.find(passage, start + 1)


def _nearest(text: str, passage: str) -> str:
    """How the file differs from the passage, where that is easily told."""
    wanted = [line.strip() for line in _lines(passage.strip())]
    lines = [line.strip() for line in _lines(text)]
    for number in range(len(lines) - len(wanted) + 1):
        if wanted and lines[number : number + len(wanted)] == wanted:
            return (
                f"from line {number + 1} on it has the same words with other white space: read the file again"
            )
    return "read the file again, and give it as it is there"


def _searchable(workspace: Workspace, file: str) -> list[str]:
    """The lines of a text file; none of one that is no text.

    Raises:
        ToolError: it is too large, or cannot be read.
    """
    content = workspace.read_bytes(file, limit=_LARGEST_FILE)
    try:
        return [] if b"\0" in content else _lines(content.decode())
    except UnicodeDecodeError:
        return []


def _lines(text: str) -> list[str]:
    """The lines without their ends, as editors count them; ``splitlines`` would also part them at a form feed."""
    lines = text.replace("\r\n", "\n").split("\n")
    return lines if lines[-1] else lines[:-1]


def _text(pattern: str) -> Callable[[str], bool]:
    """Whether a line has the text."""
    return lambda line: pattern in line


def _expression(pattern: str, until: float) -> Callable[[str], bool]:
    """Whether a line has a match. ``re`` would not do: it can take years, and lets nothing else run meanwhile."""
    import regex

    # It writes ``(?:a{1000}){1000}`` out when it compiles, and no timeout ends that. As if each repeat held all others:
    if len(pattern) * math.prod(int(count) or 1 for count in _REPEAT.findall(pattern)) > _LARGEST_EXPRESSION:
        raise ToolError(
            f"the pattern may have more than {_LARGEST_EXPRESSION:,} items once its repeats are written out; "
            "repeat less in it"
        )
    try:
        # To re such a brace is itself. To regex it may begin an approximate match: ``x{i}`` would find every x.
        expression = regex.compile(_BRACE.sub(lambda brace: brace[1] or r"\{", pattern))
    except regex.error as error:
        raise ToolError(f"the pattern is no regular expression: {error}") from None

    def has(line: str) -> bool:
        try:
            left = max(until - time.monotonic(), 0.001)
            return expression.search(line, timeout=left, concurrent=True) is not None
        except TimeoutError:
            raise ToolError(
                f"the pattern takes more than {_SECONDS:g} seconds; make it simpler, for example without a repeated "
                "group that repeats something itself"
            ) from None

    return has


EDITING = Toolset([edit_file, search_text])
