"""What a world does not let out: connections are refused, writes elsewhere and programs are seen.

Only for a process of its own. This sees what Python does there. The world's folders are compared besides, which shows
what other processes and system calls wrote.
"""

from __future__ import annotations

import os
import socket
import sys
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["watch"]

_CHANGES = (
    "os.mkdir",
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.link",
    "os.symlink",
    "os.truncate",
    "os.chmod",
)
_TALKS = ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg")
_ASKS = ("socket.getaddrinfo", "socket.gethostbyname")
_PROGRAMS = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "pty.spawn")
_BY_MODE = ("os.spawn",)  # which has a mode before the program
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def watch(base: str, *, programs: bool) -> list[str]:
    """Watch this process from now on, until it ends.

    Args:
        base: the world's folder; the working directory is inside it.
        programs: whether to tell of the programs that are run.

    Returns:
        What went outside, each in a few words; more is appended as it happens.
    """
    strays: list[str] = []
    inside = (os.path.join(base, ""), "/dev/", "/proc/self/")

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if isinstance(flags, int) and flags & _WRITING:
                _written(path)
        elif event in _CHANGES:
            for path in arguments[:2]:
                _written(path)
        elif event in _TALKS or event in _ASKS:
            _connected(event, arguments)
        elif event in _PROGRAMS and programs:
            strays.append(f"ran {arguments[event in _BY_MODE]}")

    def _written(path: object) -> None:
        if not isinstance(path, str | bytes):
            return
        where = os.path.abspath(os.fsdecode(path))
        if not where.startswith(inside) and where != base:
            strays.append(f"wrote {where}")

    def _connected(event: str, arguments: tuple[object, ...]) -> None:
        if event in _TALKS and cast("socket.socket", arguments[0]).family not in (
            socket.AF_INET,
            socket.AF_INET6,
        ):
            return
        where = arguments[1] if event in _TALKS else arguments[0]
        strays.append(f"{event} {where}")
        raise PermissionError(f"there is no network here: {event} {where}")

    add: Callable[[Callable[[str, tuple[object, ...]], None]], None] = sys.addaudithook
    add(hook)
    return strays
