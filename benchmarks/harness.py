"""Let the contenders of a row take turns, and judge what they took."""

from __future__ import annotations

import math
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Contender", "Estimate", "Result", "Row", "Target", "Verdict", "measure"]

ROOT = Path(__file__).resolve().parent.parent


def _nothing(folder: Path) -> None:
    """Prepare nothing."""


class Target(NamedTuple):
    """A promise about the ratio of two contenders, or of two ratios."""

    this: str
    over: str
    limit: float
    at_least: bool = False
    """Whether the ratio must be at least ``limit``, rather than at most."""
    against: tuple[str, str] | None = None
    """Two contenders whose ratio divides the first one: how things grow, rather than how long they take."""

    def __str__(self) -> str:
        ratio = f"{self.this} ÷ {self.over}"
        if self.against:
            ratio = f"({ratio}) ÷ ({' ÷ '.join(self.against)})"
        return f"{ratio} {'≥' if self.at_least else '≤'} {self.limit:g}"


Contender: TypeAlias = "Callable[[Path], Callable[[], object]]"


class Row(NamedTuple):
    """One kind of work and those who do it; see the package's docstring."""

    name: str
    title: str
    contenders: Mapping[str, Contender]
    targets: tuple[Target, ...] = ()
    prepare: Callable[[Path], None] = _nothing
    inner: int = 1
    unit: str = "s"


class Estimate(NamedTuple):
    """A median, and the interval that holds the true one with 95 % confidence, whatever the distribution."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, samples: Sequence[float]) -> Estimate:
        """Estimate from samples: the interval is a pair of order statistics."""
        ordered = sorted(samples)
        rank = max(0, math.floor(len(ordered) / 2 - 0.98 * math.sqrt(len(ordered))))
        return cls(median(ordered), ordered[rank], ordered[-1 - rank])


class Verdict(NamedTuple):
    """What became of a target; ``ratio`` is missing where one of its contenders is."""

    target: Target
    ratio: Estimate | None

    @property
    def word(self) -> str:
        """``met``, ``missed``, or ``unsure`` where the limit lies inside the interval."""
        if self.ratio is None:
            return "not measured"
        if self.ratio.low < self.target.limit < self.ratio.high:
            return "unsure"
        return "met" if (self.ratio.median >= self.target.limit) == self.target.at_least else "missed"


class Result(NamedTuple):
    """What a row took for one unit of work, round by round: seconds of CPU, or what the row counts instead."""

    row: Row
    samples: dict[str, list[float]]
    missing: dict[str, str]
    """Why a contender could not take part."""

    def verdicts(self) -> list[Verdict]:
        """Each target of the row, judged."""
        return [Verdict(target, self._ratio(target)) for target in self.row.targets]

    def _ratio(self, target: Target) -> Estimate | None:
        this, over = self.samples.get(target.this), self.samples.get(target.over)
        if not this or not over:
            return None
        ratios = [a / b for a, b in zip(this, over, strict=True)]
        if target.against:
            above, below = (self.samples[name] for name in target.against)
            ratios = [ratio * b / a for ratio, a, b in zip(ratios, above, below, strict=True)]
        return Estimate.of(ratios)


class _Worker:
    """One contender in a process of its own; see ``worker.py``."""

    def __init__(self, module: str, row: Row, contender: str, folder: str) -> None:
        command = [sys.executable, "-m", "benchmarks.worker", module, row.name, contender, folder]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._into, self._out = self._process.stdin, self._process.stdout
        self.trouble = self._out.readline().strip().removeprefix("ready")

    def round(self) -> float:
        """Seconds of CPU that one call took, on average over a round, or what it counted instead."""
        self._into.write("round\n")
        self._into.flush()
        return float(self._out.readline())

    def close(self) -> None:
        """Let the process end."""
        self._into.close()
        self._out.close()
        self._process.wait()


def measure(module: str, row: Row, rounds: int) -> Result:
    """Run ``rounds`` rounds of a row; the contenders take turns, and each round another one begins."""
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="orket-bench-"))
        row.prepare(Path(folder))
        workers: dict[str, _Worker] = {}
        missing: dict[str, str] = {}
        for contender in row.contenders:
            worker = _Worker(module, row, contender, folder)
            stack.callback(worker.close)
            if worker.trouble:
                missing[contender] = worker.trouble
            else:
                workers[contender] = worker
        samples: dict[str, list[float]] = {contender: [] for contender in workers}
        order = list(workers)
        for number in range(rounds):
            first = number % len(order) if order else 0
            for contender in order[first:] + order[:first]:
                samples[contender].append(workers[contender].round() / row.inner)
    return Result(row, samples, missing)
