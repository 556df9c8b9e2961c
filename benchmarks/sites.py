"""Site directories to look through, and those who look: shared by the rows about discovery."""

from __future__ import annotations

import importlib
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from importlib.abc import InspectLoader
    from pathlib import Path

    from benchmarks.harness import Contender

__all__ = ["GROUP", "contenders", "fill", "installed"]

GROUP = "orket.tool_strategy"
# What loads entry points is given a group without any, so that it is timed for the search alone.
_EMPTY_GROUP = "orket.nothing"


def fill(site: Path, count: int) -> None:
    """Lay out distributions that each have a script; one in a hundred has a node too, the first has the default."""
    site.mkdir()
    for number in range(count):
        name = "orket_core" if number == 0 else f"package_{number:04}"
        (site / name).mkdir()
        info = site / f"{name}-1.{number}.dist-info"
        info.mkdir()
        head = f"Metadata-Version: 2.4\nName: {name.replace('_', '-')}\nVersion: 1.{number}\n"
        (info / "METADATA").write_text(head + "Requires-Dist: else\n" * 20 + "\n" + "A description.\n" * 200)
        (info / "RECORD").write_text(f"{name}/__init__.py,,\n" * 20)
        entry_points = f"[console_scripts]\nscript-{number} = {name}.cli:main\n"
        if number % 100 == 0:
            node = "default" if number == 0 else f"node-{number}"
            entry_points += f"\n[{GROUP}]\n{node} = collections:OrderedDict\n"
        (info / "entry_points.txt").write_text(entry_points)


def installed() -> int:
    """How many distributions this environment has."""
    folders = {os.path.realpath(entry) for entry in sys.path if os.path.isdir(entry)}
    return sum(
        name.endswith((".dist-info", ".egg-info")) for folder in folders for name in os.listdir(folder)
    )


def _bare_scan(path: Iterable[str]) -> Callable[[], object]:
    """List each folder, and open, read and close each ``entry_points.txt``: the least that any answer costs."""
    entries = list(path)

    def work() -> None:
        for entry in entries:
            try:
                children = os.listdir(entry or ".")
            except OSError:
                continue
            for child in children:
                if child.endswith((".dist-info", ".egg-info")):
                    try:
                        file = os.open(f"{entry}/{child}/entry_points.txt", os.O_RDONLY)
                    except OSError:
                        continue
                    os.read(file, 65536)
                    os.close(file)

    return work


def _orket_cold(path: Iterable[str]) -> Callable[[], object]:
    """The scan of Orket, with nothing kept from before; to resolve from names is a matter of microseconds."""
    from orket.core.discovery import discover

    sys.path[:] = path
    return lambda: discover(fresh=True)


def _importlib_standard(path: Iterable[str]) -> Callable[[], object]:
    """``importlib.metadata`` of the standard library."""
    from importlib.metadata import entry_points

    return _cold(path, lambda: entry_points(group=GROUP))


# Peers are imported by name, so that the type checkers need none of them.


def _importlib_backport(path: Iterable[str]) -> Callable[[], object]:
    """``importlib_metadata``, which newer Pythons take over."""
    entry_points = import_module("importlib_metadata").entry_points
    return _cold(path, lambda: entry_points(group=GROUP))


def _stevedore_cold(path: Iterable[str], folder: Path) -> Callable[[], object]:
    """Stevedore's search of all groups, without its cache on disk."""
    (folder / "no-cache").mkdir(exist_ok=True)
    (folder / "no-cache" / ".disable").touch()
    make_cache = import_module("stevedore._cache").Cache
    return _cold(path, lambda: make_cache(str(folder / "no-cache")).get_group_all(GROUP))


def _stevedore_warm(path: Iterable[str], folder: Path) -> Callable[[], object]:
    """Stevedore's answer from its cache on disk, as a fresh process gets it."""
    make_cache = import_module("stevedore._cache").Cache
    return _cold(path, lambda: make_cache(str(folder / "cache")).get_group_all(GROUP))


def _pluggy_load(path: Iterable[str]) -> Callable[[], object]:
    """``PluginManager.load_setuptools_entrypoints`` of a group that has no entry points."""
    make_manager = import_module("pluggy").PluginManager
    import_module("importlib.metadata")  # pluggy imports it on demand
    return _cold(path, lambda: make_manager("orket").load_setuptools_entrypoints(_EMPTY_GROUP))


def _catalogue_import(path: Iterable[str]) -> Callable[[], object]:
    """Catalogue searches while its module is executed."""
    catalogue = import_module("catalogue")
    loader = cast("InspectLoader", catalogue.__loader__)
    return _cold(path, lambda: loader.exec_module(catalogue))


def contenders(folder_of: Callable[[Path], Iterable[str]], suffix: str = "") -> dict[str, Contender]:
    """All who look, each for the path that ``folder_of`` gives for the folder of the row."""
    return {
        f"bare scan{suffix}": lambda folder: _bare_scan(folder_of(folder)),
        f"orket{suffix}": lambda folder: _orket_cold(folder_of(folder)),
        f"importlib.metadata{suffix}": lambda folder: _importlib_standard(folder_of(folder)),
        f"importlib_metadata{suffix}": lambda folder: _importlib_backport(folder_of(folder)),
        f"stevedore, no cache{suffix}": lambda folder: _stevedore_cold(folder_of(folder), folder),
        f"stevedore, warm cache{suffix}": lambda folder: _stevedore_warm(folder_of(folder), folder),
        f"pluggy{suffix}": lambda folder: _pluggy_load(folder_of(folder)),
        f"catalogue{suffix}": lambda folder: _catalogue_import(folder_of(folder)),
    }


def _cold(path: Iterable[str], search: Callable[[], object]) -> Callable[[], object]:
    sys.path[:] = path

    def work() -> None:
        importlib.invalidate_caches()  # the finders remember folders that have not changed
        search()

    return work
