"""Find every node, with nothing kept from before."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from benchmarks.harness import Row, Target
from benchmarks.sites import contenders, fill, installed

if TYPE_CHECKING:
    from pathlib import Path


def _site(folder: Path) -> list[str]:
    return [str(folder / "site")]


def _real(_: Path) -> list[str]:
    return list(sys.path)


def _prepare(folder: Path) -> None:
    fill(folder / "site", 500)


ROWS = (
    Row(
        name="discovery-cold-500",
        title="discover, 500 distributions",
        contenders=contenders(_site),
        targets=(
            Target("orket", over="bare scan", limit=1.4),
            Target("importlib.metadata", over="orket", limit=8, at_least=True),
        ),
        prepare=_prepare,
    ),
    Row(
        name="discovery-cold-real",
        title=f"discover in this environment, {installed()} distributions",
        contenders=contenders(_real),
        targets=(
            Target("orket", over="bare scan", limit=1.4),
            Target("importlib.metadata", over="orket", limit=5.5, at_least=True),
        ),
    ),
)
