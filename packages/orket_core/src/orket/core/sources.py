"""Import judged files from their judged bytes, so that the byte judged is the byte run.

Python would take a cached ``.pyc`` for a source file of the right size and time, whatever the cache holds; and a file
can change between being judged and being imported. Here a module is compiled from its source, and only from bytes
whose hash is the one that was judged.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import sha256
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder, SourceFileLoader
from importlib.util import spec_from_file_location
from typing import TYPE_CHECKING

from orket.core.errors import Diagnostic, ResolutionError
from orket.core.payload import module_of

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType

__all__ = ["check_imported", "import_from"]


@contextmanager
def import_from(sources: Mapping[str, tuple[str, str]]) -> Generator[None]:
    """Import these modules from these bytes alone.

    In the block that is so whatever comes first on the path. Afterwards it is so wherever the path leads to them:
    distributions ship modules called ``tests`` or ``utils``, and an application has modules of its own.

    Args:
        sources: by its path as imports see it, with forward slashes: where each file is on disk, and its SHA-256 in
            hexadecimal. Files that are no Python source are passed over.
    """
    _finder.expect({module_of(name): judged for name, judged in sources.items() if name.endswith(".py")})
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)
    token = _first.set(True)
    try:
        yield
    finally:
        _first.reset(token)


def check_imported(sources: Mapping[str, tuple[str, str]], module: str) -> None:
    """See that what is imported of these modules already is what was judged, as far as that can be told.

    Args:
        sources: as ``import_from`` takes them.
        module: the one that holds the node. Of its package, nothing may have come from elsewhere; modules of other
            packages may, since they can be the application's own.

    Raises:
        ResolutionError: ``broken-node``, for a module that is imported from another file or from other bytes.
    """
    package = module.partition(".")[0]
    for source, (file, expected) in sources.items():
        name = module_of(source)
        spec = getattr(sys.modules.get(name), "__spec__", None) if source.endswith(".py") else None
        loader, origin = getattr(spec, "loader", None), getattr(spec, "origin", None)
        if isinstance(loader, _Loader):
            found = "" if loader.expected == expected else "what this file held before"
        elif isinstance(origin, str) and name.partition(".")[0] == package:
            found = "" if _folder(origin) == _folder(file) else origin
        else:
            continue
        if found:
            message = f"Module '{name}' is imported already, and not from what was judged."
            hint = "start the process again, and let nothing else of that name come first on the path"
            raise ResolutionError(Diagnostic("broken-node", message, looked_in=file, found=found, hint=hint))


_first = ContextVar("_first", default=False)
"""Whether what was judged comes before everything else of its name."""


class _Finder(MetaPathFinder):
    def __init__(self) -> None:
        self._expected: dict[str, tuple[str, str]] = {}

    def expect(self, modules: Mapping[str, tuple[str, str]]) -> None:
        self._expected |= modules

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in self._expected:
            return None
        file, expected = self._expected[fullname]
        if not _first.get() and not _leads_to(file, fullname, path):
            return None
        return spec_from_file_location(fullname, file, loader=_Loader(fullname, file, expected))


def _leads_to(file: str, fullname: str, path: Sequence[str] | None) -> bool:
    """Whether the path has ``file``: of modules at the top the first of that name, of others any."""
    if path is None:
        found = PathFinder.find_spec(fullname)
        # Where the path has none, some other finder may know it.
        return found is None or (found.origin is not None and _folder(found.origin) == _folder(file))
    home = os.path.dirname(file.removesuffix("/__init__.py"))
    return os.path.realpath(home) in map(os.path.realpath, path)


def _folder(file: str) -> str:
    return os.path.dirname(os.path.realpath(file))


class _Loader(SourceFileLoader):
    def __init__(self, fullname: str, path: str, expected: str) -> None:
        super().__init__(fullname, path)
        self.expected = expected

    def get_code(self, fullname: str) -> CodeType:
        data = self.get_data(self.path)
        if sha256(data).hexdigest() != self.expected:
            raise ImportError(f"{self.path} has changed since it was judged", name=fullname, path=self.path)
        return self.source_to_code(data, self.path)


_finder = _Finder()
