"""Linux's ``openat2``, by which the kernel itself keeps an open beneath a folder; the standard library has it not."""

from __future__ import annotations

import errno
import os
import sys
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["open_in_kernel", "why_not"]

_NUMBER = 437  # the same on every architecture that is newer than the call
_RESOLVE_NO_MAGICLINKS = 0x02
_RESOLVE_BENEATH = 0x08
_TRIES = 128


def open_in_kernel(root: int, path: str, flags: int) -> int | None:
    """Open ``path`` beneath the open folder ``root`` in one call of the kernel.

    Returns:
        A descriptor, or ``None`` where this kernel, or a filter in front of it, does not offer the call.

    Raises:
        OSError: EXDEV where the path leads out of the folder, else what the kernel met.
    """
    call = _syscall()
    if call is None:
        return None
    for _ in range(_TRIES):
        fd, code = call(root, os.fsencode(path), flags | os.O_CLOEXEC)
        if fd >= 0:
            return fd
        if code in (errno.ENOSYS, errno.EPERM):
            return None
        # EAGAIN: something on the way was renamed meanwhile, so the kernel cannot be sure.
        if code not in (errno.EAGAIN, errno.EINTR):
            raise OSError(code, os.strerror(code))
    return None


def why_not() -> str:
    """Why opens do not go through ``openat2`` here; empty where they do."""
    if sys.platform != "linux":
        return f"{sys.platform} has no openat2"
    folder = os.open("/", os.O_PATH | os.O_DIRECTORY)
    try:
        fd = open_in_kernel(folder, ".", os.O_PATH | os.O_DIRECTORY)
    finally:
        os.close(folder)
    if fd is None:
        return "this kernel, or a filter in front of it, does not offer openat2"
    os.close(fd)
    return ""


@cache
def _syscall() -> Callable[[int, bytes, int], tuple[int, int]] | None:
    """``openat2`` as a function that gives a descriptor and an error number; ``None`` on other systems."""
    if sys.platform != "linux":
        return None
    import ctypes

    class OpenHow(ctypes.Structure):
        _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))

    function = ctypes.CDLL(None, use_errno=True).syscall
    function.restype = ctypes.c_long
    how_size = ctypes.c_size_t(ctypes.sizeof(OpenHow))
    number = ctypes.c_long(_NUMBER)

    def call(root: int, path: bytes, flags: int) -> tuple[int, int]:
        how = OpenHow(flags, 0, _RESOLVE_BENEATH | _RESOLVE_NO_MAGICLINKS)
        fd: int = function(number, ctypes.c_int(root), ctypes.c_char_p(path), ctypes.byref(how), how_size)
        return fd, 0 if fd >= 0 else ctypes.get_errno()

    return call
