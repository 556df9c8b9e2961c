"""The law that importing a node does nothing but define it."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from orket.core.proving import contained, describe, load_object
from orket.testkit.findings import Broken
from orket.testkit.laws.state import changes, process
from orket.testkit.laws.watch import watched

if TYPE_CHECKING:
    from collections.abc import Generator

    from orket.testkit.subject import Plan, Subject

__all__ = ["import_quiet"]

_EXPECTED = "an import that only defines"


def import_quiet(subject: Subject, _plan: Plan) -> None:
    """Import the node for the first time in this process, and compare the process before and after."""
    before = process()
    with _printed() as printed, watched() as deeds, contained() as guard:
        load_object(subject.ref)
    if guard.error is not None:
        # Says to whoever runs the checks that there is no use in the others.
        raise Broken(
            f"importing it raised {describe(guard.error.__cause__ or guard.error)}",
            expected=_EXPECTED,
            trace={"ended": "raised"},
        )
    if deeds:
        raise Broken(f"importing it {deeds[0]}", expected=_EXPECTED)
    if printed[0]:
        raise Broken(f"importing it printed {printed[0]:,} bytes", expected=_EXPECTED)
    if changed := changes(before):
        raise Broken(f"importing it changed {changed[0]}", expected=_EXPECTED)


@contextmanager
def _printed() -> Generator[list[int]]:
    """How many bytes reach the standard streams within the block, by whatever way."""
    sizes: list[int] = []
    with tempfile.TemporaryFile() as file:
        kept = [os.dup(1), os.dup(2)]
        _flush()
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
        try:
            yield sizes
        finally:
            _flush()
            for stream, original in zip((1, 2), kept, strict=True):
                os.dup2(original, stream)
                os.close(original)
            sizes.append(os.fstat(file.fileno()).st_size)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contained():
            stream.flush()
