"""Replace a file wholly or not at all, and only one that may be replaced."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress

from orket.core.beneath import closing
from orket.core.errors import ToolError
from orket.core.protected import temporary_name

__all__ = ["kind", "replace", "replaceable"]

_ACCESS_LIST = "system.posix_acl_access"


def replaceable(folder: int, name: str, shown: str) -> os.stat_result | None:
    """The file that is about to be replaced, ``None`` where there is none.

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
    return status


def replace(folder: int, name: str, data: bytes, old: os.stat_result | None) -> None:
    """Put ``data`` in the place of ``name``, which is ``old``, in one step, when all of it is on the disk."""
    temporary = temporary_name()
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666, dir_fd=folder)
    try:
        with closing(fd):
            if old is not None:
                _let_in(fd, folder, name, old)
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(fd, rest) :]
            os.fsync(fd)
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    finally:
        with suppress(OSError):  # gone once it was renamed
            os.unlink(temporary, dir_fd=folder)


def _let_in(fd: int, folder: int, name: str, old: os.stat_result) -> None:
    """Let those read and write the new file who could the old one; never anybody else."""
    access_list = _access_list(folder, name)
    mode = stat.S_IMODE(old.st_mode) & 0o777
    if not _owned(fd, old):
        # Its group is another one, which was among all others before.
        mode, access_list = mode & 0o707 | (mode & 0o007) << 3, None
    os.fchmod(fd, mode)
    if access_list is not None:
        os.setxattr(fd, _ACCESS_LIST, access_list)


def _owned(fd: int, old: os.stat_result) -> bool:
    """Whether the new file could be given the group of the old one, and its owner where that is allowed."""
    for owner in (old.st_uid, -1):
        with suppress(PermissionError):
            os.fchown(fd, owner, old.st_gid)
            return True
    return False


def _access_list(folder: int, name: str) -> bytes | None:
    """The access control list of a file; where it has one, its mode says nothing of its group."""
    if sys.platform != "linux":
        return None
    try:
        return os.getxattr(f"/proc/self/fd/{folder}/{name}", _ACCESS_LIST, follow_symlinks=False)
    except OSError:  # no list, or no such lists on this file system
        return None


def kind(mode: int) -> str:
    """What a file that is not a regular one is, for messages."""
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket"}
    return kinds.get(stat.S_IFMT(mode), "a device")
