"""The process of one contender: ``python -m benchmarks.worker MODULE ROW CONTENDER FOLDER``.

It says ``ready``, or why it cannot be; then for each line it is given it runs a round and says how many seconds of
CPU one call took.
"""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from pathlib import Path
from time import process_time_ns
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.harness import Row

_ROUND_NS = 20_000_000


def _calls_a_round(work: Callable[[], object]) -> int:
    calls = 1
    while _time(work, calls) < _ROUND_NS:
        calls *= 2
    return calls


def _time(work: Callable[[], object], calls: int) -> int:
    gc.collect()
    gc.disable()
    start = process_time_ns()
    for _ in range(calls):
        work()
    elapsed = process_time_ns() - start
    gc.enable()
    return elapsed


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
        calls = _calls_a_round(work)
        answer.write("ready\n")
        for _ in sys.stdin:
            answer.write(f"{_time(work, calls) / calls / 1e9!r}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
