"""The whole of a text that was cut: kept in the workspace, where tools may read it and none may write it."""

from __future__ import annotations

import os
import re
from contextlib import suppress

from orket.core.beneath import closing

__all__ = ["path_of", "store"]

_FOLDERS = (".orket", "outputs")
_MOST_KEPT = 100
_UNFIT = re.compile(r"[^a-zA-Z0-9_-]")
# O_NOFOLLOW: a link in this place would lead what Orket writes to wherever it points.
_OPEN_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL


def path_of(call_id: str) -> str:
    """Where the whole output of a call is kept, relative to its workspace."""
    return "/".join((*_FOLDERS, f"{_UNFIT.sub('_', call_id)[:64]}.txt"))


def store(root: int, call_id: str, text: str) -> None:
    """Keep ``text`` beneath the open folder ``root``, and of what was kept before only the newest.

    Raises:
        OSError: there is no room, no permission, or something else stands in the place.
    """
    with closing(_folder(root, _FOLDERS[0])) as state, closing(_folder(state, _FOLDERS[1])) as folder:
        with suppress(FileExistsError):
            _write(folder, ".gitignore", b"*\n")
        kept = [name for name in os.listdir(folder) if name.endswith(".txt")]
        kept.sort(key=lambda name: _written(folder, name))
        for name in kept[: max(0, len(kept) + 1 - _MOST_KEPT)]:
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=folder)
        _write(folder, os.path.basename(path_of(call_id)), text.encode())


def _folder(above: int, name: str) -> int:
    with suppress(FileExistsError):
        os.mkdir(name, dir_fd=above)
    return os.open(name, _OPEN_FOLDER, dir_fd=above)


def _written(folder: int, name: str) -> int:
    """When a file was written; before all others where another call has removed it meanwhile."""
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime_ns
    except FileNotFoundError:
        return 0


def _write(folder: int, name: str, data: bytes) -> None:
    fd = os.open(name, _NEW_FILE, 0o600, dir_fd=folder)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
    except OSError:
        os.unlink(name, dir_fd=folder)
        raise
