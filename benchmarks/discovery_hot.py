"""Find a node again, with nothing changed since."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from benchmarks.harness import Row, Target
from benchmarks.sites import GROUP, fill

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _stats(folder: Path) -> Callable[[], object]:
    path = [*sys.path, str(folder / "site")]

    def work() -> None:
        for entry in path:
            try:
                os.stat(entry)
            except OSError:
                continue

    return work


def _discover(folder: Path) -> Callable[[], object]:
    from orket.core.discovery import discover

    sys.path.append(str(folder / "site"))
    return discover


def _resolve(folder: Path) -> Callable[[], object]:
    from orket.core.discovery import discover
    from orket.core.families import TOOL_STRATEGY
    from orket.core.resolver import resolve
    from orket.core.settings import Settings

    settings = Settings()
    sys.path.append(str(folder / "site"))
    return lambda: resolve(TOOL_STRATEGY, settings, discover())


def _stevedore(folder: Path) -> Callable[[], object]:
    make_manager = import_module("stevedore").DriverManager
    sys.path.append(str(folder / "site"))
    return lambda: make_manager(GROUP, "node-100")


def _prepare(folder: Path) -> None:
    fill(folder / "site", 500)


ROWS = (
    Row(
        name="discovery-hot",
        title="discover again, 500 distributions and this environment, nothing changed",
        contenders={
            "bare stats of sys.path": _stats,
            "orket discover": _discover,
            "orket discover, resolve": _resolve,
            "stevedore DriverManager": _stevedore,
        },
        targets=(Target("orket discover", over="bare stats of sys.path", limit=1.5),),
        prepare=_prepare,
    ),
)
