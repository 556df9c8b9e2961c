"""Landlock, by which a process gives up rights for good: where it may write, what it may read, whom it may signal.

The kernel's documentation, ``Documentation/userspace-api/landlock.rst``, says what each version of the interface has.
"""

from __future__ import annotations

import ctypes
import os
import sys
from typing import TYPE_CHECKING

from orket.runners.process.inside.kernel import no_new_privileges, syscall

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["restrict", "version"]

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE, _IOCTL = (1 << bit for bit in (0, 1, 2, 3, 14, 15))
_READING = _EXECUTE | _READ_FILE | _READ_DIR
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many rights over files each version knows."""
_TCP = 0b11
_SIGNALS_AND_SOCKETS = 0b11


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> tuple[int, str]:
    """The version of the interface that this kernel has, and why there is none where it is 0."""
    if sys.platform != "linux":
        return 0, f"{sys.platform} has no Landlock"
    try:
        return syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1)), ""
    except OSError as error:
        return 0, f"this kernel does not offer it ({os.strerror(error.errno or 0)})"


def restrict(*, writable: Iterable[str], readable: Iterable[str] | None, network: bool) -> None:
    """Give up everything but this, for this process and those it starts.

    Args:
        writable: files and folders that may be read and changed, with all that is in them.
        readable: files and folders that may be read, and programs in them run; ``None`` for all there are.
        network: whether TCP may be used.

    Raises:
        OSError: the kernel refused.
    """
    known, _ = version()
    every = (1 << _RIGHTS.get(known, 16)) - 1
    handled = every if readable is not None else every & ~_READING
    rules = _Ruleset(
        handled,
        _TCP if known >= 4 and not network else 0,
        _SIGNALS_AND_SOCKETS if known >= 6 else 0,
    )
    size = 24 if known >= 6 else 16 if known >= 4 else 8
    ruleset = syscall(_CREATE, ctypes.byref(rules), ctypes.c_size_t(size), ctypes.c_uint32(0))
    try:
        for path in writable:
            _allow(ruleset, path, handled)
        for path in readable or ():
            _allow(ruleset, path, handled & _READING)
        no_new_privileges()
        syscall(_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return  # what is not there needs no rule
    try:
        allowed = rights if os.path.isdir(path) else rights & _OF_FILES
        beneath = _Beneath(allowed, folder)
        syscall(_ADD, ctypes.c_int(ruleset), ctypes.c_int(1), ctypes.byref(beneath), ctypes.c_uint32(0))
    finally:
        os.close(folder)
