"""A million attempts to lead a read or a write out of the workspace by swapping what is on its way."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from unittest.mock import patch

from orket.core import ToolError, Workspace, beneath
from orket.core.openat2 import why_not
from stress import swapper
from stress.share import share
from stress.swapper import INSIDE, SECRET, SWAPS

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["main"]

ATTEMPTS = 1_000_000
NAIVE_PART = 0.5  # of as many attempts as each way of a workspace gets
LEAST_NAIVE = 0.05
WAYS = ("kernel", "walk")
ACTS = ("read", "write")


class Cell(NamedTuple):
    """What came of the attempts of one kind."""

    kind: str
    act: str
    way: str
    attempts: int
    raced: int
    """Attempts during which something was swapped."""
    inside: int
    escaped: int

    def __str__(self) -> str:
        refused = self.attempts - self.inside - self.escaped
        counts = f"{self.attempts:>9,}{self.raced:>9,}{self.inside:>9,}{refused:>9,}{self.escaped:>9,}"
        return f"{self.kind:<8}{self.act:<7}{self.way:<8}{counts}"


def main(argv: list[str]) -> int:
    """Print the counts; 0 where nothing escaped, and at least 5 % of the raced attempts of the naive control did."""
    attempts = int(ATTEMPTS * share(argv, __doc__ or ""))
    ways = [way for way in WAYS if way != "kernel" or not why_not()]
    if len(ways) < len(WAYS):
        print(f"kernel: not tried, {why_not()}")
    each = -(-attempts // (len(SWAPS) * len(ACTS) * len(ways)))
    began = time.monotonic()
    words = "".join(f"{word:>9}" for word in ("attempts", "raced", "inside", "refused", "escaped"))
    print(f"{'swap':<8}{'act':<7}{'way':<8}{words}")
    cells: list[Cell] = []
    naive: list[Cell] = []
    for kind in SWAPS:
        for act in ACTS:
            for way in ways:
                cells.append(_confined(kind, act, way, each))
                print(cells[-1], flush=True)
            naive.append(_naive(kind, act, max(1, int(each * NAIVE_PART))))
            print(naive[-1], flush=True)
    tried, escaped = sum(cell.attempts for cell in cells), sum(cell.escaped for cell in cells)
    raced = sum(cell.raced for cell in cells)
    print(
        f"{tried:,} attempts in {time.monotonic() - began:.0f} seconds, {raced:,} of them raced: {escaped:,} escaped"
    )
    rate = _control(naive)
    idle = [f"{cell.kind}/{cell.act}/{cell.way}" for cell in cells if not cell.inside]
    if idle:
        print(f"never inside, so it shows nothing: {', '.join(idle)}")
    return 1 if escaped or idle or rate < LEAST_NAIVE else 0


def _control(cells: list[Cell]) -> float:
    """Which part of the naive attempts escaped, of those during which something was swapped."""
    escaped, raced = sum(cell.escaped for cell in cells), sum(cell.raced for cell in cells)
    tried = sum(cell.attempts for cell in cells)
    rate = escaped / max(raced, 1)
    print(f"naive control: {escaped:,} of {tried:,} attempts escaped, {escaped / tried:.1%}")
    print(f"of the {raced:,} that were raced, {rate:.1%}: below {LEAST_NAIVE:.0%} the run would show nothing")
    return rate


def _confined(kind: str, act: str, way: str, attempts: int) -> Cell:
    """Attempts through a workspace."""
    came, raced = Counter[str](), 0
    with _swapping(kind) as (top, path, swaps), _opened_by(way), Workspace(top / "work") as workspace:
        outside = _state(top)
        # How long the disk takes is not what is tried here.
        with patch("os.fsync"):
            for _ in range(attempts):
                before = swaps[0]
                with contextlib.suppress(ToolError):
                    if act == "read":
                        came[workspace.read_text(path)] += 1
                    else:
                        workspace.write_text(path, INSIDE)
                        came[INSIDE] += 1
                raced += swaps[0] != before
        escaped = came[SECRET] + len(_state(top) ^ outside)
    return Cell(kind, act, way, attempts, raced, came[INSIDE], escaped)


def _naive(kind: str, act: str, attempts: int) -> Cell:
    """Attempts as everybody writes them first: resolve, see that it is inside and a file, then open it."""
    came, raced = Counter[bool](), 0
    with _swapping(kind) as (top, path, swaps):
        root = (top / "work").resolve()
        for _ in range(attempts):
            before = swaps[0]
            with contextlib.suppress(OSError):
                file = (root / path).resolve()
                if file.is_relative_to(root) and file.is_file():
                    with file.open("r+" if act == "write" else "r") as opened:
                        came[opened.read() == SECRET] += 1
            raced += swaps[0] != before
    return Cell(kind, act, "naive", attempts, raced, came[False], came[True])


@contextlib.contextmanager
def _swapping(kind: str) -> Generator[tuple[Path, str, memoryview[int]]]:
    """A fresh tree, the path in it that is swapped until the block ends, and how often it was."""
    with tempfile.TemporaryDirectory(prefix="orket-stress-") as folder:
        path = swapper.lay_out(kind, Path(folder))
        command = [sys.executable, swapper.__file__, kind, folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"swapping\n"
            try:
                yield Path(folder), path, swapper.counter(Path(folder))
                assert process.poll() is None, "the swaps ended before the attempts did"
            finally:
                process.kill()


def _opened_by(way: str) -> contextlib.AbstractContextManager[object]:
    if way == "kernel":
        return contextlib.nullcontext()
    return patch.object(beneath, "open_in_kernel", return_value=None)


def _state(top: Path) -> set[tuple[str, str]]:
    """Everything outside, and what it holds."""
    outside = top / "outside"
    return {(str(path), path.read_text() if path.is_file() else "") for path in outside.rglob("*")}
