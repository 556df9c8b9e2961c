"""The one way to files: every open of a tool goes through a ``Workspace``.

Reads stay in the workspace and its references, writes in the workspace, and nothing is written that Orket itself
reads. Whatever is refused is a ``ToolError`` whose text tells the model what to do instead.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from orket.core.beneath import FOLDER, closing, open_beneath, split, supported
from orket.core.errors import ConfigError, Diagnostic, ToolError, closest
from orket.core.protected import Protected, is_temporary, temporary_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType

__all__ = ["Workspace"]

StrPath: TypeAlias = "str | os.PathLike[str]"
Names: TypeAlias = list[str]  # inside the class ``list`` is the method

_READ_LIMIT = 16 * 1024 * 1024
_LONGEST_PATH = 4095  # bytes; what openat2 takes
_CHUNK = 1024 * 1024

_REASONS = {
    errno.ELOOP: "it goes through more than 40 symbolic links",
    errno.ENAMETOOLONG: "a name in it is too long",
    errno.ENOTDIR: "a file stands where a folder is needed",
    errno.ENXIO: "it is a socket or a device, not a regular file",
}


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
        self._root: _Folder | None = _open_folder(root, "root")
        self._references = tuple(_open_folder(path, "references") for path in references)
        self._protected = Protected(self._root.path, protected)

    @property
    def root(self) -> str:
        """The workspace's absolute path."""
        return self._open_root().path

    def close(self) -> None:
        """Refuse every later call; calls under way end undisturbed. Closing twice is fine."""
        self._root = None
        self._references = ()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def relative(self, path: StrPath) -> str:
        """A path inside the workspace as it reads from there, with ``/``. Nothing is looked up.

        Raises:
            ToolError: the path is outside, or no path at all.
        """
        return "/".join(self._locate(path, writing=True).parts)

    def read_bytes(self, path: StrPath, *, limit: int = _READ_LIMIT) -> bytes:
        """The content of a regular file.

        Args:
            path: in the workspace or a reference.
            limit: the most bytes that are read, 16 MiB unless told otherwise.

        Raises:
            ToolError: with the reason; a file longer than ``limit`` is refused, not cut.
        """
        place = self._locate(path)
        with _in_words("read", place), closing(place.open(os.O_RDONLY)) as file:
            status = os.fstat(file)
            if not stat.S_ISREG(status.st_mode):
                raise ToolError(f"cannot read {place.shown}: it is {_kind(status.st_mode)}, not a regular file")
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
                f"cannot read {_shown(path)} as text: "
                f"byte 0x{content[error.start]:02x} at position {error.start:,} is not UTF-8"
            ) from None

    def write_bytes(self, path: StrPath, data: bytes) -> str:
        """Create or replace a file, wholly or not at all; missing folders on the way are made.

        A replaced file keeps its permissions; owner and extended attributes are those of a new file.

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
        with _in_words("write", place), closing(self._parent(place)) as folder:
            self._protected.check(folder, name, place.folder.fd, place.shown)
            _replace(folder, name, data, _replaced_mode(folder, name, place.shown))
        return "/".join(place.parts)

    def write_text(self, path: StrPath, text: str) -> str:
        """Write text as UTF-8, line ends as they are; else like ``write_bytes``."""
        try:
            data = text.encode()
        except UnicodeEncodeError as error:
            raise ToolError(
                f"cannot write {_shown(path)}: the text has a lone surrogate at position {error.start:,}; remove it"
            ) from None
        return self.write_bytes(path, data)

    def list(self, path: StrPath = ".") -> Names:
        """The sorted names in a folder, without Orket's own temporary files.

        Bytes of a name that are not UTF-8 show as ``\\xff``; such a file cannot be opened by its name.
        """
        place = self._locate(path)
        with _in_words("list", place):
            return place.names()

    def _open_root(self) -> _Folder:
        root = self._root
        if root is None:
            raise ToolError("the workspace is closed")
        return root

    def _locate(self, path: StrPath, *, writing: bool = False) -> _Place:
        root = self._open_root()
        text, shown = _checked(path), _shown(path)
        if not text.startswith("/"):
            return _Place(root, split(text), shown)
        for folder in (root,) if writing else (root, *self._references):
            parts = folder.parts_of(text)
            if parts is not None:
                return _Place(folder, parts, shown)
        raise ToolError(_outside(shown, self._references and not writing))

    def _parent(self, place: _Place) -> int:
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
