"""A path as a way from an open folder, and in words for a model what goes wrong on it."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from orket.core.beneath import FOLDER, closing, open_beneath, split
from orket.core.errors import ToolError
from orket.core.protected import STATE, is_temporary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

__all__ = ["Folder", "Place", "checked", "outside", "shown"]

_LONGEST_PATH = 4095  # bytes; what one call of the kernel takes
_LONGEST_SHOWN = 120  # characters
_MOST_COMPARED = 2_000  # names, some 0.1 seconds

_REASONS = {
    errno.ELOOP: "it goes through more than 40 symbolic links",
    errno.ENAMETOOLONG: "a name in it is too long",
    errno.ENOTDIR: "a file stands where a folder is needed",
    errno.ENXIO: "it is a socket or a device, not a regular file",
}


class Folder:
    """An open folder. Its descriptor is closed with the last call that uses it, so no call meets a reused number."""

    __slots__ = ("_spellings", "fd", "path", "title")

    def __init__(self, fd: int, path: str, title: str) -> None:
        """Take over a descriptor.

        Args:
            fd: of the folder; closed with this object.
            path: its absolute path.
            title: how messages call it, for example ``the workspace``.
        """
        self.fd = fd
        self.path = path
        self.title = title
        self._spellings = [
            [name for name in spelling.split("/") if name] for spelling in (path, os.path.realpath(path))
        ]

    def __del__(self, close: Callable[[int], None] = os.close) -> None:
        close(self.fd)

    def parts_of(self, path: str) -> list[str] | None:
        """The components of an absolute path from here on, or None where, as it is spelt, it is not inside."""
        parts = split(path)
        for base in self._spellings:
            if parts[: len(base)] == base:
                return parts[len(base) :] or ["."]
        return None


class Place(NamedTuple):
    """A path that was asked for: where it starts, its components, and how messages show it."""

    folder: Folder
    parts: list[str]
    shown: str

    def open(self, flags: int) -> int:
        """A descriptor of what is there, whatever it is, without waiting for it.

        Raises:
            OSError: as ``open_beneath`` does.
        """
        return open_beneath(self.folder.fd, self.parts, flags | os.O_NONBLOCK | os.O_NOCTTY)

    def names(self) -> list[str]:
        """The sorted names in the folder that is there, without Orket's temporary files."""
        with closing(self.open(os.O_RDONLY | os.O_DIRECTORY)) as folder:
            return sorted(_readable(name) for name in os.listdir(folder) if not is_temporary(name))

    def files(self) -> Iterator[str]:
        """Each regular file that is there or below, as a path from here; ``.`` where it is itself one.

        Folders are opened one at a time and beneath where this path starts, so that neither a deep tree nor one that
        is changed meanwhile leads anywhere else. What cannot be read by then is passed over.

        Raises:
            OSError: nothing is there, or it cannot be read.
        """
        try:
            os.close(open_beneath(self.folder.fd, self.parts, FOLDER))
        except NotADirectoryError:
            with closing(self.open(os.O_RDONLY)) as here:
                is_file = stat.S_ISREG(os.fstat(here).st_mode)
            yield from ["."] * is_file
            return
        todo = [""]
        while todo:
            folder = todo.pop()
            try:
                files, folders = self._kinds(folder)
            except OSError:
                if folder:
                    continue
                raise
            yield from (f"{folder}{name}" for name in files)
            todo += (f"{folder}{name}/" for name in reversed(folders))

    def _kinds(self, folder: str) -> tuple[list[str], list[str]]:
        """The sorted names of the files and of the folders in a folder; links are neither."""
        names: tuple[list[str], list[str]] = [], []
        parts = [*self.parts, *split(folder)]
        with closing(open_beneath(self.folder.fd, parts, os.O_RDONLY | os.O_DIRECTORY)) as fd:
            for name in sorted(os.listdir(fd)):
                if name == STATE or is_temporary(name) or name != _readable(name):
                    continue
                with suppress(OSError):
                    mode = os.stat(name, dir_fd=fd, follow_symlinks=False).st_mode
                    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
                        names[stat.S_ISDIR(mode)].append(name)
        return names

    def explaining(self, verb: str) -> _Explaining:
        """A block in which an ``OSError`` becomes a ``ToolError`` that tells why nothing was read, written, listed."""
        return _Explaining(self, verb)

    def explain(self, verb: str, error: OSError) -> str:
        """Why the system would not ``verb`` what is there."""
        if error.errno == errno.EXDEV:
            return self._leads_out()
        reason = self._missing() if error.errno == errno.ENOENT else _REASONS.get(error.errno or 0)
        return f"cannot {verb} {self.shown}: {reason or error.strerror}"

    def _leads_out(self) -> str:
        if os.path.normpath("/".join(self.parts)).split("/")[0] == "..":
            return outside(self.shown)
        return f"{self.shown} leads outside {self.folder.title} through a symbolic link; give a path that stays inside"

    def _missing(self) -> str:
        for depth in reversed(range(len(self.parts))):
            with suppress(OSError):
                try:
                    names = self._replace(parts=self.parts[:depth] or ["."]).names()
                except PermissionError:  # it is there, so what is missing is missing in it
                    names = []
                name = self.parts[depth]
                if name in names:
                    return "a symbolic link in it leads nowhere"
                where = repr("/".join(self.parts[:depth])) if depth else self.folder.title
                return f"there is no {name!r} in {where}{_alike(name, names)}"
        return f"{self.folder.title} cannot be read"


class _Explaining:
    """No generator: from Python 3.12 on it would tie the error to itself, and so keep folders open."""

    __slots__ = ("_place", "_verb")

    def __init__(self, place: Place, verb: str) -> None:
        self._place = place
        self._verb = verb

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, OSError):
            raise ToolError(self._place.explain(self._verb, error)) from error


def checked(path: str | os.PathLike[str]) -> str:
    """The text of a path that the system can be asked about.

    Raises:
        ToolError: it is empty, too long, or has characters that no name has.
    """
    text = os.fspath(path)
    if not text:
        raise ToolError("the path is empty; give a path inside the workspace, '.' for the workspace itself")
    if "\0" in text:
        raise ToolError(f"{shown(text)} has a NUL character, which no path has; remove it")
    try:
        length = len(text.encode())
    except UnicodeEncodeError:
        raise ToolError(f"{shown(text)} has a lone surrogate, which is not a character; remove it") from None
    if length > _LONGEST_PATH:
        raise ToolError(
            f"{shown(text)} is too long: {length:,} bytes, and a path has at most {_LONGEST_PATH:,}"
        )
    return text


def shown(path: str | os.PathLike[str]) -> str:
    """A path for a message: quoted, on one line, cut in the middle when it is long."""
    text = os.fspath(path)
    half = _LONGEST_SHOWN // 2
    return repr(text if len(text) <= _LONGEST_SHOWN else f"{text[:half]}…{text[-half:]}")


def outside(shown: str, *, references: bool = False) -> str:
    """The refusal of a path that is outside."""
    return f"{shown} is outside the workspace{' and its references' if references else ''}; give a path inside it"


def _readable(name: str) -> str:
    return os.fsencode(name).decode(errors="backslashreplace")


def _alike(name: str, names: list[str]) -> str:
    by_fold = {known.casefold(): known for known in names}
    near = [name.casefold()] if name.casefold() in by_fold else []
    if not near and len(by_fold) <= _MOST_COMPARED:
        near = get_close_matches(name.casefold(), by_fold, n=1)
    return f"; did you mean {by_fold[near[0]]!r}?" if near else ""
