"""Open a path beneath a folder without leaving it, whatever is done to the tree meanwhile.

Resolving a path first and opening it afterwards loses: a folder swapped for a link in between leads anywhere. Where
the kernel has ``openat2``, it does the whole way in one call with ``RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS``.
Elsewhere the path is walked one component at a time, each opened relative to the folder before it and never through a
link. Links are read and their components walked from where the link stands. Both give the same answers and errors.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from orket.core.openat2 import open_in_kernel

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

__all__ = ["FOLDER", "closing", "open_beneath", "split", "supported", "walk_beneath"]

_MOST_LINKS = 40  # as many as Linux follows

if sys.platform == "win32":
    FOLDER = _NOFOLLOW = 0
else:
    _NOFOLLOW = os.O_NOFOLLOW
    # Passing through a folder takes permission to search it, not to read it; O_PATH asks for just that.
    FOLDER = os.O_DIRECTORY | (os.O_PATH if sys.platform == "linux" else os.O_RDONLY)


def supported() -> bool:
    """Whether this platform opens files relative to an open folder."""
    return os.open in os.supports_dir_fd


@contextmanager
def closing(fd: int) -> Generator[int]:
    """Close a descriptor when the block ends."""
    try:
        yield fd
    finally:
        os.close(fd)


def split(path: str) -> list[str]:
    """The components of a path; a ``/`` or ``.`` at its end stays as a last ``.``, because it demands a folder."""
    names = path.split("/")
    parts = [name for name in names if name not in ("", ".")]
    return [*parts, "."] if names[-1] in ("", ".") else parts


def open_beneath(root: int, parts: Sequence[str], flags: int) -> int:
    """Open what ``parts`` lead to, in the kernel where it can, else by ``walk_beneath``, which says the rest."""
    opened = open_in_kernel(root, "/".join(parts), flags)
    return walk_beneath(root, parts, flags) if opened is None else opened


def walk_beneath(root: int, parts: Sequence[str], flags: int) -> int:
    """Open what ``parts`` lead to, starting at the open folder ``root`` and never leaving it.

    Args:
        root: descriptor of the folder; it stays open.
        parts: components as ``split`` gives them, at least one.
        flags: of ``os.open``, for the last component; nothing is ever created.

    Returns:
        A descriptor that the caller closes. It is not inherited by child processes.

    Raises:
        OSError: EXDEV where ``..`` or a link leads out of the folder, ELOOP after 40 links, else what ``os.open`` met.
    """
    todo: list[str] = list(reversed(parts))
    walked: list[str] = []
    links = 0
    here = root
    try:
        while True:
            part = todo.pop()
            if part == "..":
                if not walked:
                    raise _os_error(errno.EXDEV)
                # Start again along the names walked so far: the ``..`` of a folder that was moved meanwhile is
                # anywhere, and a descriptor kept for each level would run out on a deep path.
                todo = (todo or ["."]) + walked[:-1][::-1]
                walked = []
                here = _leave(here, root)
            elif part != "." or not todo:
                try:
                    opened = os.open(part, (FOLDER if todo else flags) | _NOFOLLOW, dir_fd=here)
                except OSError:
                    target = _link_target(part, here)
                    if target is None:
                        raise
                    links += 1
                    if links > _MOST_LINKS:
                        raise _os_error(errno.ELOOP) from None
                    if target.startswith("/"):
                        raise _os_error(errno.EXDEV) from None
                    todo += reversed(split(target))
                    continue
                if not todo:
                    return opened
                _leave(here, root)
                here = opened
                walked.append(part)
    finally:
        _leave(here, root)


def _leave(here: int, root: int) -> int:
    if here != root:
        os.close(here)
    return root


def _link_target(name: str, folder: int) -> str | None:
    try:
        return os.readlink(name, dir_fd=folder)
    except OSError:  # no link: what opening it said stands
        return None


def _os_error(code: int) -> OSError:
    return OSError(code, os.strerror(code))
