"""The few calls of the Linux kernel that the standard library does not have."""

from __future__ import annotations

import ctypes
import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "adopt_orphans",
    "die_with_parent",
    "give_up_powers",
    "isolate_network",
    "no_new_privileges",
    "syscall",
]

_PDEATHSIG, _NO_NEW_PRIVS, _SUBREAPER = 1, 38, 36
_CAPABILITIES_3 = 0x20080522
_OVER_FILES = 0b11111  # CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_FSETID
_NEWUSER, _NEWNET = 0x10000000, 0x40000000


def adopt_orphans() -> None:
    """Become the parent of whatever the children of this process leave behind."""
    _checked("prctl", _library().prctl(_SUBREAPER, 1, 0, 0, 0))


def die_with_parent(signal: int) -> None:
    """Receive ``signal`` when the parent ends."""
    _checked("prctl", _library().prctl(_PDEATHSIG, signal, 0, 0, 0))


def no_new_privileges() -> None:
    """Give up gaining privileges by running programs; what confines a process without privileges asks for it."""
    _checked("prctl", _library().prctl(_NO_NEW_PRIVS, 1, 0, 0, 0))


def give_up_powers() -> None:
    """Keep of the superuser's powers only those over files, which Landlock fences in.

    With the others it would not: they load modules, make devices, and read what other processes hold.
    """
    header, sets = (ctypes.c_uint32 * 2)(_CAPABILITIES_3, 0), (ctypes.c_uint32 * 6)()
    _checked("capget", _library().capget(header, sets))
    for low in range(3):  # effective, permitted, inheritable; the upper halves follow
        sets[low] &= _OVER_FILES
        sets[low + 3] = 0
    _checked("capset", _library().capset(header, sets))


def isolate_network() -> None:
    """Move this process, which has one thread, into a network of its own that leads nowhere.

    Raises:
        OSError: this machine does not let it.
    """
    user, group = os.geteuid(), os.getegid()
    if _library().unshare(_NEWNET) == 0:
        return
    _checked("unshare", _library().unshare(_NEWUSER | _NEWNET))
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def syscall(number: int, *arguments: object) -> int:
    """Call the kernel.

    Raises:
        OSError: it refused.
    """
    function: Callable[..., int] = _library().syscall
    return _checked(f"system call {number}", function(ctypes.c_long(number), *arguments))


def _checked(what: str, given: int) -> int:
    if given < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return given


@cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    return library
