"""Measure the rows that are named, or all of them, and print the table."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from benchmarks.harness import Estimate, Result, Row, measure

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
FEWEST_ROUNDS = 31


def rows() -> Iterator[tuple[str, Row]]:
    """Every row, with the module that it stands in."""
    for found in iter_modules([str(HERE)], "benchmarks."):
        if not found.name.endswith("__main__"):
            for row in getattr(import_module(found.name), "ROWS", ()):
                yield found.name, row


def table(result: Result) -> str:
    """The row as text: what each contender took, then what became of the targets."""
    unit = result.row.unit
    lines = [f"{result.row.name}: {result.row.title}"]
    estimates = {name: Estimate.of(samples) for name, samples in result.samples.items()}
    width = max(map(len, result.row.contenders))
    first = next(iter(estimates.values()), None)
    for name in result.row.contenders:
        if name in estimates and first:
            took = estimates[name]
            middle, low, high = (_amount(amount, unit) for amount in took)
            times = took.median / first.median
            lines.append(f"  {name:<{width}}  {middle:>9}  {f'[{low}, {high}]':<24}  {times:8.2f} x")
        else:
            lines.append(f"  {name:<{width}}  {result.missing[name]}")
    for target, ratio, word in (
        (verdict.target, verdict.ratio, verdict.word) for verdict in result.verdicts()
    ):
        was = f": {ratio.median:.2f} [{ratio.low:.2f}, {ratio.high:.2f}]" if ratio else ""
        lines.append(f"  {word.upper():<12}  {target}{was}")
    return "\n".join(lines) + "\n"


def _amount(amount: float, unit: str) -> str:
    if unit != "s":
        return f"{amount:,.0f} {unit}"
    for name, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if amount * factor >= 1:
            return f"{amount * factor:.2f} {name}"
    return f"{amount * 1e9:.1f} ns"


def as_json(results: list[Result], rounds: int) -> dict[str, object]:
    """The run as a record: what each contender took, and the targets with what became of them."""
    measured: dict[str, object] = {}
    for result in results:
        contenders: dict[str, object] = {name: {"missing": why} for name, why in result.missing.items()}
        for name, samples in result.samples.items():
            took = Estimate.of(samples)
            contenders[name] = {"samples": len(samples), "median": took.median, "interval": took[1:]}
        targets = [
            {"target": str(v.target), "verdict": v.word, "ratio": v.ratio and v.ratio._asdict()}
            for v in result.verdicts()
        ]
        row = result.row
        measured[row.name] = {
            "title": row.title,
            "unit": row.unit,
            "contenders": contenders,
            "targets": targets,
        }
    machine = {"system": platform.platform(), "cpus": os.cpu_count(), "python": platform.python_version()}
    timestamp = datetime.now(UTC).isoformat(timespec="seconds")
    return {"timestamp_utc": timestamp, "machine": machine, "config": {"rounds": rounds}, "results": measured}


def main() -> int:
    """Run the command line; 2 when a row does not exist, 0 otherwise: a missed target is a finding, not a failure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "rows", nargs="*", metavar="ROW", help="names of rows, or how they begin; all when absent"
    )
    parser.add_argument("--rounds", type=int, default=FEWEST_ROUNDS, help="rounds for each row (%(default)s)")
    parser.add_argument("--out", metavar="NAME", help="also write benchmarks/results/<date>_NAME.json")
    asked = parser.parse_args()
    known = list(rows())
    wanted = [
        (module, row) for module, row in known if not asked.rows or row.name.startswith(tuple(asked.rows))
    ]
    if not wanted:
        parser.error(f"no such row; there are: {', '.join(row.name for _, row in known)}")
    if asked.rounds < FEWEST_ROUNDS:
        sys.stdout.write(
            f"{asked.rounds} rounds are a try, no measurement: take at least {FEWEST_ROUNDS}.\n\n"
        )
    results: list[Result] = []
    for module, row in wanted:
        results.append(measure(module, row, asked.rounds))
        sys.stdout.write(table(results[-1]) + "\n")
        sys.stdout.flush()
    words = [verdict.word for result in results for verdict in result.verdicts()]
    counts = ", ".join(f"{words.count(word)} {word}" for word in ("met", "unsure", "missed", "not measured"))
    sys.stdout.write(f"targets: {counts}\n")
    if asked.out:
        file = HERE / "results" / f"{datetime.now(UTC):%Y-%m-%d}_{asked.out}.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(as_json(results, asked.rounds), indent=2, ensure_ascii=False) + "\n")
        sys.stdout.write(f"written: {file.relative_to(HERE.parent)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
