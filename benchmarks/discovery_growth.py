"""How finding a node grows with the number of distributions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.harness import Row, Target
from benchmarks.sites import contenders, fill

if TYPE_CHECKING:
    from pathlib import Path

FEW, MANY = 10, 2000


def _prepare(folder: Path) -> None:
    fill(folder / "few", FEW)
    fill(folder / "many", MANY)


ROWS = (
    Row(
        name="discovery-growth",
        title=f"discover, {MANY} against {FEW} distributions",
        contenders={
            **contenders(lambda folder: [str(folder / "few")], f", {FEW}"),
            **contenders(lambda folder: [str(folder / "many")], f", {MANY}"),
        },
        targets=(
            Target(
                f"orket, {MANY}",
                over=f"orket, {FEW}",
                against=(f"bare scan, {MANY}", f"bare scan, {FEW}"),
                limit=1,
            ),
        ),
        prepare=_prepare,
    ),
)
