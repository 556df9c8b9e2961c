"""The one way to files: every open of a tool goes through a ``Workspace``.

Reads stay in the workspace and its references, writes in the workspace, and nothing is written that Orket itself
reads. Whatever is refused is a ``ToolError`` whose text tells the model what to do instead.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeAlias

from orket.core.beneath import FOLDER, closing, open_beneath, split, supported
from orket.core.errors import ConfigError, Diagnostic, ToolError
from orket.core.openat2 import why_not
from orket.core.outputs import path_of, store
from orket.core.place import Folder, Place, checked, outside, shown
from orket.core.protected import Protected
from orket.core.replacing import kind, replace, replaceable

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from typing import Self

__all__ = ["Workspace"]

StrPath: TypeAlias = "str | os.PathLike[str]"
Names: TypeAlias = list[str]  # inside the class ``list`` is the method

_READ_LIMIT = 16 * 1024 * 1024
_CHUNK = 1024 * 1024


class Workspace:
    """A folder that tools may read and write, and reference folders that they may read.

    Safe to use from several threads at once. A path is text: relative ones start at the workspace, absolute ones
    must be inside it or, for reading, inside a reference. Symbolic links are followed as long as they stay inside.
    """

    def __init__(
        self, root: StrPath = ".", *, references: Iterable[StrPath] = (), protected: Iterable[StrPath] = ()
    ) -> None:
        """Open the folders; they stay the same ones when somebody renames them later.

        Args:
            root: an existing folder.
            references: existing folders that may be read besides.
            protected: files and folders, existing or not, that are never written: the configuration in use, the
                database, installed distributions. Always protected are any ``orket.toml`` and any ``.orket``.

        Raises:
            ConfigError: a folder is not there, or this platform has no file access relative to an open folder.
        """
        if not supported():
            raise ConfigError(
                Diagnostic(
                    "invalid-config",
                    "A workspace cannot be confined on this platform: it does not open files relative to a folder.",
                    hint="run on Linux or macOS; on Windows, inside WSL",
                )
            )
        folder = _open_folder(root, "root")
        self._path = folder.path
        self._root: Folder | None = folder
        self._references = tuple(_open_folder(path, "references") for path in references)
        self._protected = Protected(folder.path, protected)

    @property
    def root(self) -> str:
        """The workspace's absolute path."""
        return self._path

    @property
    def references(self) -> tuple[str, ...]:
        """The absolute paths of the folders that may be read besides."""
        return tuple(folder.path for folder in self._references)

    @property
    def protected(self) -> tuple[str, ...]:
        """The absolute paths of what is never written."""
        return self._protected.paths

    @staticmethod
    def opening() -> str:
        """How files are opened here, in plain words: by the kernel's ``openat2``, or else why not and how instead."""
        if not supported():
            return "not at all: this platform opens no files relative to a folder, so there is no workspace"
        reason = why_not()
        return f"by a walk of folder descriptors with O_NOFOLLOW: {reason}" if reason else "by openat2"

    def close(self) -> None:
        """Refuse every later call; calls under way end undisturbed. Closing twice is fine."""
        self._root = None
        self._references = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def relative(self, path: StrPath) -> str:
        """A path inside the workspace as it reads from there, with ``/``. Nothing is looked up.

        Raises:
            ToolError: the path is outside, or no path at all.
        """
        return "/".join(self._locate(path, writing=True).parts).removesuffix("/.")

    def read_bytes(self, path: StrPath, *, limit: int = _READ_LIMIT) -> bytes:
        """The content of a regular file.

        Args:
            path: in the workspace or a reference.
            limit: the most bytes that are read, 16 MiB unless told otherwise.

        Raises:
            ToolError: with the reason; a file longer than ``limit`` is refused, not cut.
        """
        place = self._locate(path)
        with place.explaining("read"), closing(place.open(os.O_RDONLY)) as file:
            status = os.fstat(file)
            if not stat.S_ISREG(status.st_mode):
                raise ToolError(
                    f"cannot read {place.shown}: it is {kind(status.st_mode)}, not a regular file"
                )
            # The file may grow while it is read, so its size alone does not settle it.
            content = b"" if status.st_size > limit else _read(file, limit + 1)
            if status.st_size > limit or len(content) > limit:
                raise ToolError(
                    f"cannot read {place.shown}: it has {max(status.st_size, len(content)):,} bytes "
                    f"and at most {limit:,} are read at once"
                )
            return content

    def read_text(self, path: StrPath, *, limit: int = _READ_LIMIT) -> str:
        """The content of a UTF-8 file, line ends and byte order mark as they are; else like ``read_bytes``."""
        content = self.read_bytes(path, limit=limit)
        try:
            return content.decode()
        except UnicodeDecodeError as error:
            raise ToolError(
                f"cannot read {shown(path)} as text: "
                f"byte 0x{content[error.start]:02x} at position {error.start:,} is not UTF-8"
            ) from None

    def write_bytes(self, path: StrPath, data: bytes) -> str:
        """Create or replace a file, wholly or not at all; missing folders on the way are made.

        A replaced file keeps its permissions and group, and its owner where this process may give files to it.

        Returns:
            The path relative to the workspace.

        Raises:
            ToolError: with the reason; a file that was there is unchanged.
        """
        place = self._locate(path, writing=True)
        name = place.parts[-1]
        if name in (".", ".."):
            raise ToolError(f"cannot write {place.shown}: it names a folder; add the name of a file")
        self._protected.check_names(place.parts, place.shown)
        with place.explaining("write"), closing(self._parent(place)) as folder:
            self._protected.check(folder, name, place.folder.fd, place.shown)
            replace(folder, name, data, replaceable(folder, name, place.shown))
        return "/".join(place.parts)

    def write_text(self, path: StrPath, text: str) -> str:
        """Write text as UTF-8, line ends as they are; else like ``write_bytes``."""
        try:
            data = text.encode()
        except UnicodeEncodeError as error:
            raise ToolError(
                f"cannot write {shown(path)}: the text has a lone surrogate at position {error.start:,}; remove it"
            ) from None
        return self.write_bytes(path, data)

    def list(self, path: StrPath = ".") -> Names:
        r"""The sorted names in a folder, without Orket's own temporary files.

        Bytes of a name that are not UTF-8 show as ``\xff``; such a file cannot be opened by its name.
        """
        place = self._locate(path)
        with place.explaining("list"):
            return place.names()

    def walk(self, path: StrPath = ".") -> Iterator[str]:
        """Each regular file in a folder and below, sorted, as a path that ``read_text`` takes; links are not followed.

        A path of a file gives that file. Passed over are what cannot be opened, and Orket's own files on the way.
        """
        place = self._locate(path)
        start = "" if place.shown in ("'.'", "'./'") else f"{os.fspath(path).rstrip('/')}/"
        with place.explaining("search"):
            for file in place.files():
                yield os.fspath(path) if file == "." else f"{start}{file}"

    @contextmanager
    def folder(self, path: StrPath = ".") -> Generator[int]:
        """A descriptor of a folder in the workspace, for as long as the block lasts.

        Raises:
            ToolError: with the reason.
        """
        place = self._locate(path, writing=True)
        with place.explaining("open"):
            fd = open_beneath(place.folder.fd, place.parts, FOLDER)
        with closing(fd):
            yield fd

    def keep(self, call_id: str, text: str) -> str:
        """Keep the whole output of a call under ``.orket``, where tools may read it and none may write it.

        Returns:
            The path relative to the workspace.

        Raises:
            ToolError: the workspace is closed.
            OSError: it cannot be kept.
        """
        store(self._locate(".").folder.fd, call_id, text)
        return path_of(call_id)

    def _locate(self, path: StrPath, *, writing: bool = False) -> Place:
        text, root = checked(path), self._root
        if root is None:
            raise ToolError("the workspace is closed; no file is read or written any more")
        if not text.startswith("/"):
            return Place(root, split(text), shown(text))
        references = () if writing else self._references
        for folder in (root, *references):
            parts = folder.parts_of(text)
            if parts is not None:
                return Place(folder, parts, shown(text))
        raise ToolError(outside(shown(text), references=bool(references)))

    def _parent(self, place: Place) -> int:
        folders, root = place.parts[:-1], place.folder.fd
        try:
            return open_beneath(root, folders or ["."], FOLDER)
        except FileNotFoundError:
            for depth, name in enumerate(folders):
                with closing(open_beneath(root, folders[:depth] or ["."], FOLDER)) as above:
                    self._protected.check(above, name, root, place.shown)
                    with suppress(FileExistsError):
                        os.mkdir(name, dir_fd=above)
            return open_beneath(root, folders, FOLDER)


def _open_folder(path: StrPath, setting: str) -> Folder:
    absolute = os.path.abspath(path)
    try:
        fd = os.open(absolute, FOLDER)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError(
            Diagnostic(
                "invalid-config",
                f"The workspace's {setting} {absolute!r} cannot be opened as a folder.",
                looked_in=os.path.dirname(absolute),
                found=reason or "",
                hint=f"create the folder, or set '{setting}' under [workspace] to one that exists",
            )
        ) from error
    return Folder(fd, absolute, "the workspace" if setting == "root" else "the reference")


def _read(file: int, most: int) -> bytes:
    chunks: list[bytes] = []
    while most > 0 and (chunk := os.read(file, min(most, _CHUNK))):
        chunks.append(chunk)
        most -= len(chunk)
    return b"".join(chunks)
