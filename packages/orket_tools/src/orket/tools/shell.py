"""The group ``shell``: run a program. It asks to be confined, because a program is held by no workspace."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, TypedDict

from orket.core import CallContext, Effect, ToolError, Toolset, tool
from orket.tools.capture import Capture

if TYPE_CHECKING:
    from asyncio.subprocess import Process

__all__ = ["SHELL", "Ran", "run_command"]

_PASSED_ON = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ")
_ROOM_FOR_THE_REST = 300  # bytes of JSON around the output
_TO_TELL = 2.0  # seconds of a call that are left to end the program and to tell its output


class Ran(TypedDict):
    """What ``run_command`` gives."""

    exit_code: int | None
    """What the program ended with; the negative number of a signal that ended it; ``None`` where it was stopped."""
    output: str
    """What it wrote to stdout and stderr, in the order it did; the middle is left out where it is long."""


@tool(effects=set(Effect), confine=True)
async def run_command(argv: list[str], ctx: CallContext, cwd: str = ".", timeout: float = 60.0) -> Ran:  # noqa: ASYNC109 - the model's word, not the caller's
    """Run a program and wait for it. There is no shell: no pipes, no redirections, no variables.

    Args:
        argv: The program and its arguments, each as one text; for example ["git", "log", "--oneline"].
        ctx: The context of the call.
        cwd: Path of the folder to run it in, relative to the workspace; the workspace itself when left out.
        timeout: Seconds after which it is stopped, with everything it started; sooner where the call must end sooner.
    """
    if not argv:
        raise ToolError("'argv' is empty; give the program and its arguments")
    with Capture(ctx.max_output - _ROOM_FOR_THE_REST) as capture:
        with ctx.workspace.folder(cwd) as folder:
            process = await _start(argv, _path_of(folder), ctx.workspace.root, capture.writer)
        capture.begin()
        seconds = timeout if ctx.deadline is None else min(timeout, _before(ctx.deadline))
        try:
            exit_code = await _ended(process, seconds)
        finally:
            # PermissionError: macOS, where only zombies are left.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        await capture.rest()
        stopped = "" if exit_code is not None else f"\n[… stopped after {round(seconds, 1):g} seconds …]\n"
        return {"exit_code": exit_code, "output": capture.text() + stopped}


async def _start(argv: list[str], folder: str, home: str, output: int) -> Process:
    # Nothing of the host's environment that could be a secret; programs that insist on a home get the workspace.
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    try:
        return await asyncio.create_subprocess_exec(
            *argv,
            cwd=folder,
            env={**environment, "HOME": home, "TERM": "dumb"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        # A PATH itself is no path that a model may see.
        sought = isinstance(error, FileNotFoundError) and "/" not in argv[0]
        where = ", in no folder of PATH" if sought else ""
        raise ToolError(f"cannot run {argv[0]!r}: {reason}{where}") from error


def _before(deadline: float) -> float:
    """The seconds until a program has to be stopped: a call that is ended by its deadline tells no output."""
    left = deadline - time.monotonic()
    return max(left - _TO_TELL, left / 2)


async def _ended(process: Process, seconds: float) -> int | None:
    """The exit code, or ``None`` where the program did not end in time."""
    try:
        async with asyncio.timeout(seconds):
            return await process.wait()
    except TimeoutError:
        return None


def _path_of(folder: int) -> str:
    """A path to exactly this folder, wherever it is moved: by its name it could have become another."""
    if sys.platform == "darwin":
        return os.fsdecode(fcntl.fcntl(folder, fcntl.F_GETPATH, bytes(1024)).rstrip(b"\0"))
    return f"/proc/self/fd/{folder}"


SHELL = Toolset([run_command])
