"""A copy of a folder to work in, and what changed in it, told by the bytes on disk alone."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from orket.core import ConfigError, Diagnostic

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

__all__ = ["Change", "changes", "copied", "scratch", "snapshot"]

SKIPPED = frozenset({".git", ".hg", ".nox", ".tox", ".venv", "__pycache__", "node_modules"})
MOST_BYTES = 256 * 1024 * 1024
MOST_FILES = 20_000


class Change(NamedTuple):
    """One file that is not what it was. Digests are SHA-256 in hexadecimal, empty where there is no file."""

    path: str
    before: str
    after: str

    @property
    def kind(self) -> str:
        """``new``, ``changed`` or ``gone``."""
        return "new" if not self.before else "changed" if self.after else "gone"


@contextmanager
def scratch() -> Generator[str]:
    """A temporary folder that is gone afterwards; its path has no symbolic link in it."""
    # A call that was given up may still write while the folder is being removed.
    with TemporaryDirectory(prefix="orket-demo-", ignore_cleanup_errors=True) as folder:
        yield os.path.realpath(folder)


def copied(folder: str, to: str) -> str:
    """Copy what people keep in a folder, without what tools leave there, to a new folder ``to``.

    Links are copied as links; sockets, pipes and devices are left out.

    Returns:
        ``to``.

    Raises:
        ConfigError: there is no such folder, it cannot be read, or it is too large to be copied on a whim.
    """
    try:
        entries = list(_within_limits(folder))
        os.mkdir(to)
        for entry in entries:
            target = os.path.join(to, os.path.relpath(entry.path, folder))
            if entry.is_dir(follow_symlinks=False):
                os.mkdir(target)
            else:
                shutil.copy2(entry.path, target, follow_symlinks=False)
    except OSError as error:
        raise ConfigError(
            Diagnostic(
                "invalid-config",
                f"The workspace cannot be copied: {error.strerror}.",
                asked_by="--workspace",
                looked_in=os.path.abspath(error.filename or folder),
                hint="name an existing folder whose files may be read",
            )
        ) from error
    return to


def snapshot(folder: str) -> dict[str, str]:
    """The SHA-256 of each file in a folder, by its path in there with ``/``; of a link, that of where it points to."""
    taken: dict[str, str] = {}
    for entry in _entries(folder):
        if entry.is_symlink():
            content = b"link to " + os.fsencode(os.readlink(entry.path))
        elif entry.is_file():
            with open(entry.path, "rb") as file:
                content = file.read()
        else:
            continue
        taken[os.path.relpath(entry.path, folder).replace(os.sep, "/")] = hashlib.sha256(content).hexdigest()
    return taken


def changes(before: dict[str, str], after: dict[str, str]) -> tuple[Change, ...]:
    """What differs between two snapshots, by path."""
    return tuple(
        Change(path, before.get(path, ""), after.get(path, ""))
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    )


def _entries(folder: str, skipped: frozenset[str] = frozenset()) -> Iterator[os.DirEntry[str]]:
    """Folders, files and links below a folder, each folder before what is in it."""
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        mode = entry.stat(follow_symlinks=False).st_mode
        if entry.name in skipped or not (stat.S_ISDIR(mode) or stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
            continue
        yield entry
        if stat.S_ISDIR(mode):
            yield from _entries(entry.path, skipped)


def _within_limits(folder: str) -> Iterator[os.DirEntry[str]]:
    size = 0
    for count, entry in enumerate(_entries(folder, SKIPPED), 1):
        size += entry.stat(follow_symlinks=False).st_size
        if size > MOST_BYTES or count > MOST_FILES:
            raise ConfigError(
                Diagnostic(
                    "invalid-config",
                    "The workspace is too large to be copied.",
                    asked_by="--workspace",
                    looked_in=os.path.abspath(folder),
                    found=f"more than {MOST_BYTES >> 20} MiB"
                    if size > MOST_BYTES
                    else f"more than {MOST_FILES:,} files",
                    hint="name the folder that the session worked in, or a part of it",
                )
            )
        yield entry
