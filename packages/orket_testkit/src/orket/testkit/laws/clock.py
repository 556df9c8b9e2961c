"""Another time, for whatever asks for it in this process."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import ModuleType

__all__ = ["MOMENTS", "at"]

MOMENTS = ("2020-02-29T23:59:58+00:00", "2033-07-04T03:30:31+00:00")
"""Two moments that have little in common."""


def at(moment: str) -> AbstractContextManager[object]:
    """Within the block it is ``moment``, and time goes on from there."""
    with _without_pytest():
        import time_machine
    return time_machine.travel(moment)


@contextmanager
def _without_pytest() -> Generator[None]:
    """Where pytest is not in use already, importing time_machine imports all of it, for nothing."""
    if "pytest" in sys.modules:
        yield
        return
    modules = cast("dict[str, ModuleType | None]", sys.modules)
    modules["pytest"] = None  # which is how Python says "not to be found"
    try:
        yield
    finally:
        del modules["pytest"]
