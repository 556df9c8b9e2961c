"""Import judged files from their judged bytes, so that the byte judged is the byte run.

Python would take a cached ``.pyc`` for a source file of the right size and time, whatever the cache holds; and a file
can change between being judged and being imported. Here a module is compiled from its source, and only from bytes
whose hash is the one that was judged.
"""

from __future__ import annotations

import sys
from hashlib import sha256
from importlib.abc import MetaPathFinder
from importlib.machinery import SourceFileLoader
from importlib.util import spec_from_file_location
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType

__all__ = ["import_from"]


def import_from(sources: Mapping[str, tuple[str, str]]) -> None:
    """From now on, import these modules from these bytes alone.

    Args:
        sources: by its path as imports see it, with forward slashes: where each file is on disk, and its SHA-256 in
            hexadecimal. Files that are no Python source are passed over.
    """
    _finder.expect({_module(name): judged for name, judged in sources.items() if name.endswith(".py")})
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)


def _module(name: str) -> str:
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


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
        return spec_from_file_location(fullname, file, loader=_Loader(fullname, file, expected))


class _Loader(SourceFileLoader):
    def __init__(self, fullname: str, path: str, expected: str) -> None:
        super().__init__(fullname, path)
        self._expected = expected

    def get_code(self, fullname: str) -> CodeType:
        data = self.get_data(self.path)
        if sha256(data).hexdigest() != self._expected:
            raise ImportError(f"{self.path} has changed since it was judged", name=fullname, path=self.path)
        return self.source_to_code(data, self.path)


_finder = _Finder()
