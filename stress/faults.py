"""Every fault of the process runner's matrix twenty times in one shuffled order, with the event loop looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from stress.share import share

__all__ = ["main"]

TIMES = 20
MATRIX = Path(__file__).parent.parent / "packages/orket_runner_process/tests/test_fault_matrix.py"


def main(argv: list[str]) -> int:
    """Print the counts; 0 where each fault had its promised outcome each time, and the loop never waited for one."""
    times = max(1, round(TIMES * share(argv, __doc__ or "")))
    return int(pytest.main([str(MATRIX), f"--faults={times}", "--quiet", "-rP", "-k", "every_fault"]))
