"""What no tool writes, because Orket itself reads it: configuration, state, installed distributions.

Judged by what is open, not by how it was spelt: a link to ``.orket``, a mount of it elsewhere and, where the file
system ignores case, ``.ORKET`` are all the same folder with the same device and inode.
"""

from __future__ import annotations

import os
import unicodedata
from typing import TYPE_CHECKING, TypeAlias

from orket.core.beneath import FOLDER
from orket.core.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["STATE", "Protected", "is_temporary", "temporary_name"]

STATE = ".orket"
_CONFIGURATION = "orket.toml"

_Identity: TypeAlias = tuple[int, int]
"""Device and inode."""


class Protected:
    """The files and folders of one workspace that are never written, existing or not."""

    def __init__(self, root: str, paths: Iterable[str | os.PathLike[str]]) -> None:
        named = (os.path.abspath(path) for path in paths)
        self.paths = (os.path.join(root, _CONFIGURATION), os.path.join(root, STATE), *named)
        self._above = {_identity(folder) for folder in _parents(os.path.realpath(root))}

    def check_names(self, parts: Sequence[str], shown: str) -> None:
        """Refuse the names that are Orket's in every folder, before anything is opened or made."""
        if any(_plain(part) in (_CONFIGURATION, STATE) for part in parts):
            raise _refusal(shown)
        if any(is_temporary(part) for part in parts):
            raise ToolError(
                f"cannot write {shown}: such names are for Orket's temporary files; choose another name"
            )

    def check(self, folder: int, name: str, root: int, shown: str) -> None:
        """Refuse to create or replace ``name`` in the open ``folder`` when Orket reads it or the folder.

        Args:
            folder: descriptor of the folder that would change.
            name: the entry that would be created or replaced.
            root: descriptor of the workspace, where the way up from ``folder`` ends.
            shown: the path as messages show it.

        Raises:
            ToolError: it is protected, or the folder is not in the workspace any more.
        """
        # Looked up each time: an editor that saves the configuration gives it a new inode.
        paths = [os.path.realpath(path) for path in self.paths]
        identities = {_identity(path) for path in paths} - {None}
        entries = {(_identity(os.path.dirname(path)), _plain(os.path.basename(path))) for path in paths}
        if (
            (_identity_of(os.fstat(folder)), _plain(name)) in entries
            or _identity(name, folder) in identities
            or not identities.isdisjoint(self._above)
            or any(place in identities or is_state for place, is_state in _way_up(folder, root, shown))
        ):
            raise _refusal(shown)


def temporary_name() -> str:
    """A new name for a file that is renamed once it is complete."""
    return f".orket-{os.urandom(8).hex()}.tmp"


def is_temporary(name: str) -> bool:
    """Whether ``temporary_name`` makes names like this one."""
    return name.startswith(".orket-") and name.endswith(".tmp")


def _way_up(folder: int, root: int, shown: str) -> Iterator[tuple[_Identity, bool]]:
    """Each folder from ``folder`` to ``root``, and whether it is the ``.orket`` of the one above."""
    top = _identity_of(os.fstat(root))
    fd = os.open(".", FOLDER, dir_fd=folder)
    try:
        here = _identity_of(os.fstat(fd))
        while here != top:
            above = os.open("..", FOLDER, dir_fd=fd)
            os.close(fd)
            fd = above
            yield here, here == _identity(STATE, fd)
            below, here = here, _identity_of(os.fstat(fd))
            if here == below:  # the top of the file system
                raise ToolError(f"cannot write {shown}: its folder was moved out of the workspace meanwhile")
        yield here, False
    finally:
        os.close(fd)


def _parents(path: str) -> Iterator[str]:
    while (parent := os.path.dirname(path)) != path:
        yield parent
        path = parent


def _identity(path: str, folder: int | None = None) -> _Identity | None:
    try:
        return _identity_of(os.stat(path, dir_fd=folder))
    except OSError:
        return None


def _identity_of(status: os.stat_result) -> _Identity:
    return status.st_dev, status.st_ino


def _plain(name: str) -> str:
    """A name as the most forgiving file system compares it: no case, no invisible characters, no dot or space last."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(char for char in plain if unicodedata.category(char) != "Cf").rstrip(". ")


def _refusal(shown: str) -> ToolError:
    return ToolError(
        f"cannot write {shown}: Orket itself reads it (configuration, state or an installed package); "
        "choose another place"
    )
