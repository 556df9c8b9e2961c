"""The process of one contender: ``python -m benchmarks.worker MODULE ROW CONTENDER FOLDER``.

It says ``ready``, or why it cannot be; then for each line it is given it runs a round and says how many seconds of
CPU one call took, those of the processes that it started among them. Where the row counts something else than
seconds, a round is one call, and it says what the call gave.
"""

from __future__ import annotations

import gc
import os
import sys
from functools import partial
from importlib import import_module
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from time import process_time
from typing import TYPE_CHECKING, SupportsFloat, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.harness import Row

_ROUND = 0.02  # seconds


def _calls_a_round(work: Callable[[], object]) -> int:
    calls = 1
    while _time(work, calls) * calls < _ROUND:
        calls *= 2
    return calls


def _time(work: Callable[[], object], calls: int) -> float:
    gc.collect()
    gc.disable()
    start = _cpu()
    for _ in range(calls):
        work()
    elapsed = _cpu() - start
    gc.enable()
    return elapsed / calls


def _cpu() -> float:
    children = getrusage(RUSAGE_CHILDREN)
    return process_time() + children.ru_utime + children.ru_stime


def _count(work: Callable[[], object]) -> float:
    return float(cast("SupportsFloat", work()))


def main(module: str, row_name: str, contender: str, folder: str) -> None:
    """Answer on the standard output; what the contender prints goes to the error output."""
    with os.fdopen(os.dup(1), "w", buffering=1) as answer:
        os.dup2(2, 1)
        rows: tuple[Row, ...] = import_module(module).ROWS
        (row,) = (row for row in rows if row.name == row_name)
        try:
            work = row.contenders[contender](Path(folder))
        except ImportError as error:
            answer.write(f"not installed: {error.name or error}\n")
            return
        work()
        measure = partial(_time, work, _calls_a_round(work)) if row.unit == "s" else partial(_count, work)
        answer.write("ready\n")
        for _ in sys.stdin:
            answer.write(f"{measure()!r}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
