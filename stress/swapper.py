"""Swaps what a path leads to, over and over. Run as a process of its own: threads of one interpreter take turns."""

from __future__ import annotations

import ctypes
import mmap
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

SECRET = "SECRET"  # noqa: S105 - a text that must not be read
INSIDE = "inside"
_EXCHANGE = 2
_HERE = -100  # AT_FDCWD


def lay_out(kind: str, top: Path) -> str:
    """Make a workspace ``work`` beside what must not be reached, ``outside``; the path that will be swapped."""
    for folder, text in (
        ("work/spot", INSIDE),
        ("work/up/spot", INSIDE),
        ("outside", SECRET),
        ("outside/spot", SECRET),
    ):
        (top / folder).mkdir(parents=True)
        (top / folder / "file").write_text(text)
    (top / "work/file").write_text(INSIDE)
    (top / "work/trap").symlink_to("../outside")
    (top / "work/link").symlink_to("../outside/file")
    (top / "parked").symlink_to("../outside")
    return {"folder": "spot/file", "file": "file", "storm": "spot/file", "parent": "up/spot/../spot/file"}[
        kind
    ]


def exchange(one: str, other: str) -> None:
    """Let two entries change places: in one step where the system can."""
    if _renameat2 is not None:
        _renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE)
    else:
        os.rename(one, "between")
        os.rename(other, one)
        os.rename("between", other)


def swap_folder() -> None:
    """A folder with a link that leads out."""
    exchange("work/spot", "work/trap")


def swap_file() -> None:
    """A file with a link that leads out."""
    exchange("work/file", "work/link")
    if not (os.path.islink("work/file") or os.path.islink("work/link")):  # a write has replaced the link
        os.symlink("../outside/file", "between")
        os.rename("between", "work/link")


def storm() -> None:
    """A folder with a link that leads out, one rename after the other: for moments nothing is there."""
    os.rename("work/spot", "work/between")
    while True:
        try:
            os.rename("work/trap", "work/spot")
            break
        except OSError:  # a write that found nothing there made a folder
            shutil.rmtree("work/spot", ignore_errors=True)
    os.rename("work/between", "work/trap")


def replace_parent() -> None:
    """A folder on the way is moved out of the workspace, and a link that leads out takes its place."""
    exchange("work/up", "parked")


SWAPS: dict[str, Callable[[], None]] = {
    "folder": swap_folder,
    "file": swap_file,
    "storm": storm,
    "parent": replace_parent,
}


def _find_renameat2() -> Callable[[int, bytes, int, bytes, int], int] | None:
    found: Callable[[int, bytes, int, bytes, int], int] | None = getattr(ctypes.CDLL(None), "renameat2", None)
    return found


_renameat2 = _find_renameat2()


def counter(top: Path) -> memoryview[int]:
    """How often was swapped, as the one item of memory that two processes share."""
    with (top / "swaps").open("a+b") as file:
        file.truncate(8)
        return memoryview(mmap.mmap(file.fileno(), 8)).cast("Q")


if __name__ == "__main__":
    os.chdir(sys.argv[2])
    swap, swaps = SWAPS[sys.argv[1]], counter(Path())
    print("swapping", flush=True)
    while True:
        swap()
        swaps[0] += 1
