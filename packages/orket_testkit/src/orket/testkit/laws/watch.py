"""Sees what Python code does to the world outside its memory: files written, processes and connections begun."""

from __future__ import annotations

import os
import random
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import FrameType

__all__ = ["watched"]

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

_CHANGES = {
    "os.chdir": "changed the working directory",
    "os.chflags": "changed a file",
    "os.chmod": "changed a file",
    "os.chown": "changed a file",
    "os.exec": "started a program",
    "os.fork": "started a process",
    "os.forkpty": "started a process",
    "os.kill": "sent a signal",
    "os.killpg": "sent a signal",
    "os.link": "wrote a file",
    "os.mkdir": "made a folder",
    "os.posix_spawn": "started a program",
    "os.putenv": "changed the environment",
    "os.remove": "removed a file",
    "os.rename": "renamed a file",
    "os.rmdir": "removed a folder",
    "os.setxattr": "changed a file",
    "os.spawn": "started a program",
    "os.symlink": "wrote a file",
    "os.system": "started a program",
    "os.truncate": "wrote a file",
    "os.unsetenv": "changed the environment",
    "os.utime": "changed a file",
    "pty.spawn": "started a program",
    "sqlite3.connect": "opened a database",
    "subprocess.Popen": "started a program",
    "webbrowser.open": "opened a browser",
}
"""Audit events, and what was done."""

_THREADS = ("_thread.start_joinable_thread", "_thread.start_new_thread")
"""Audit events of Python 3.12 and later."""

_seen: list[str] | None = None


@contextmanager
def watched() -> Generator[list[str]]:
    """What is done within the block, each deed a few words, as it happens.

    Python caches no bytecode meanwhile: what it writes for itself is no deed of anybody's.
    """
    global _seen  # noqa: PLW0603 - a process has one audit hook for this, and no way to remove it
    _hook()
    deeds: list[str] = []
    before, trace = set(threading.enumerate()), threading.gettrace()
    caches_nothing = sys.dont_write_bytecode
    sys.dont_write_bytecode = True

    def seeded(a: float | str | bytes | bytearray | None = None, version: int = 2) -> None:
        deeds.append("seeded the random numbers of the whole process")
        seed(a, version)

    def begun(_frame: FrameType, _event: str, _argument: object) -> None:
        deeds.append("started a thread")

    _seen, seed = deeds, random.seed
    random.seed = seeded
    # Python tells audit hooks of threads from 3.12 on; this is told by each new thread itself.
    threading.settrace(begun)
    try:
        yield deeds
    finally:
        _seen = None
        random.seed = seed
        threading.settrace(trace)
        sys.dont_write_bytecode = caches_nothing
        deeds += ["started a thread" for one in threading.enumerate() if one not in before]


def _hook() -> None:
    if not _installed:
        _installed.append(True)
        sys.addaudithook(_see)


_installed: list[bool] = []


def _see(event: str, arguments: tuple[object, ...]) -> None:
    if _seen is None:
        return
    deed = _CHANGES.get(event, "")
    about = [os.fsdecode(one) for one in arguments[:2] if isinstance(one, str | bytes)]
    if event == "open":
        deed = "wrote a file" if _is_write(arguments[1], arguments[2]) else ""
    elif event.startswith("socket.") and event != "socket.gethostname":
        deed = "used the network"
    elif event in _THREADS:  # said as the thread itself says it
        _seen.append("started a thread")
    if deed:
        _seen.append(f"{deed} ({': '.join((event, *about[:1]))})")


def _is_write(mode: object, flags: object) -> bool:
    if isinstance(flags, int) and flags & _WRITES:
        return True
    return isinstance(mode, str) and any(letter in mode for letter in "wax+")
