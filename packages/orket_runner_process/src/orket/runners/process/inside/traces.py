"""What a call left behind in its worker, so that the next call does not find it."""

from __future__ import annotations

import math
import os
import resource
import signal
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Traces"]

_TOUCHING = frozenset({"os.putenv", "os.unsetenv", "os.chdir", "os.fchdir"})


class Traces:
    """Knows how the process was before the first call. Made once, since what it listens by cannot be taken back."""

    def __init__(self) -> None:
        self._touched = False
        self._environment = dict(os.environ)
        self._folder = os.getcwd()
        self._streams = _streams()
        self._printing = sys.stdout, sys.stderr
        self._mask = _mask()
        self._threads = threading.active_count()
        self._most_open = resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2
        listen: Callable[[Callable[[str, tuple[object, ...]], None]], None] = sys.addaudithook
        listen(self._hear)

    def left(self) -> str:
        """What is not as it was, in a few words; nothing where all is."""
        if threading.active_count() > self._threads:
            return "threads"
        if _has_children():
            return "processes"
        if _streams() != self._streams or (sys.stdout, sys.stderr) != self._printing:
            return "other standard streams"
        if signal.getitimer(signal.ITIMER_REAL)[0]:
            return "a timer"
        if _mask() != self._mask:
            return "another mask of permissions"
        if _lowest_free() > self._most_open:
            return "open files"
        if self._touched:
            self._touched = False
            if dict(os.environ) != self._environment:
                return "another environment"
            if _folder() != self._folder:
                return "another working directory"
        return ""

    def _hear(self, event: str, _arguments: tuple[object, ...]) -> None:
        if event in _TOUCHING:
            self._touched = True


def _has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _mask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _lowest_free() -> float:
    """The descriptor that is given out next: of a process that keeps many open, a high one."""
    try:
        free = os.dup(0)
    except OSError:
        return math.inf
    os.close(free)
    return free


def _folder() -> str | None:
    try:
        return os.getcwd()
    except OSError:  # it was removed
        return None


def _streams() -> list[tuple[int, int] | None]:
    return [_identity(1), _identity(2)]


def _identity(stream: int) -> tuple[int, int] | None:
    try:
        status = os.fstat(stream)
    except OSError:
        return None
    return status.st_dev, status.st_ino
