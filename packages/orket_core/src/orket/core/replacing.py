"""Replace a file wholly or not at all, and only one that may be replaced."""

from __future__ import annotations

import os
import stat
from contextlib import suppress

from orket.core.beneath import closing
from orket.core.errors import ToolError
from orket.core.protected import temporary_name

__all__ = ["kind", "replace", "replaced_mode"]


def replaced_mode(folder: int, name: str, shown: str) -> int | None:
    """The permissions of the file that is about to be replaced, ``None`` where there is none.

    Raises:
        ToolError: it may not be replaced.
    """
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(status.st_mode):
        raise ToolError(
            f"cannot write {shown}: it is a symbolic link, which would be replaced; give the path it points to"
        )
    if not stat.S_ISREG(status.st_mode):
        raise ToolError(f"cannot write {shown}: it is {kind(status.st_mode)}, not a regular file")
    if status.st_nlink > 1:
        raise ToolError(
            f"cannot write {shown}: the file has {status.st_nlink} names (hard links), "
            "of which another may be outside; write to a new name"
        )
    # A rename asks for no permission on the file it replaces; read-only is still meant to hold.
    if not os.access(name, os.W_OK, dir_fd=folder, effective_ids=os.access in os.supports_effective_ids):
        raise ToolError(f"cannot write {shown}: the file is read-only; write to a new name")
    return stat.S_IMODE(status.st_mode) & 0o777


def replace(folder: int, name: str, data: bytes, mode: int | None) -> None:
    """Put ``data`` in the place of ``name`` in one step, when all of it is on the disk."""
    temporary = temporary_name()
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666, dir_fd=folder)
    try:
        with closing(fd):
            if mode is not None:
                os.fchmod(fd, mode)
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(fd, rest) :]
            os.fsync(fd)
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    finally:
        with suppress(OSError):  # gone once it was renamed
            os.unlink(temporary, dir_fd=folder)


def kind(mode: int) -> str:
    """What a file that is not a regular one is, for messages."""
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket"}
    return kinds.get(stat.S_IFMT(mode), "a device")
